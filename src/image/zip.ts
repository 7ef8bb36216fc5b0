import { crc32, inflateRawSync } from 'node:zlib';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { RandomAccess } from './random-access.ts';
import { findDirectory, zipCorrupt, zipOverLimit } from './zip-directory.ts';

/** One file of an archive, as the central directory states it (APPNOTE 6.3.10, 4.3.12). Folders end in `/`. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes unpacked, as stated; held to by {@link ZipArchive.read}. */
  readonly size: number;
  readonly packedSize: number;
  readonly crc32: number;
  readonly method: number;
  readonly flags: number;
  /** Offset of the local file header in the source. */
  readonly start: number;
  /** Where the next entry's header, or the central directory, begins: the entry's data ends at or before it. */
  readonly end: number;
}

export interface ZipArchive {
  readonly count: number;
  /** In the order of the central directory. Entries whose name `wanted` refuses cost no object. */
  entries(wanted?: (name: string) => boolean): Generator<ZipEntry, void, undefined>;
  /**
   * The entry's bytes, checked against the stated size and CRC-32.
   * @throws PlimsollError `image/zip-corrupt`, `image/zip-limit`, `image/zip-unsupported` (encrypted, or a method other than stored and deflate)
   */
  read(entry: ZipEntry, maxBytes?: number): Buffer;
}

/** Unpacked bytes still allowed: one budget for an archive and all archives inside it. */
export interface UnpackBudget {
  /** @throws PlimsollError `image/zip-limit` when fewer than `bytes` are left. */
  take(bytes: number): void;
}

export function unpackBudget(total: number = limits.archiveBytes): UnpackBudget {
  let left = total;
  return {
    take(bytes) {
      if (bytes > left) throw zipOverLimit(`it unpacks to more than ${total} bytes`);
      left -= bytes;
    },
  };
}

export interface ZipLimits {
  /** Default `limits.archiveEntries`. */
  readonly entries?: number | undefined;
  /** Default: a new one of `limits.archiveBytes`. */
  readonly budget?: UnpackBudget | undefined;
}

const localHeaderSize = 30;
const localSignature = 0x04034b50;
const centralHeaderSize = 46;
const centralSignature = 0x02014b50;
const max16 = 0xffff;
const max32 = 0xffffffff;
/** Local headers may carry a longer extra field than the central ones; read along with the data to save a second read. */
const extraFieldGuess = 64;

const encrypted = (1 << 0) | (1 << 6) | (1 << 13);
const utf8Names = 1 << 11;

/**
 * Opens a ZIP archive (PKWARE APPNOTE 6.3.10), zip64 and data before the archive included. Reads the central directory
 * alone and refuses archives whose entries overlap (D. Fifield, "A better zip bomb", 2019).
 * @throws PlimsollError `image/not-zip`, `image/zip-corrupt`, `image/zip-limit`, `image/zip-unsupported`
 */
export function readZip(source: RandomAccess, options: ZipLimits = {}): ZipArchive {
  const { bytes: directory, position, prefix, count } = findDirectory(source, options.entries ?? limits.archiveEntries);
  const budget = options.budget ?? unpackBudget();
  const ends = entryEnds(directory, { position, prefix, count });

  function* entries(wanted?: (name: string) => boolean): Generator<ZipEntry, void, undefined> {
    let at = 0;
    for (let index = 0; index < count; index++) {
      const nameEnd = at + centralHeaderSize + directory.readUInt16LE(at + 28);
      const flags = directory.readUInt16LE(at + 8);
      const name = decodeName(directory.subarray(at + centralHeaderSize, nameEnd), flags);
      if (wanted === undefined || wanted(name)) {
        const { start, size, packedSize } = extent(directory, at);
        yield {
          name,
          size,
          packedSize,
          crc32: directory.readUInt32LE(at + 16),
          method: directory.readUInt16LE(at + 10),
          flags,
          start: prefix + start,
          end: ends[index] ?? position,
        };
      }
      at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
  }

  function read(entry: ZipEntry, maxBytes: number = limits.binaryBytes): Buffer {
    const { name, size, packedSize, method } = entry;
    if ((entry.flags & encrypted) !== 0) throw unsupported(`"${name}" is encrypted`);
    if (method !== 0 && method !== 8) throw unsupported(`"${name}" is packed with method ${method}`);
    if (size > maxBytes) throw zipOverLimit(`"${name}" unpacks to ${size} bytes, more than the ${maxBytes} allowed`);
    if (method === 0 && size !== packedSize) throw zipCorrupt(`"${name}" is stored, yet its two sizes differ`);
    budget.take(size);
    const packed = packedBytes(source, entry);
    const data = method === 0 ? packed : inflate(packed, entry);
    if (data.length !== size) throw zipCorrupt(`"${name}" has ${data.length} bytes where ${size} are stated`);
    if (crc32(data) !== entry.crc32) throw zipCorrupt(`"${name}" does not have the CRC-32 that is stated`);
    return data;
  }

  return { count, entries, read };
}

/** Where each entry's data must end. Walks the whole directory once, so that every later walk may trust its lengths. */
function entryEnds(
  directory: Buffer,
  { position, prefix, count }: { readonly position: number; readonly prefix: number; readonly count: number },
): Float64Array {
  const starts = new Float64Array(count);
  const least = new Float64Array(count);
  let at = 0;
  let ascending = true;
  for (let index = 0; index < count; index++) {
    if (at + centralHeaderSize > directory.length || directory.readUInt32LE(at) !== centralSignature) {
      throw zipCorrupt(`its central directory ends after ${index} of ${count} entries`);
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const next =
      at + centralHeaderSize + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw zipCorrupt('an entry reaches past the end of its central directory');
    const { start, packedSize, disk } = extent(directory, at);
    if (disk !== 0) throw unsupported('it is split over several files');
    starts[index] = prefix + start;
    least[index] = prefix + start + localHeaderSize + nameLength + packedSize;
    ascending &&= index === 0 || (starts[index - 1] ?? 0) <= prefix + start;
    at = next;
  }
  if (at !== directory.length)
    throw zipCorrupt(`its central directory has more than the ${count} entries that are stated`);

  const order = ascending
    ? undefined
    : Uint32Array.from(starts.keys()).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0));
  const ends = new Float64Array(count);
  let bound = position;
  for (let rank = count - 1; rank >= 0; rank--) {
    const index = order === undefined ? rank : (order[rank] ?? rank);
    if ((least[index] ?? 0) > bound) throw zipCorrupt('its entries overlap each other or the central directory');
    ends[index] = bound;
    bound = starts[index] ?? 0;
  }
  return ends;
}

/** Sizes and offset of the central header at `at`, from its zip64 extra field where the header has no room for them (4.5.3). */
function extent(directory: Buffer, at: number): { size: number; packedSize: number; start: number; disk: number } {
  let packedSize = directory.readUInt32LE(at + 20);
  let size = directory.readUInt32LE(at + 24);
  let disk = directory.readUInt16LE(at + 34);
  let start = directory.readUInt32LE(at + 42);
  if (size !== max32 && packedSize !== max32 && start !== max32 && disk !== max16)
    return { size, packedSize, start, disk };

  let field = at + centralHeaderSize + directory.readUInt16LE(at + 28);
  const fieldsEnd = field + directory.readUInt16LE(at + 30);
  while (field + 4 <= fieldsEnd) {
    const valueEnd = field + 4 + directory.readUInt16LE(field + 2);
    if (valueEnd > fieldsEnd) break;
    if (directory.readUInt16LE(field) === 0x0001) {
      let value = field + 4;
      const next = (width: 4 | 8): number => {
        if (value + width > valueEnd) throw zipCorrupt('an entry lacks the zip64 sizes it refers to');
        const number = width === 4 ? directory.readUInt32LE(value) : Number(directory.readBigUInt64LE(value));
        if (!Number.isSafeInteger(number)) throw zipCorrupt('an entry states a size beyond all files');
        value += width;
        return number;
      };
      if (size === max32) size = next(8);
      if (packedSize === max32) packedSize = next(8);
      if (start === max32) start = next(8);
      if (disk === max16) disk = next(4);
      break;
    }
    field = valueEnd;
  }
  return { size, packedSize, start, disk };
}

function packedBytes(source: RandomAccess, { name, start, end, packedSize }: ZipEntry): Buffer {
  const guess = Math.min(localHeaderSize + Buffer.byteLength(name) + extraFieldGuess + packedSize, end - start);
  const header = source.read(start, guess);
  if (header.length < localHeaderSize || header.readUInt32LE(0) !== localSignature) {
    throw zipCorrupt(`"${name}" has no header where the central directory says`);
  }
  const dataAt = localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + dataAt + packedSize > end) throw zipCorrupt(`"${name}" reaches into the entry after it`);
  const data =
    dataAt + packedSize <= header.length
      ? header.subarray(dataAt, dataAt + packedSize)
      : source.read(start + dataAt, packedSize);
  if (data.length !== packedSize) throw zipCorrupt(`"${name}" is cut off`);
  return data;
}

function inflate(packed: Buffer, { name, size }: ZipEntry): Buffer {
  try {
    return inflateRawSync(packed, {
      maxOutputLength: Math.max(size, 1),
      // One byte more than is stated: a single round gives all of it and shows whether there is more.
      chunkSize: Math.min(Math.max(size + 1, 64), 1 << 20),
    });
  } catch (thrown) {
    throw zipCorrupt(`"${name}" does not unpack to the ${size} bytes that are stated: ${messageOf(thrown)}`, thrown);
  }
}

/** Appendix D: UTF-8 where the entry says so, otherwise IBM code page 437. */
function decodeName(bytes: Buffer, flags: number): string {
  if ((flags & utf8Names) !== 0) return bytes.toString('utf8');
  const name = bytes.toString('latin1');
  return /^[\x20-\x7f]*$/.test(name)
    ? name
    : name.replace(/[\x80-\xff]/g, (char) => codePage437[char.charCodeAt(0) - 128] ?? '');
}

const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function unsupported(what: string): PlimsollError {
  return new PlimsollError('image/zip-unsupported', `The archive cannot be read: ${what}.`, {
    hint: 'Pack it anew as one file, with the methods "stored" or "deflate" and without a password.',
  });
}
