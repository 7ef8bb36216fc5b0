import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../../error.ts';
import { berkeleyHeaders, isBerkeleyHash } from './berkeley.ts';
import { tags } from './header.ts';
import { ndbHeaders } from './ndb.ts';
import { hasCommittedFrames, sqliteHeaders } from './sqlite.ts';
import { berkeleyFile, ndbFile, packageHeader, sqliteFile, sqliteFileWithLog } from './testing.ts';

const broken = { name: 'PlimsollError', code: 'catalog/broken-rpm-database' };

type Form = readonly [
  name: string,
  write: (blobs: readonly Buffer[]) => Buffer,
  read: (file: Buffer) => Iterable<Buffer>,
];

const forms: readonly Form[] = [
  ['sqlite', sqliteFile, sqliteHeaders],
  ['sqlite, small pages', (blobs) => sqliteFile(blobs, 'PRAGMA page_size = 512'), sqliteHeaders],
  ['sqlite, large pages', (blobs) => sqliteFile(blobs, 'PRAGMA page_size = 65536'), sqliteHeaders],
  ['sqlite, as rpm opens it', (blobs) => sqliteFile(blobs, 'PRAGMA journal_mode = WAL'), sqliteHeaders],
  ['ndb', ndbFile, ndbHeaders],
  ['berkeley, little-endian', (blobs) => berkeleyFile(blobs, true), berkeleyHeaders],
  ['berkeley, big-endian', (blobs) => berkeleyFile(blobs, false), berkeleyHeaders],
];

const small = packageHeader('small');
/** Sizes around the limits of what fits on a page. */
const blobs = [
  small,
  ...[200, 440, 460, 476, 477, 478, 485, 486, 487, 1_000, 4_060, 4_061, 4_062, 9_000, 70_000].map((size) =>
    filled(size),
  ),
];

function filled(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + size) & 255));
}

test('every form of the database gives back the headers that it was given, in order', () => {
  for (const [name, write, read] of forms) {
    const found = [...read(write(blobs))];
    assert.deepEqual(
      found.map((blob) => blob.length),
      blobs.map((blob) => blob.length),
      name,
    );
    for (const [index, blob] of found.entries()) assert.ok(blobs[index]?.equals(blob), `${name}, ${index}`);
  }
});

test('a database of thousands of packages is read whole', () => {
  const many = Array.from({ length: 3_000 }, (_, index) => packageHeader(`package-${index}`));
  for (const [name, write, read] of forms) assert.equal([...read(write(many))].length, many.length, name);
});

test('a database without packages has none', () => {
  for (const [name, write, read] of forms) assert.deepEqual([...read(write([]))], [], name);
});

test('packages that were erased are not found again', () => {
  const file = sqliteFile(blobs, '', 'DELETE FROM Packages WHERE hnum > 1');
  assert.deepEqual(
    [...sqliteHeaders(file)].map((blob) => blob.length),
    [small.length],
  );
});

test('a database cut short is refused, wherever it is cut', () => {
  for (const [name, write, read] of forms) {
    const file = write(blobs);
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const cut = file.subarray(0, Math.floor(file.length * share));
      assert.throws(() => [...read(cut)], broken, `${name}, ${share}`);
    }
  }
});

test('a database with any of its bytes changed is read or refused, never more', () => {
  const files = forms.map(([, write, read]) => ({ read, file: write([small, filled(600), filled(2_000)]) }));
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), { minLength: 1, maxLength: 30 }),
      (which, changes) => {
        const { file, read } = files[which % files.length] ?? assert.fail();
        const copy = Buffer.from(file);
        // Heads are where the structure is: every other change goes there.
        for (const [index, [place, value]] of changes.entries()) {
          copy.writeUInt8(value, Math.floor(place * (index % 2 === 0 ? 700 : file.length)));
        }
        try {
          let bytes = 0;
          for (const blob of read(copy)) {
            bytes += blob.length;
            if (bytes > copy.length) break;
          }
        } catch (thrown) {
          assert.ok(thrown instanceof PlimsollError, String(thrown));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('any bytes are read or refused, never more', () => {
  for (const [, , read] of forms) {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        if (read === berkeleyHeaders && !isBerkeleyHash(Buffer.from(bytes))) return;
        assert.throws(() => [...read(Buffer.from(bytes))], broken);
      }),
    );
  }
});

test('a chain of pages that leads back to itself is refused', () => {
  const berkeley = berkeleyFile([filled(5_000)], true);
  berkeley.writeUInt32LE(3, 4 * 512 + 16);
  assert.throws(() => [...berkeleyHeaders(berkeley)], broken);
  const sqlite = sqliteFile([filled(50_000)]);
  for (let page = 2; page <= sqlite.length / 4096; page++) sqlite.writeUInt32BE(page, (page - 1) * 4096);
  assert.throws(() => [...sqliteHeaders(sqlite)], broken);
});

test('a header that claims four gigabytes is refused without room being made for it', () => {
  const ndb = ndbFile([small]);
  ndb.writeUInt32LE(0xffffffff, 4096 + 12);
  assert.throws(() => [...ndbHeaders(ndb)], broken);
  const berkeley = berkeleyFile([filled(5_000)], true);
  berkeley.writeUInt32LE(0xffffffff, 2 * 512 + 512 - 5 - 4);
  assert.throws(() => [...berkeleyHeaders(berkeley)], broken);
});

test('only a table called Packages will do, so that no SQL of the file is ever run', () => {
  const view = sqliteFile([small], '', 'DROP TABLE Packages; CREATE VIEW Packages AS SELECT 1, 2');
  assert.throws(() => [...sqliteHeaders(view)], broken);
});

test('an encrypted database is refused as one', () => {
  const file = berkeleyFile([small], true);
  file[24] = 1;
  assert.throws(() => [...berkeleyHeaders(file)], { ...broken, message: /encrypted/ });
});

test('a slot that points to the blob of another package is refused', () => {
  const file = ndbFile([small, small]);
  file.writeUInt32LE(file.readUInt32LE(32 + 8), 48 + 8);
  assert.throws(() => [...ndbHeaders(file)], broken);
});

test('a log counts when it holds a transaction that the database does not have', () => {
  const { database, log } = sqliteFileWithLog(packageHeader('late', [[tags.license, 'MIT']]));
  assert.deepEqual([...sqliteHeaders(database)], []);
  assert.equal(hasCommittedFrames(log), true);
  assert.equal(hasCommittedFrames(log.subarray(0, 100)), false);
  assert.equal(hasCommittedFrames(Buffer.alloc(5_000)), false);
  assert.equal(hasCommittedFrames(Buffer.alloc(0)), false);
  const stale = Buffer.from(log);
  stale.writeUInt32BE((stale.readUInt32BE(16) ^ 1) >>> 0, 16);
  assert.equal(hasCommittedFrames(stale), false);
});
