import { brokenDatabase, onlyOnce, part } from './part.ts';

/*
 * A reader of SQLite files for the one table that is needed (sqlite.org, "Database File Format"). The library itself
 * can open such bytes, but runs whatever SQL a hostile schema brings, and takes a copy of them.
 */

export const sqliteMagic = Buffer.from('SQLite format 3\0');

const tableLeaf = 13;
const tableInterior = 5;

type Column = number | Buffer | undefined;

/** The headers in `rpmdb.sqlite`: the second column of table `Packages (hnum INTEGER PRIMARY KEY, blob BLOB)`. */
export function* sqliteHeaders(file: Buffer): Generator<Buffer, void, undefined> {
  const rows = tableReader(file);
  for (const [type, name, , root] of rows(1)) {
    if (textOf(type) !== 'table' || textOf(name) !== 'Packages' || typeof root !== 'number') continue;
    for (const [, blob] of rows(root)) {
      if (!(blob instanceof Buffer)) throw brokenDatabase('a row of table Packages has no header');
      yield blob;
    }
    return;
  }
  throw brokenDatabase('it has no table Packages');
}

function textOf(column: Column): string | undefined {
  return column instanceof Buffer ? column.toString('utf8') : undefined;
}

/** The rows of the table whose b-tree has its root at a page. */
function tableReader(file: Buffer): (root: number) => Generator<readonly Column[], void, undefined> {
  const head = part(file, 0, 100);
  // "1.3.2. Page Size": 1 stands for 65536.
  const pageSize = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  const usable = pageSize - head.readUInt8(20);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 || usable < 480) {
    throw brokenDatabase(`a page of ${pageSize} bytes is none of SQLite`);
  }
  let total = 0;
  const visit = onlyOnce();
  const pageAt = (number: number) => {
    visit(number);
    return part(file, (number - 1) * pageSize, pageSize);
  };

  /** "1.6. B-tree Pages", "1.5. Cell Payload Overflow Pages". */
  function payload(page: Buffer, cell: number): Buffer {
    const [length, afterLength] = varint(page, cell);
    const [, start] = varint(page, afterLength);
    total += length;
    if (total > file.length) throw brokenDatabase('its rows are larger than the file');
    const most = usable - 35;
    const least = Math.trunc(((usable - 12) * 32) / 255) - 23;
    const preferred = least + ((length - least) % (usable - 4));
    const local = length <= most ? length : preferred <= most ? preferred : least;
    const pieces = [part(page, start, local)];
    let left = length - local;
    for (let next = left > 0 ? part(page, start + local, 4).readUInt32BE(0) : 0; left > 0; ) {
      const overflow = pageAt(next);
      const piece = overflow.subarray(4, 4 + Math.min(left, usable - 4));
      pieces.push(piece);
      left -= piece.length;
      next = overflow.readUInt32BE(0);
    }
    return pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
  }

  return function* rows(root) {
    const pending = [root];
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      const page = pageAt(number);
      const start = number === 1 ? 100 : 0;
      const kind = page[start];
      const interior = kind === tableInterior;
      if (!interior && kind !== tableLeaf) throw brokenDatabase(`page ${number} is not of a table`);
      const cells = part(page, start + (interior ? 12 : 8), page.readUInt16BE(start + 3) * 2);
      const offsets = Array.from({ length: cells.length / 2 }, (_, cell) => cells.readUInt16BE(cell * 2));
      if (interior) {
        pending.push(page.readUInt32BE(start + 8));
        pending.push(...offsets.map((offset) => part(page, offset, 4).readUInt32BE(0)).reverse());
      } else {
        for (const offset of offsets) yield columns(payload(page, offset));
      }
    }
  };
}

/** "2.1. Record Format". Reals are not told: no column that is needed has one. */
function columns(record: Buffer): readonly Column[] {
  const [headerLength, first] = varint(record, 0);
  const values: Column[] = [];
  let at = headerLength;
  for (let header = first; header < headerLength; ) {
    const [type, next] = varint(record, header);
    header = next;
    const length = type >= 12 ? Math.trunc((type - 12) / 2) : (fixedLengths[type] ?? 0);
    const bytes = part(record, at, length);
    at += length;
    if (type >= 12) values.push(bytes);
    else if (type === 8 || type === 9) values.push(type - 8);
    else values.push(length > 0 && length <= 6 && type !== 7 ? bytes.readIntBE(0, length) : undefined);
  }
  return values;
}

const fixedLengths = [0, 1, 2, 3, 4, 6, 8, 8] as const;

/** A number of up to 9 bytes, and where it ends. Those beyond 2^53 lose precision, and are larger than any file. */
function varint(bytes: Buffer, start: number): readonly [value: number, end: number] {
  let value = 0;
  for (let index = 0; index < 9; index++) {
    const byte = part(bytes, start + index, 1).readUInt8(0);
    if (index === 8) return [value * 256 + byte, start + 9];
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, start + index + 1];
  }
  throw brokenDatabase('a number in it has no end');
}

const walMagics = new Set([0x377f0682, 0x377f0683]);

/**
 * Whether a write-ahead log (`rpmdb.sqlite-wal`) holds a committed transaction ("4. The Write-Ahead Log"): a frame of
 * the log's own generation that ends one. Such a log has packages that the database file does not have yet.
 */
export function hasCommittedFrames(log: Buffer): boolean {
  if (log.length < 32 || !walMagics.has(log.readUInt32BE(0))) return false;
  const pageSize = log.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536) return false;
  const salts = log.subarray(16, 24);
  for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize) {
    if (!salts.equals(log.subarray(at + 8, at + 16))) return false;
    if (log.readUInt32BE(at + 4) !== 0) return true;
  }
  return false;
}
