import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type DownloadOptions, downloadBytes } from './download.ts';
import { type Feed, publicBucket } from './feed.ts';

export interface EnrichmentChoice {
  /**
   * Address or file of CISA's catalogue of known exploited vulnerabilities; false for none. Default: CISA's own when
   * the advisories come from the public bucket, otherwise `known_exploited_vulnerabilities.json` beside them.
   */
  readonly kev?: string | false | undefined;
  /** The same for EPSS: `epss_scores-current.csv`, also with `.gz`. */
  readonly epss?: string | false | undefined;
}

const files = {
  kev: ['known_exploited_vulnerabilities.json'],
  epss: ['epss_scores-current.csv', 'epss_scores-current.csv.gz'],
} as const;

const official = {
  kev: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
  epss: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
} as const;

/**
 * The file, unpacked. Undefined if the source has none and none was named: a mirror or a folder is taken for complete,
 * and nothing is fetched from elsewhere.
 * @throws PlimsollError `vuln/no-enrichment`, `vuln/download-failed`
 */
export async function enrichmentFile(
  which: 'kev' | 'epss',
  choice: string | false | undefined,
  feed: Feed,
  options: DownloadOptions,
): Promise<Buffer | undefined> {
  if (choice === false) return undefined;
  if (choice !== undefined || feed.source === publicBucket) {
    return unpacked(which, await named(which, choice ?? official[which], options));
  }
  for (const name of files[which]) {
    const bytes = await feed.file(name);
    if (bytes !== undefined) return unpacked(which, bytes);
  }
  return undefined;
}

async function named(which: 'kev' | 'epss', where: string, options: DownloadOptions): Promise<Buffer> {
  if (/^https?:\/\//i.test(where)) {
    const url = URL.parse(where);
    if (url === null) throw missing(which, where, 'it is no address');
    const bytes = await downloadBytes(url, limits.feedListBytes, options);
    if (bytes === undefined) throw missing(which, where, 'there is nothing at that address');
    return bytes;
  }
  try {
    return readFileSync(where.startsWith('file:') ? fileURLToPath(where) : where);
  } catch (thrown) {
    throw missing(which, where, messageOf(thrown), thrown);
  }
}

function unpacked(which: 'kev' | 'epss', bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: limits.feedListBytes });
  } catch (thrown) {
    throw missing(which, 'the gzip file', messageOf(thrown), thrown);
  }
}

function missing(which: 'kev' | 'epss', where: string, why: string, cause?: unknown): PlimsollError {
  const title = which === 'kev' ? 'list of known exploited vulnerabilities' : 'EPSS scores';
  return new PlimsollError('vuln/no-enrichment', `The ${title} cannot be read from ${where}: ${why}.`, {
    hint: `Check --${which}, or leave it out.`,
    kind: 'unavailable',
    cause,
  });
}
