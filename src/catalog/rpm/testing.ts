/** For tests: rpm headers and the three databases that hold them, made byte by byte (SQLite by SQLite itself). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tags } from './header.ts';

export type TagValue = string | number | readonly string[] | readonly number[];

/** A header with these tags: a string is STRING, strings are STRING_ARRAY, numbers INT32. */
export function headerWith(values: ReadonlyMap<number, TagValue>): Buffer {
  const index: Buffer[] = [];
  const store: Buffer[] = [];
  let offset = 0;
  const add = (bytes: Buffer) => {
    store.push(bytes);
    offset += bytes.length;
  };
  for (const [tag, value] of values) {
    const list: readonly (string | number)[] = typeof value === 'object' ? value : [value];
    const numbers = typeof list[0] === 'number';
    if (numbers) add(Buffer.alloc((4 - (offset % 4)) % 4));
    index.push(bigEndian(tag, numbers ? 4 : typeof value === 'string' ? 6 : 8, offset, list.length));
    for (const item of list) add(typeof item === 'number' ? bigEndian(item) : Buffer.from(`${item}\0`));
  }
  return Buffer.concat([bigEndian(index.length, offset), ...index, ...store]);
}

function bigEndian(...numbers: readonly number[]): Buffer {
  return integers(false, ...numbers);
}

function integers(little: boolean, ...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    if (little) bytes.writeUInt32LE(number, index * 4);
    else bytes.writeUInt32BE(number, index * 4);
  });
  return bytes;
}

/** A small package, with more tags or other values for those it has. */
export function packageHeader(name: string, more: readonly (readonly [tag: number, value: TagValue])[] = []): Buffer {
  const usual: readonly (readonly [number, TagValue])[] = [
    [tags.name, name],
    [tags.version, '1.0'],
    [tags.release, '1.el9'],
    [tags.architecture, 'x86_64'],
    [tags.sourceRpm, `${name}-1.0-1.el9.src.rpm`],
  ];
  return headerWith(new Map([...usual, ...more]));
}

/** As rpm writes it: `CREATE TABLE IF NOT EXISTS 'Packages'`. `prepare` runs first, `finish` last. */
export function sqliteFile(blobs: readonly Buffer[], prepare = '', finish = ''): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  try {
    const path = join(folder, 'rpmdb.sqlite');
    const database = new DatabaseSync(path);
    database.exec(prepare);
    database.exec(
      "CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL); CREATE TABLE IF NOT EXISTS 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)",
    );
    const insert = database.prepare('INSERT INTO Packages (blob) VALUES (?)');
    database.exec('BEGIN');
    for (const blob of blobs) insert.run(blob);
    database.exec('COMMIT');
    database.exec(finish);
    database.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What SQLite leaves when it dies with changes in its log: the database file without them, and the log. */
export function sqliteFileWithLog(blob: Buffer): { readonly database: Buffer; readonly log: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  try {
    const path = join(folder, 'rpmdb.sqlite');
    const database = new DatabaseSync(path);
    database.exec(
      'PRAGMA journal_mode = WAL; CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)',
    );
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    database.prepare('INSERT INTO Packages (blob) VALUES (?)').run(blob);
    const files = { database: readFileSync(path), log: readFileSync(`${path}-wal`) };
    database.close();
    return files;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function ndbFile(blobs: readonly Buffer[]): Buffer {
  const pages = Math.ceil(((blobs.length + 2) * 16) / 4096);
  const slots: Buffer[] = [];
  const stored: Buffer[] = [];
  let block = (pages * 4096) / 16;
  blobs.forEach((blob, index) => {
    const blocks = Math.ceil((16 + blob.length + 12) / 16);
    const padding = Buffer.alloc(blocks * 16 - 16 - blob.length - 12);
    slots.push(Buffer.concat([Buffer.from('Slot'), integers(true, index + 1, block, blocks)]));
    stored.push(
      Buffer.concat([
        Buffer.from('BlbS'),
        integers(true, index + 1, 1, blob.length),
        blob,
        padding,
        integers(true, 0, blob.length),
        Buffer.from('BlbE'),
      ]),
    );
    block += blocks;
  });
  const empty = Buffer.concat([Buffer.from('Slot'), Buffer.alloc(12)]);
  while (slots.length + 2 < pages * 256) slots.push(empty);
  const head = Buffer.concat([Buffer.from('RpmP'), integers(true, 0, 1, pages, blobs.length + 1), Buffer.alloc(12)]);
  return Buffer.concat([head, ...slots, ...stored]);
}

const berkeleyPage = 512;

/** Every package on a hash page of its own: inline where it fits, else in overflow pages. A free page stands at the end. */
export function berkeleyFile(blobs: readonly Buffer[], little: boolean): Buffer {
  const u32 = (...numbers: readonly number[]) => integers(little, ...numbers);
  const u16 = (number: number) =>
    little ? Buffer.from([number & 255, number >> 8]) : Buffer.from([number >> 8, number & 255]);
  const pages: Buffer[] = [];
  const header = (number: number, next: number, entries: number, offset: number, type: number) =>
    Buffer.concat([Buffer.alloc(8), u32(number, 0, next), u16(entries), u16(offset), Buffer.from([0, type])]);

  function hashPage(key: number, data: Buffer): void {
    const items = [Buffer.concat([Buffer.from([1]), u32(key)]), data];
    const starts = [berkeleyPage - 5, berkeleyPage - 5 - data.length];
    const page = Buffer.alloc(berkeleyPage);
    header(pages.length + 1, 0, 2, starts[1] ?? 0, 13).copy(page);
    items.forEach((item, index) => {
      u16(starts[index] ?? 0).copy(page, 26 + index * 2);
      item.copy(page, starts[index]);
    });
    pages.push(page);
  }

  hashPage(0, Buffer.concat([Buffer.from([1]), u32(blobs.length)]));
  blobs.forEach((blob, index) => {
    if (blob.length < 300) {
      hashPage(index + 1, Buffer.concat([Buffer.from([1]), blob]));
      return;
    }
    hashPage(index + 1, Buffer.concat([Buffer.from([3, 0, 0, 0]), u32(pages.length + 2, blob.length)]));
    const room = berkeleyPage - 26;
    for (let at = 0; at < blob.length; at += room) {
      const piece = blob.subarray(at, at + room);
      const number = pages.length + 1;
      pages.push(
        Buffer.concat(
          [header(number, at + room < blob.length ? number + 1 : 0, 1, piece.length, 7), piece],
          berkeleyPage,
        ),
      );
    }
  });
  pages.push(Buffer.alloc(berkeleyPage));
  const metadata = Buffer.concat(
    [Buffer.alloc(8), u32(0, 0x061561, 9, berkeleyPage), Buffer.from([0, 8, 0, 0]), u32(0, pages.length)],
    berkeleyPage,
  );
  return Buffer.concat([metadata, ...pages]);
}
