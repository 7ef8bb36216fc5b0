import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fetcher } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import { limits } from '../../limits.ts';
import { askService } from '../service.ts';

/** Fetches files of a TUF repository: none takes longer, or is larger, than our limits say, whatever its metadata says. */
export const boundedFetcher: Fetcher = {
  downloadBytes: fetchFile,
  async downloadFile(url, maxLength, handle) {
    const bytes = await fetchFile(url, maxLength);
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-tuf-'));
    try {
      const path = join(folder, 'file');
      await writeFile(path, bytes);
      return await handle(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** For what has been fetched already. */
export const noFetcher: Fetcher = { downloadBytes: refuse, downloadFile: refuse };

async function fetchFile(url: string, maxLength: number): Promise<Buffer> {
  const { status, bytes } = await askService(new URL(url), {
    method: 'GET',
    headers: {},
    patienceMs: limits.signingServiceMs,
    maxBytes: Math.min(maxLength, limits.trustedRootBytes),
    // Whoever is offline is not to wait for long.
    retries: 1,
  });
  if (status === 200) return bytes;
  throw new DownloadHTTPError(`${url} answered ${status}`, status);
}

async function refuse(url: string): Promise<never> {
  throw new Error(`${url} was not fetched yet`);
}
