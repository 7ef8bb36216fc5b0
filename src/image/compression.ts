import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isZstd, unzstd } from './zstd.ts';

export type Compression = 'gzip' | 'zstd';

type UnpackBounds = Record<'layerBytes' | 'layerExpansion' | 'layerExpansionFrom', number>;

const chunkSize = 256 * 1024;

/** By the magic numbers of RFC 1952 and RFC 8878, zstd's skippable frames among them. */
export function compressionOf(head: Buffer): Compression | undefined {
  if (head.length >= 3 && head.readUIntBE(0, 3) === 0x1f8b08) return 'gzip';
  return isZstd(head) ? 'zstd' : undefined;
}

/**
 * The unpacked bytes, bounded in size and in how much they expand. What is not compressed passes through, bounded too.
 *
 * @throws PlimsollError while reading: `image/corrupt-archive`, `image/archive-too-large`
 */
export async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  bounds: UnpackBounds = limits,
): AsyncGenerator<Buffer> {
  let packed = 0;
  const { head, all } = await withHead(source, 4);
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of all) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const compression = compressionOf(head);
  const stream = compression === undefined ? counted() : decompress(counted(), compression);
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > bounds.layerBytes) throw tooLarge(`unpacks to more than ${bounds.layerBytes} bytes`);
      if (compression !== undefined && size > bounds.layerExpansionFrom && size > packed * bounds.layerExpansion) {
        throw tooLarge(`unpacks to more than ${bounds.layerExpansion} times its size`);
      }
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    }
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError('image/corrupt-archive', `The archive cannot be read: ${messageOf(thrown)}`, {
      hint: 'It is truncated or damaged. Save or copy it again.',
      cause: thrown,
    });
  }
}

function decompress(source: AsyncGenerator<Uint8Array>, compression: Compression): AsyncIterable<Buffer> {
  if (compression === 'zstd') return unzstd(source, chunkSize);
  // Errors of either end destroy the other, and reach whoever reads.
  return pipeline(Readable.from(source, { objectMode: false }), createGunzip({ chunkSize }), () => {});
}

async function withHead(source: AsyncIterable<Uint8Array>, length: number) {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < length; size += chunks.at(-1)?.length ?? 0) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(chunks), all: all() };
}

function tooLarge(what: string): PlimsollError {
  return new PlimsollError('image/archive-too-large', `The archive ${what}`, {
    hint: 'This is how decompression bombs look. Inspect it by hand before you trust it.',
  });
}
