import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { PlimsollError } from '../error.ts';

const frameMagic = 0xfd2fb528;
const dictionaryIdBytes = [0, 1, 2, 4];
const contentSizeBytes = [0, 2, 4, 8];

/** Whether a file that starts so is zstd (RFC 8878, 3.1): a frame, or a skippable one as zstd:chunked layers have. */
export function isZstd(head: Buffer): boolean {
  return head.length >= 4 && (head.readUInt32LE(0) === frameMagic || isSkippable(head));
}

/**
 * Decompresses zstd of any number of frames. Node's stream ends with the first frame, while zstd:chunked layers have one
 * for each file, so the frames are told apart here by their block headers and given to it one by one.
 */
export async function* unzstd(source: AsyncIterator<Uint8Array>, chunkSize: number): AsyncGenerator<Buffer> {
  const reader = byteReader(source);
  while (!(await reader.ended())) {
    const magic = await reader.take(4);
    if (isSkippable(magic)) {
      for await (const _ of reader.pieces((await reader.take(4)).readUInt32LE(0)));
      continue;
    }
    if (magic.readUInt32LE(0) !== frameMagic) throw corrupt('something else than a zstd frame follows a frame');
    const frame = Readable.from(frameBytes(magic, reader), { objectMode: false });
    // Errors of either end destroy the other, and reach the loop below.
    yield* pipeline(frame, createZstdDecompress({ chunkSize }), () => {});
  }
}

/** RFC 8878, 3.1.1: header, blocks up to the last one, checksum. */
async function* frameBytes(magic: Buffer, reader: ByteReader): AsyncGenerator<Buffer> {
  const descriptor = await reader.take(1);
  const flags = descriptor[0] ?? 0;
  const singleSegment = (flags & 0x20) !== 0;
  const sizeFlag = flags >> 6;
  const sizeBytes = sizeFlag === 0 && singleSegment ? 1 : (contentSizeBytes[sizeFlag] ?? 0);
  const rest = (singleSegment ? 0 : 1) + (dictionaryIdBytes[flags & 3] ?? 0) + sizeBytes;
  yield Buffer.concat([magic, descriptor, await reader.take(rest)]);
  for (let last = false; !last; ) {
    const header = await reader.take(3);
    yield header;
    const value = header.readUIntLE(0, 3);
    last = (value & 1) === 1;
    const runLength = ((value >> 1) & 3) === 1;
    yield* reader.pieces(runLength ? 1 : value >> 3);
  }
  if ((flags & 4) !== 0) yield await reader.take(4);
}

interface ByteReader {
  ended(): Promise<boolean>;
  take(count: number): Promise<Buffer>;
  /** The next `count` bytes as they come. */
  pieces(count: number): AsyncGenerator<Buffer>;
}

function byteReader(source: AsyncIterator<Uint8Array>): ByteReader {
  let current: Buffer = Buffer.alloc(0);

  async function ended(): Promise<boolean> {
    while (current.length === 0) {
      const next = await source.next();
      if (next.done === true) return true;
      current = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return false;
  }

  async function* pieces(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (await ended()) throw corrupt('it ends in the middle of a frame');
      const piece = current.subarray(0, left);
      current = current.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async function take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const piece of pieces(count)) parts.push(piece);
    return Buffer.concat(parts);
  }

  return { ended, take, pieces };
}

function isSkippable(head: Buffer): boolean {
  return (head.readUInt32LE(0) & 0xfffffff0) >>> 0 === 0x184d2a50;
}

function corrupt(what: string): PlimsollError {
  return new PlimsollError('image/corrupt-layer', `The zstd data cannot be decompressed: ${what}`, {
    hint: 'The layer is truncated or damaged. Pull or build the image again.',
  });
}
