import { PlimsollError } from '../error.ts';
import type { Descriptor } from './descriptor.ts';
import { hashLike, verifyDigest } from './digest.ts';

type BlobName = Pick<Descriptor, 'digest' | 'size'>;

/**
 * A blob as a whole.
 *
 * @throws PlimsollError `image/blob-too-large`, `image/length-mismatch`, `image/digest-mismatch`
 */
export async function collectBlob(
  { digest, size }: BlobName,
  most: number,
  open: () => AsyncIterable<Uint8Array>,
): Promise<Buffer> {
  if (size > most) {
    throw new PlimsollError('image/blob-too-large', `Blob ${digest} has ${size} bytes, over the limit of ${most}`, {
      hint: 'Nothing ordinary of this kind needs that much. Inspect it by hand before you trust it.',
    });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of open()) {
    length += chunk.length;
    if (length > size) throw wrongLength(digest, size, 'more');
    chunks.push(chunk);
  }
  if (length < size) throw wrongLength(digest, size, `${length}`);
  const bytes = Buffer.concat(chunks, length);
  verifyDigest(bytes, digest, 'The blob');
  return bytes;
}

/** The bytes of `source`, the last of them only once all are known to be the right ones. */
export async function* verifiedStream(
  { digest, size }: BlobName,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = hashLike(digest);
  let length = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > size) throw wrongLength(digest, size, 'more');
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (length < size) throw wrongLength(digest, size, `${length}`);
  const actual = `${digest.slice(0, digest.indexOf(':'))}:${hash.digest('hex')}`;
  if (actual !== digest) {
    throw new PlimsollError('image/digest-mismatch', `The blob has the digest ${actual}, not ${digest}`, {
      hint: 'It was damaged or exchanged on its way. Get the image again; if it stays so, do not use it.',
    });
  }
  if (held !== undefined) yield held;
}

function wrongLength(digest: string, size: number, actual: string): PlimsollError {
  return new PlimsollError('image/length-mismatch', `Blob ${digest} has ${actual} bytes where ${size} are named`, {
    hint: 'What is stored is not what the image names. Copy or save the image again.',
  });
}
