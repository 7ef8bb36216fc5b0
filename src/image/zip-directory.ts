import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { RandomAccess } from './random-access.ts';

/** Where an archive's list of entries is (APPNOTE 6.3.10, 4.3.12 to 4.3.16). */
export interface ZipDirectory {
  readonly bytes: Buffer;
  /** Offset of `bytes` in the source. */
  readonly position: number;
  /** Bytes before the archive that its own offsets do not count: the script in front of an executable jar. */
  readonly prefix: number;
  readonly count: number;
}

interface Trailer {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the central directory ends when nothing stands between. */
  readonly end: number;
  readonly disks: readonly number[];
}

const endSize = 22;
const endSignature = Buffer.from('PK\x05\x06', 'latin1');
const locatorSize = 20;
const locatorSignature = 0x07064b50;
const end64Size = 56;
const end64Signature = 0x06064b50;
const centralSignature = 0x02014b50;
const centralHeaderSize = 46;
const maxComment = 0xffff;

/** @throws PlimsollError `image/not-zip`, `image/zip-corrupt`, `image/zip-limit`, `image/zip-unsupported` */
export function findDirectory(source: RandomAccess, maxEntries: number): ZipDirectory {
  const trailer = findTrailer(source);
  const { count, size, offset, end } = trailer;
  if (trailer.disks.some((disk) => disk !== 0)) {
    throw new PlimsollError('image/zip-unsupported', 'The archive cannot be read: it is split over several files.', {
      hint: 'Pack it anew as one file.',
    });
  }
  if (count > maxEntries) throw zipOverLimit(`it has ${count} entries, more than the ${maxEntries} allowed`);
  if (size > limits.archiveDirectoryBytes) {
    throw zipOverLimit(
      `its central directory has ${size} bytes, more than the ${limits.archiveDirectoryBytes} allowed`,
    );
  }
  if (size < count * centralHeaderSize) throw zipCorrupt(`its central directory is too small for ${count} entries`);
  for (const position of [end - size, offset]) {
    if (position < offset || position + size > end) continue;
    const bytes = source.read(position, size);
    if (bytes.length !== size || (count > 0 && bytes.readUInt32LE(0) !== centralSignature)) continue;
    return { bytes, position, prefix: position - offset, count };
  }
  throw zipCorrupt('its central directory is not where it says');
}

function findTrailer(source: RandomAccess): Trailer {
  const tailStart = Math.max(source.size - endSize - maxComment, 0);
  const tail = source.read(tailStart, source.size - tailStart);
  const at = endRecordIn(tail);
  if (at === undefined) {
    throw new PlimsollError('image/not-zip', 'This is no ZIP archive, or its end is missing.', {
      hint: 'The file may be cut off: fetch or build it again.',
    });
  }
  const trailer = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    end: tailStart + at,
    disks: [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)],
  };
  const extended = trailer.count === 0xffff || trailer.size === 0xffffffff || trailer.offset === 0xffffffff;
  return (extended ? findTrailer64(source, trailer.end) : undefined) ?? trailer;
}

/** The last record whose comment ends with the file; else, since some tools append to archives, the last that fits. */
function endRecordIn(tail: Buffer): number | undefined {
  let fits: number | undefined;
  for (let at = tail.lastIndexOf(endSignature); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(endSignature, at - 1)) {
    if (at + endSize > tail.length) continue;
    const commentEnd = at + endSize + tail.readUInt16LE(at + 20);
    if (commentEnd === tail.length) return at;
    if (commentEnd < tail.length) fits ??= at;
  }
  return fits;
}

/** `undefined`: there is no zip64 record, and the plain one holds just the largest values it can. */
function findTrailer64(source: RandomAccess, end: number): Trailer | undefined {
  const locator = source.read(Math.max(end - locatorSize, 0), locatorSize);
  if (end < locatorSize || locator.readUInt32LE(0) !== locatorSignature) return undefined;
  const stated = Number(locator.readBigUInt64LE(8));
  // With data before the archive the stated offset is short of the record, which then stands right before the locator.
  for (const at of [stated, end - locatorSize - end64Size]) {
    if (at < 0 || at + end64Size > end - locatorSize) continue;
    const record = source.read(at, end64Size);
    if (record.length !== end64Size || record.readUInt32LE(0) !== end64Signature) continue;
    return {
      count: Number(record.readBigUInt64LE(32)),
      size: Number(record.readBigUInt64LE(40)),
      offset: Number(record.readBigUInt64LE(48)),
      end: at,
      disks: [record.readUInt32LE(16), record.readUInt32LE(20)],
    };
  }
  throw zipCorrupt('its zip64 end record is not where it says');
}

export function zipCorrupt(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('image/zip-corrupt', `The archive is broken: ${what}.`, {
    hint: 'The file may be cut off or made to mislead: fetch or build it again.',
    cause,
  });
}

export function zipOverLimit(what: string): PlimsollError {
  return new PlimsollError('image/zip-limit', `The archive is too large: ${what}.`, {
    hint: 'Archives like this are used to exhaust memory; if it is yours and meant so, split it.',
  });
}
