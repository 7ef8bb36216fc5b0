import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { decodeName, rootedPath } from './path.ts';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** One member of a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"; GNU extensions). */
export interface TarEntry {
  /** Relative to the root, cleaned as a container runtime does: no leading slash, no `.` or `..`. Empty for the root itself. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Bytes stored; 0 for all but files. */
  readonly size: number;
  /** Link target: as written for symbolic links, cleaned like `path` for hard links. */
  readonly target?: string | undefined;
  /** Stored with holes left out: `size` bytes are not the file's content. */
  readonly sparse: boolean;
}

/** Takes a file's bytes in pieces. */
export interface EntrySink {
  /** Returns whether it wants more. It may keep the piece until `end`, or until it wants no more: then the memory is used again. */
  write(piece: Buffer): boolean;
  /** All bytes were there. Not called after `write` returned false. */
  end(): void;
}

export interface TarReader {
  write(chunk: Buffer): void;
  /** The sink that may still look at what was written, from the last `write` on in which another one is here. */
  holder(): EntrySink | undefined;
  /** @throws PlimsollError `image/corrupt-archive` when the archive stops in the middle of an entry */
  end(): void;
}

/** What extended headers say about the next entry. GNU's long names win over pax records. */
interface Extended {
  pax?: PaxRecords;
  longName?: string | undefined;
  longTarget?: string | undefined;
}

const blockSize = 512;
const metadataFlags = 'xgXLKNV';

/**
 * Reads a tar archive as its bytes go by. `onEntry` is called for each member in order and may return a sink for a
 * file's content. Device nodes and pipes are `other`; a hostile path can name nothing outside the root.
 */
export function tarReader(
  onEntry: (entry: TarEntry) => EntrySink | undefined,
  maxEntries: number = limits.entriesPerLayer,
): TarReader {
  let partial = Buffer.alloc(0);
  let remaining = 0;
  let padding = 0;
  let sink: EntrySink | undefined;
  let metadata: { readonly flag: string; readonly parts: Buffer[] } | undefined;
  let extended: Extended = {};
  let ended = false;
  let zeroBlocks = 0;
  let entries = 0;
  /** Content size of an old GNU sparse file whose map goes on in further blocks before the content. */
  let afterMap: number | undefined;

  function header(block: Buffer): void {
    if (afterMap !== undefined) {
      if (block[504] === 1) return;
      const size = afterMap;
      afterMap = undefined;
      expect(size);
      if (size === 0) finishEntry();
      return;
    }
    if (isZero(block)) {
      zeroBlocks++;
      if (zeroBlocks === 2) ended = true;
      return;
    }
    zeroBlocks = 0;
    if (!checksumHolds(block)) throw corrupt('a member header has a wrong checksum');
    const flag = String.fromCharCode(block[156] ?? 0);
    if (metadataFlags.includes(flag)) {
      const stored = number(block, 124, 12);
      if (stored > limits.tarExtendedHeaderBytes)
        throw corrupt(`an extended header of ${stored} bytes is over the limit of ${limits.tarExtendedHeaderBytes}`);
      metadata = { flag, parts: [] };
      expect(stored);
      return;
    }
    if (++entries > maxEntries) {
      throw new PlimsollError('image/too-many-entries', `The archive has more than ${maxEntries} entries`, {
        hint: 'No ordinary image layer has that many files. Inspect the layer by hand before you trust it.',
      });
    }
    const size = extended.pax?.size ?? number(block, 124, 12);
    const entry = toEntry(block, flag, size);
    extended = {};
    sink = onEntry(entry);
    if (flag === 'S' && block[482] === 1) {
      afterMap = size;
      return;
    }
    expect(hasContent(flag, entry.kind) ? size : 0);
    if (remaining === 0) finishEntry();
  }

  function toEntry(block: Buffer, flag: string, size: number): TarEntry {
    const { pax, longName, longTarget } = extended;
    const name = longName ?? pax?.path ?? ustarName(block);
    const kind = kindOf(flag, name);
    const target = () => longTarget ?? pax?.target ?? field(block, 157, 100);
    const sparse = flag === 'S' || pax?.sparse !== undefined;
    const path = rootedPath(pax?.sparse?.name ?? name);
    if (kind === 'symlink') return { path, kind, size: 0, target: target(), sparse: false };
    if (kind === 'hardlink') return { path, kind, size: 0, target: rootedPath(target()), sparse: false };
    return { path, kind, size: kind === 'file' ? size : 0, sparse };
  }

  function expect(size: number): void {
    remaining = size;
    padding = (blockSize - (size % blockSize)) % blockSize;
  }

  function finishEntry(): void {
    if (metadata === undefined) {
      sink?.end();
      sink = undefined;
      return;
    }
    const { flag, parts } = metadata;
    metadata = undefined;
    const data = Buffer.concat(parts);
    // Go's archive/tar, and so every runtime, forgets what came before a global header, and takes the last of several.
    if (flag === 'g') extended = {};
    else if (flag === 'x' || flag === 'X') extended.pax = readPax(data);
    else if (flag === 'L') extended.longName = untilNul(data) || undefined;
    else if (flag === 'K') extended.longTarget = untilNul(data) || undefined;
  }

  function content(piece: Buffer): void {
    if (metadata !== undefined) metadata.parts.push(Buffer.from(piece));
    else if (sink?.write(piece) === false) sink = undefined;
  }

  function write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !ended) {
      if (remaining > 0) {
        const take = Math.min(remaining, chunk.length - at);
        content(chunk.subarray(at, at + take));
        remaining -= take;
        at += take;
        if (remaining === 0) finishEntry();
      } else if (padding > 0) {
        const take = Math.min(padding, chunk.length - at);
        padding -= take;
        at += take;
      } else if (partial.length > 0 || chunk.length - at < blockSize) {
        const take = Math.min(blockSize - partial.length, chunk.length - at);
        partial = Buffer.concat([partial, chunk.subarray(at, at + take)]);
        at += take;
        if (partial.length < blockSize) return;
        const block = partial;
        partial = Buffer.alloc(0);
        header(block);
      } else {
        header(chunk.subarray(at, at + blockSize));
        at += blockSize;
      }
    }
  }

  function end(): void {
    if (remaining > 0 || partial.length > 0 || metadata !== undefined)
      throw corrupt('it ends in the middle of an entry');
  }

  return { write, holder: () => sink, end };
}

function corrupt(what: string): PlimsollError {
  return new PlimsollError('image/corrupt-archive', `The tar archive cannot be read: ${what}`, {
    hint: 'Pull or build the image again. If it stays so, the archive was damaged or made to mislead.',
  });
}

function kindOf(flag: string, path: string): EntryKind {
  switch (flag) {
    // Only before POSIX, which brought a flag of their own, did a slash tell folders; runtimes write `0` with a slash as a file.
    case '\0':
      return path.endsWith('/') ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '5':
    case 'D':
      return 'directory';
    case '3':
    case '4':
    case '6':
      return 'other';
    default:
      // POSIX: an unknown type is treated as a regular file.
      return 'file';
  }
}

/** Links, devices, folders and pipes have no data whatever their size field says; Go's archive/tar reads them so too. */
function hasContent(flag: string, kind: EntryKind): boolean {
  return !'123456'.includes(flag) && !(flag === '\0' && kind === 'directory');
}

function isZero(block: Buffer): boolean {
  for (const byte of block) if (byte !== 0) return false;
  return true;
}

/** The sum over the header with the checksum field taken as blanks; old writers summed signed bytes. */
function checksumHolds(block: Buffer): boolean {
  const stated = number(block, 148, 8);
  let unsigned = 8 * 0x20;
  let negative = 0;
  // By index: this runs over every header, where an iterator takes three times as long.
  for (let at = 0; at < blockSize; at++) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    unsigned += byte;
    negative += byte >> 7;
  }
  return stated === unsigned || stated === unsigned - 256 * negative;
}

/** Octal, or base 256 where the first bit is set (GNU). */
function number(block: Buffer, offset: number, length: number): number {
  const first = block[offset] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first & 0x7f;
    for (let at = offset + 1; at < offset + length; at++) value = value * 256 + (block[at] ?? 0);
    if ((first & 0x40) !== 0 || !Number.isSafeInteger(value))
      throw corrupt('a member header states an impossible size');
    return value;
  }
  let value = 0;
  let digits = 0;
  for (let at = offset; at < offset + length; at++) {
    const byte = block[at] ?? 0;
    const filler = byte === 0 || byte === 0x20;
    // Blanks may stand before the digits; what follows the first NUL or blank after them is not part of the number.
    if (filler && digits > 0) break;
    if (filler) continue;
    if (byte < 0x30 || byte > 0x37) throw corrupt('a member header holds a number that is not octal');
    value = value * 8 + byte - 0x30;
    digits++;
  }
  return value;
}

function ustarName(block: Buffer): string {
  const name = field(block, 0, 100);
  if (block[345] === 0) return name;
  const prefix = field(block, 345, prefixLength(block));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** How much of the header continues the name to the left. */
function prefixLength(block: Buffer): number {
  const magic = block.toString('latin1', 257, 265);
  // Schilling's star has times behind a shorter prefix, and says so at the end of the header.
  if (magic.startsWith('ustar\0')) return block.toString('latin1', 508, 512) === 'tar\0' ? 131 : 155;
  // GNU's headers have times there and no prefix, except those of Go's writer before 1.8: where no times are, Go's reader takes the prefix.
  if (magic !== 'ustar  \0' || (isTime(block, 345) && isTime(block, 357))) return 0;
  return block.subarray(345, 500).every((byte) => byte < 0x80) ? 155 : 0;
}

/** Octal or base 256, or nothing. */
function isTime(block: Buffer, offset: number): boolean {
  const first = block[offset] ?? 0;
  if (first === 0 || first >= 0x80) return true;
  const [text = ''] = block.toString('latin1', offset, offset + 12).split('\0', 1);
  return /^[0-7]*$/.test(text.trim());
}

function field(block: Buffer, offset: number, length: number): string {
  return untilNul(block.subarray(offset, offset + length));
}

function untilNul(data: Buffer): string {
  const nul = data.indexOf(0);
  return decodeName(nul < 0 ? data : data.subarray(0, nul));
}

interface PaxRecords {
  readonly path?: string | undefined;
  readonly target?: string | undefined;
  readonly size?: number | undefined;
  readonly sparse?: { readonly name: string | undefined } | undefined;
}

/** Pax records are `LENGTH KEY=VALUE\n`, the length counting the whole record. The last of a key counts, and an empty one says nothing. */
function readPax(data: Buffer): PaxRecords {
  const records = new Map<string, Buffer>();
  let at = 0;
  while (at < data.length) {
    const blank = data.indexOf(0x20, at);
    const digits = blank < 0 ? '' : data.toString('latin1', at, blank);
    const length = Number.parseInt(digits, 10);
    const end = at + length;
    if (!/^[0-9]{1,9}$/.test(digits) || end > data.length || end <= blank || data[end - 1] !== 0x0a) {
      throw corrupt('an extended (pax) header is malformed');
    }
    const equals = data.indexOf(0x3d, blank);
    if (equals < 0 || equals >= end) throw corrupt('an extended (pax) header is malformed');
    const key = data.toString('latin1', blank + 1, equals);
    const value = data.subarray(equals + 1, end - 1);
    if (value.includes(0) && (key === 'path' || key === 'linkpath')) throw corrupt('a name in it holds a NUL byte');
    records.set(key, value);
    at = end;
  }
  const text = (key: string): string | undefined => {
    const value = records.get(key);
    return value === undefined || value.length === 0 ? undefined : decodeName(value);
  };
  return {
    path: text('path'),
    target: text('linkpath'),
    size: paxSize(text('size')),
    sparse: isSparse(text) ? { name: text('GNU.sparse.name') } : undefined,
  };
}

/** GNU tar's formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files"); lone records of it are not one, and runtimes ignore them. */
function isSparse(text: (key: string) => string | undefined): boolean {
  const major = text('GNU.sparse.major');
  const minor = text('GNU.sparse.minor');
  if (major !== undefined || minor !== undefined) return /^(?:0\.[01]|1\.0)$/.test(`${major}.${minor}`);
  return text('GNU.sparse.map') !== undefined || text('GNU.sparse.offset') !== undefined;
}

function paxSize(text: string | undefined): number | undefined {
  const size = text === undefined || /^[0-9]+$/.test(text) ? Number(text ?? 0) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw corrupt('an extended (pax) header states an impossible size');
  return text === undefined ? undefined : size;
}
