import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { messageOf, PlimsollError } from '../error.ts';
import { compressionOf } from './compression.ts';
import { spool } from './spool.ts';
import { indexTar, type TarIndex, truncated } from './tar-index.ts';

export interface OpenArchive {
  readonly tar: TarIndex;
  /** For people. */
  readonly where: string;
  close(): Promise<void>;
}

/**
 * Opens a tar file so that its members can be read in place. `-` is standard input; it, pipes and compressed files are
 * unpacked into a temporary file first.
 *
 * @throws PlimsollError `image/no-such-file`, `image/no-standard-input`, `image/file-unreadable`, `image/empty-archive`,
 * `image/corrupt-archive`, `image/archive-too-large`, `image/no-space`
 */
export async function openArchive(path: string, stdin: Readable | undefined): Promise<OpenArchive> {
  const source = await streamed(path, stdin);
  const where = path === '-' ? 'standard input' : path;
  if (source === undefined) return { tar: indexImage(path, where), where, close: async () => undefined };
  const file = await spool(source);
  try {
    return { tar: indexImage(file.path, where), where, close: file.close };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** Of these every image has one, and many tools write it last. */
const marks = ['manifest.json', 'index.json'];

function indexImage(path: string, where: string): TarIndex {
  const tar = indexTar(path, where);
  if (tar.names.length === 0) throw empty(where);
  if (!tar.isComplete && !marks.some((mark) => tar.names.includes(mark))) throw truncated(where);
  return tar;
}

/** What has to be read from front to back; `undefined` for a plain tar file. */
async function streamed(path: string, stdin: Readable | undefined): Promise<Readable | undefined> {
  if (path === '-') {
    if (stdin !== undefined) return stdin;
    throw new PlimsollError('image/no-standard-input', 'There is no standard input to read an image from', {
      hint: 'Name a file, or pipe one in: docker save NAME | plimsoll scan docker-archive:-',
    });
  }
  try {
    const found = await stat(path);
    if (found.isFIFO()) return createReadStream(path);
    if (!found.isFile()) throw new Error('it is not a file');
    return compressionOf(await firstBytes(path, 4)) === undefined ? undefined : createReadStream(path);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, thrown: unknown): PlimsollError {
  const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
  return new PlimsollError(
    missing ? 'image/no-such-file' : 'image/file-unreadable',
    missing ? `There is no file "${path}"` : `"${path}" cannot be read: ${messageOf(thrown)}`,
    { hint: 'Check that the file is there and that you may read it.', cause: thrown },
  );
}

function empty(where: string): PlimsollError {
  return new PlimsollError('image/empty-archive', `"${where}" is empty`, {
    hint: 'The program that should have written the image wrote nothing; see what it says. docker save NAME | plimsoll scan docker-archive:-',
  });
}
