import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { messageOf, PlimsollError } from '../error.ts';

/** A file that was named. @throws PlimsollError `cli/unreadable-file`, also for one of more than `most` bytes */
export function readInput(file: string, most: number): Buffer {
  try {
    const { size } = statSync(file);
    if (size > most) throw new Error(`it has ${size} bytes, over the limit of ${most}`);
    return readFileSync(file);
  } catch (thrown) {
    throw unreadableInput(file, thrown);
  }
}

/** `sha256:…` of a file of any size. @throws PlimsollError `cli/unreadable-file` */
export async function fileDigest(file: string): Promise<string> {
  const [digest = ''] = await fileDigests(file, ['sha256']);
  return digest;
}

/**
 * The digests that a statement about a file may name it by, the most common first; npm's names the SHA-512 alone.
 *
 * @throws PlimsollError `cli/unreadable-file`
 */
export async function fileDigests(
  file: string,
  algorithms: readonly string[] = ['sha256', 'sha512', 'sha384'],
): Promise<readonly string[]> {
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  try {
    for await (const piece of createReadStream(file)) for (const { hash } of hashes) hash.update(piece);
  } catch (thrown) {
    throw unreadableInput(file, thrown);
  }
  return hashes.map(({ algorithm, hash }) => `${algorithm}:${hash.digest('hex')}`);
}

export function unreadableInput(file: string, thrown: unknown): PlimsollError {
  return new PlimsollError('cli/unreadable-file', `${file} cannot be read: ${messageOf(thrown)}`, {
    hint: 'Check that it exists, that you may read it, and that it is the right one.',
    cause: thrown,
  });
}
