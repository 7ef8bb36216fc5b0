import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, PlimsollError } from '../error.ts';
import { unpacked } from './compression.ts';
import { type TemporaryPath, temporaryFolder } from './temporary-path.ts';

export interface Spool {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Unpacks what cannot be read at any place (a compressed archive, standard input) into a temporary file that only this user
 * can read. It goes with `close`, and with the process.
 *
 * @throws PlimsollError `image/no-space`, `image/corrupt-archive`, `image/archive-too-large`
 */
export async function spool(source: AsyncIterable<Uint8Array>): Promise<Spool> {
  const folder = makeFolder();
  const path = join(folder.path, 'archive.tar');
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of unpacked(source)) await file.appendFile(chunk);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    folder.remove();
    throw thrown instanceof PlimsollError ? thrown : noSpace(thrown);
  }
  return { path, close: async () => folder.remove() };
}

function makeFolder(): TemporaryPath {
  try {
    return temporaryFolder(tmpdir(), 'plimsoll-');
  } catch (thrown) {
    throw noSpace(thrown);
  }
}

function noSpace(cause: unknown): PlimsollError {
  return new PlimsollError('image/no-space', `The archive cannot be unpacked into ${tmpdir()}: ${messageOf(cause)}`, {
    hint: 'Compressed archives and standard input are unpacked into a temporary file. Set TMPDIR to a folder with room.',
    kind: 'unavailable',
    cause,
  });
}
