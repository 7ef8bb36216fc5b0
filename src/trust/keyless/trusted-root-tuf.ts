import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' };
import { Updater } from 'tuf-js';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { serviceUrl } from './service-url.ts';
import { boundedFetcher, noFetcher } from './tuf-fetcher.ts';

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
  const repository = { url, folder: await cacheOf(url, rootFile, join(cacheFolder, 'tuf')) };
  try {
    return { content: await targetIn(repository), name: url };
  } catch (error) {
    const reason = messageOf(error);
    const kept = await keptIn(repository).catch(() => undefined);
    if (kept !== undefined) return { ...kept, name: url, offline: { reason, since: kept.since } };
    throw new PlimsollError('trust/tuf', `The trusted root cannot be had from ${url}: ${reason.slice(0, 300)}`, {
      hint: 'Offline, name a saved one: --trusted-root FILE. What was fetched earlier counts until its metadata expires.',
      kind: 'unavailable',
      cause: error,
    });
  }
}

interface Repository {
  readonly url: string;
  /** Where its files are kept. */
  readonly folder: string;
}

async function targetIn({ url, folder }: Repository, isOffline = false): Promise<Buffer> {
  const updater = new Updater({
    metadataBaseUrl: url,
    metadataDir: folder,
    targetBaseUrl: `${url}/targets`,
    targetDir: join(folder, 'targets'),
    fetcher: isOffline ? noFetcher : boundedFetcher,
    forceCache: isOffline,
  });
  await updater.refresh();
  const info = await updater.getTargetInfo(target);
  if (info === undefined) throw new Error(`it has no ${target}`);
  return readFile((await updater.findCachedTarget(info)) ?? (await updater.downloadTarget(info)));
}

/** Only with metadata that has not expired, and a target that is what the metadata says: both are checked again. */
async function keptIn(repository: Repository) {
  const content = await targetIn(repository, true);
  return { content, since: (await stat(join(repository.folder, 'timestamp.json'))).mtime };
}

/** A cache belongs to the root that it began with, and to a repository. */
async function cacheOf(url: string, rootFile: string | undefined, parent: string): Promise<string> {
  if (rootFile === undefined && url !== publicMirror) throw noRoot(url);
  const root =
    rootFile === undefined ? Buffer.from(seeds[publicMirror]['root.json'], 'base64') : await readRoot(rootFile);
  const name = rootFile === undefined ? 'public' : createHash('sha256').update(root).digest('hex').slice(0, 16);
  const { host, pathname } = new URL(url);
  const folder = join(parent, name, encodeURIComponent(`${host}${pathname.replace(/\/$/, '')}`));
  try {
    await mkdir(join(folder, 'targets'), { recursive: true });
    await writeFile(join(folder, 'root.json'), root, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unwritable(folder, error);
  }
  return folder;
}

async function readRoot(file: string): Promise<Buffer> {
  try {
    if ((await stat(file)).size > limits.trustedRootBytes) throw new Error('it is too large for a root');
    return await readFile(file);
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

function unwritable(folder: string, cause: unknown): PlimsollError {
  return new PlimsollError('trust/tuf', `"${folder}" cannot be written: ${messageOf(cause)}`, {
    hint: 'Name another folder for what is kept (XDG_CACHE_HOME), or a saved trusted root: --trusted-root FILE.',
    kind: 'unavailable',
    cause,
  });
}
