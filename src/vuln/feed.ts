import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, PlimsollError } from '../error.ts';
import { fileAccess, readZip, unpackBudget, type ZipArchive, type ZipEntry } from '../image/index.ts';
import { limits } from '../limits.ts';
import { type DownloadOptions, downloadBytes, downloadFile, withoutCredentials } from './download.ts';
import { baseEcosystem, recordTooLarge } from './osv.ts';

/** OSV data in the layout of its public bucket (google.github.io/osv.dev, "Data dumps"), at an address or in a folder. */
export interface Feed {
  /** To show and to remember, without credentials. */
  readonly source: string;
  /** A file at the root; undefined if there is none. */
  file(name: string): Promise<Buffer | undefined>;
  /** The names in `ecosystems.txt`; where a folder has none, those of its subfolders that have an archive. */
  ecosystems(): Promise<readonly string[]>;
  /** `modified_id.csv`; undefined if there is none. */
  listing(ecosystem: string): Promise<Buffer | undefined>;
  /** Where `all.zip` is, on this machine. */
  archive(ecosystem: string, options?: Pick<DownloadOptions, 'signal' | 'onBytes'>): Promise<string>;
  /** Single records, in any order; without `json` if there is none of that id. */
  records(
    ecosystem: string,
    ids: readonly string[],
  ): AsyncGenerator<{ readonly id: string; readonly json: Buffer | undefined }>;
}

export const publicBucket = 'https://osv-vulnerabilities.storage.googleapis.com';

/** Records asked for at the same time. */
const together = 16;

/** `from`: an `http:`, `https:` or `file:` URL, or a folder. Archives are downloaded into `workFolder`. */
export function openFeed(from: string, workFolder: string, options: DownloadOptions): Feed {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return folderFeed(resolve(from));
  const url = URL.parse(from);
  if (url?.protocol === 'file:' && url.host === '') return folderFeed(fileURLToPath(url));
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return addressFeed(url, workFolder, options);
  throw noFeed(from, 'it is neither a folder nor an http: or https: address');
}

function addressFeed(base: URL, workFolder: string, options: DownloadOptions): Feed {
  const at = (...parts: readonly string[]) => {
    const url = new URL(base);
    url.pathname = [url.pathname.replace(/\/+$/, ''), ...parts.map(encodeURIComponent)].join('/');
    return url;
  };
  const bytes = (max: number, ...parts: readonly string[]) => downloadBytes(at(...parts), max, options);
  return {
    source: withoutCredentials(base).href.replace(/\/+$/, ''),
    file: (name) => bytes(limits.feedListBytes, name),
    async ecosystems() {
      const names = await bytes(limits.manifestBytes, 'ecosystems.txt');
      if (names === undefined) throw noFeed(withoutCredentials(base).href, 'it has no ecosystems.txt');
      return namesIn(names);
    },
    listing: (ecosystem) => bytes(limits.feedListBytes, ecosystem, 'modified_id.csv'),
    async archive(ecosystem, own) {
      const path = join(workFolder, `${encodeURIComponent(ecosystem)}.zip`);
      const found = await downloadFile(at(ecosystem, 'all.zip'), path, limits.feedBytes, { ...options, ...own });
      if (!found) throw noArchive(ecosystem, at(ecosystem, 'all.zip').pathname);
      return path;
    },
    async *records(ecosystem, ids) {
      const fetchOne = async (id: string) => ({ id, json: await bytes(limits.advisoryBytes, ecosystem, `${id}.json`) });
      for (let start = 0; start < ids.length; start += together) {
        yield* await Promise.all(ids.slice(start, start + together).map(fetchOne));
      }
    },
  };
}

function folderFeed(folder: string): Feed {
  if (!existsSync(folder)) throw noFeed(folder, 'there is no such folder');
  /** Mirroring tools keep the names of addresses: `Rocky%20Linux`. */
  const folderOf = (ecosystem: string) =>
    [ecosystem, encodeURIComponent(ecosystem)].map((name) => join(folder, name)).find((path) => existsSync(path)) ??
    join(folder, ecosystem);
  const archive = async (ecosystem: string) => {
    const path = join(folderOf(ecosystem), 'all.zip');
    if (!existsSync(path)) throw noArchive(ecosystem, path);
    return path;
  };
  return {
    source: folder,
    file: async (name) => readIfThere(join(folder, name)),
    async ecosystems() {
      const names = readIfThere(join(folder, 'ecosystems.txt'));
      if (names !== undefined) return namesIn(names);
      const found = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'all.zip')));
      if (found.length === 0) throw noFeed(folder, 'it has neither ecosystems.txt nor folders with an all.zip');
      return found.map((name) => name.replaceAll('%20', ' ')).sort();
    },
    listing: async (ecosystem) => readIfThere(join(folderOf(ecosystem), 'modified_id.csv')),
    archive,
    async *records(ecosystem, ids) {
      const missing = new Set(ids);
      for (const { id, json } of recordsIn(await archive(ecosystem), (id) => missing.has(id))) {
        missing.delete(id);
        yield { id, json: json() };
      }
      for (const id of missing) yield { id, json: undefined };
    },
  };
}

/**
 * The records of an `all.zip`. `json` throws what is wrong with that one record.
 * @throws PlimsollError `vuln/bad-archive` where it is the archive that is broken
 */
export function* recordsIn(
  path: string,
  wanted?: (id: string) => boolean,
): Generator<{ readonly id: string; readonly json: () => Buffer }, void, undefined> {
  const file = fileAccess(path);
  try {
    const archive = openArchive(path, () =>
      readZip(file, { entries: limits.feedEntries, budget: unpackBudget(limits.feedBytes) }),
    );
    for (const entry of archive.entries((name) => !name.endsWith('/') && (wanted?.(idOf(name)) ?? true))) {
      yield { id: idOf(entry.name), json: () => readEntry(path, archive, entry) };
    }
  } finally {
    file.close();
  }
}

function idOf(entryName: string): string {
  return entryName.replace(/\.json$/, '');
}

function readEntry(path: string, archive: ZipArchive, entry: ZipEntry): Buffer {
  if (entry.size > limits.advisoryBytes) throw recordTooLarge(entry.size);
  try {
    return archive.read(entry, limits.advisoryBytes);
  } catch (thrown) {
    // All records together are too large.
    if (thrown instanceof PlimsollError && thrown.code === 'image/zip-limit') throw badArchive(path, thrown);
    throw thrown;
  }
}

function openArchive<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw badArchive(path, thrown);
  }
}

/** One name a line. Releases (`Debian:12`) are in the archive of the whole (`Debian`). */
function namesIn(text: Buffer): readonly string[] {
  const names = text
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => baseEcosystem(line.trim()));
  return [...new Set(names.filter((name) => name !== ''))];
}

function readIfThere(path: string): Buffer | undefined {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return undefined;
    if (size > limits.feedListBytes)
      throw new Error(`it has ${size} bytes, more than the ${limits.feedListBytes} allowed`);
    return readFileSync(path);
  } catch (thrown) {
    throw noFeed(path, messageOf(thrown), thrown);
  }
}

function noFeed(where: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('vuln/no-feed', `"${where}" is not advisory data: ${why}.`, {
    hint: 'Give the address or a folder in the layout of the OSV bucket: ecosystems.txt, and an all.zip for each ecosystem.',
    cause,
  });
}

function noArchive(ecosystem: string, where: string): PlimsollError {
  return new PlimsollError('vuln/no-archive', `There are no advisories for ${ecosystem}: ${where} does not exist.`, {
    hint: 'Name the ecosystems that are there, or leave the choice out for all of them.',
  });
}

export function badArchive(path: string, cause: unknown): PlimsollError {
  return new PlimsollError(
    'vuln/bad-archive',
    `The archive of advisories "${path}" cannot be read: ${messageOf(cause)}`,
    {
      hint: 'It may have been cut off on its way. Fetch it again; the old data, if any, was kept.',
      kind: 'unavailable',
      cause,
    },
  );
}
