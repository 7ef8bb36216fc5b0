import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { initTUF } from '@sigstore/tuf';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { serviceUrl } from './service-url.ts';

export interface TufOptions {
  /** Where what was fetched is kept. */
  readonly cacheFolder: string;
  /** A TUF repository of a Sigstore deployment; that of the public one by default. */
  readonly mirror?: string | undefined;
  /** The file of the repository's root that is trusted; needed for any other than the public one. */
  readonly rootFile?: string | undefined;
}

/** A trusted root as it stands in a file, and where it came from. */
export interface FetchedRoot {
  readonly content: Buffer;
  readonly name: string;
  /** Set where the repository could not be reached and what was fetched earlier is used: why, and since when it is there. */
  readonly offline?: { readonly reason: string; readonly since: Date } | undefined;
}

const publicMirror = 'https://tuf-repo-cdn.sigstore.dev';
const target = 'trusted_root.json';

/**
 * The trusted root of a Sigstore deployment by The Update Framework. Where the repository cannot be reached, what was
 * fetched earlier counts as long as its own metadata says so.
 *
 * @throws PlimsollError `trust/tuf`
 */
export async function fetchTrustedRoot({
  cacheFolder,
  mirror = publicMirror,
  rootFile,
}: TufOptions): Promise<FetchedRoot> {
  const url = serviceUrl(mirror, 'The address of the TUF repository').href.replace(/\/$/, '');
  if (rootFile === undefined && url !== publicMirror) throw noRoot(url);
  const options = {
    // A cache belongs to the root that it began with.
    cachePath: join(cacheFolder, 'tuf', rootFile === undefined ? 'public' : await digestOf(rootFile)),
    mirrorURL: url,
    ...(rootFile === undefined ? {} : { rootPath: rootFile }),
    timeout: limits.signingServiceMs,
    // Whoever is offline is not to wait for long.
    retry: 1,
  };
  try {
    const fresh = await initTUF({ ...options, forceCache: false });
    return { content: Buffer.from(await fresh.getTarget(target)), name: url };
  } catch (error) {
    const reason = messageOf(error);
    const kept = await fromCache(options).catch(() => undefined);
    if (kept !== undefined) return { ...kept, name: url, offline: { reason, since: kept.since } };
    throw new PlimsollError('trust/tuf', `The trusted root cannot be had from ${url}: ${reason.slice(0, 300)}`, {
      hint: 'Offline, name a saved one: --trusted-root FILE. What was fetched earlier counts until its metadata expires.',
      kind: 'unavailable',
      cause: error,
    });
  }
}

/** Only with metadata that has not expired, and a target that is what the metadata says: both are checked again. */
async function fromCache(options: { readonly cachePath: string; readonly mirrorURL: string }) {
  const cached = await initTUF({ ...options, forceCache: true, retry: 0 });
  const content = Buffer.from(await cached.getTarget(target));
  // Where the library keeps it: in a folder named for the repository.
  const { host, pathname } = new URL(options.mirrorURL);
  const folder = join(options.cachePath, encodeURIComponent(`${host}${pathname.replace(/\/$/, '')}`));
  return { content, since: (await stat(join(folder, 'timestamp.json'))).mtime };
}

async function digestOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
      .slice(0, 16);
  } catch (error) {
    throw new PlimsollError('trust/tuf', `The root ${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Name the root.json that came from whoever runs the Sigstore deployment.',
      cause: error,
    });
  }
}

function noRoot(mirror: string): PlimsollError {
  return new PlimsollError('trust/tuf', `Which root of ${mirror} is trusted is not said`, {
    hint: 'Name the root.json that came from whoever runs it: --tuf-root FILE',
  });
}
