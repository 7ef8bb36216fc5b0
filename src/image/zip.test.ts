import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { bufferAccess, fileAccess } from './random-access.ts';
import { type TestEntry, type TestZipOptions, testZip } from './testing-zip.ts';
import { readZip, unpackBudget, type ZipLimits } from './zip.ts';

const MiB = 1024 * 1024;

function contents(archive: Buffer, options?: ZipLimits): Record<string, string> {
  const zip = readZip(bufferAccess(archive), options);
  return Object.fromEntries([...zip.entries()].map((entry) => [entry.name, zip.read(entry).toString()]));
}

function code(expected: string): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof PlimsollError, String(thrown));
    assert.equal(thrown.code, expected, thrown.message);
    return true;
  };
}

const script = Buffer.from('#!/bin/sh\nexec java -jar "$0"\n');
const layouts: Record<string, TestZipOptions> = {
  'as most tools write it': {},
  'with a comment': { comment: 'built by hand' },
  'with a comment that looks like an end record': { comment: `PK\x05\x06${'\0'.repeat(30)}` },
  'behind a script that its offsets do not count': { prefix: script },
  'behind a script that its offsets count': { prefix: script, countPrefix: true },
  'as zip64': { zip64: true },
  'as zip64 behind a script that its offsets do not count': { zip64: true, prefix: script },
};
for (const [how, options] of Object.entries(layouts)) {
  test(`an archive written ${how} gives every file back`, () => {
    const files = { 'a.txt': 'hello', 'folder/': '', 'folder/b.txt': 'x'.repeat(100_000), 'empty.txt': '' };
    assert.deepEqual(contents(testZip(files, options)), files);
  });
}

test('an archive without entries is an empty archive', () => {
  assert.equal(readZip(bufferAccess(testZip({}))).count, 0);
});

test('bytes behind the archive do not hide it', () => {
  assert.deepEqual(contents(Buffer.concat([testZip({ a: '1' }), Buffer.from('signature')])), { a: '1' });
});

test('stored entries and long local extra fields are read', () => {
  const extra = Buffer.alloc(5_000, 7);
  assert.deepEqual(contents(testZip([{ name: 'a', data: 'abc', stored: true, lies: { extra } }])), { a: 'abc' });
});

test('names are UTF-8 where the entry says so, and code page 437 otherwise', () => {
  const archive = testZip([
    { name: 'größe.txt', data: '1' },
    { name: Buffer.from([0x67, 0x72, 0x94, 0xe1, 0x65]), data: '2' },
  ]);
  assert.deepEqual(contents(archive), { 'größe.txt': '1', größe: '2' });
});

test('only entries whose name is wanted are given', () => {
  const zip = readZip(bufferAccess(testZip({ 'a.class': '', 'META-INF/MANIFEST.MF': 'x', 'b.class': '' })));
  assert.deepEqual(
    [...zip.entries((name) => name.startsWith('META-INF/'))].map(({ name }) => name),
    ['META-INF/MANIFEST.MF'],
  );
});

test('a file on disk is read like a buffer, through many small reads and large ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-zip-'));
  try {
    const path = join(folder, 'a.zip');
    const files = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [`${index}.txt`, `${index},`.repeat(300)]),
    );
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
    writeFileSync(
      path,
      testZip([...entriesOf(files), { name: 'large', data: noise, stored: true }], { prefix: script }),
    );
    const file = fileAccess(path);
    const zip = readZip(file);
    const read = new Map([...zip.entries()].map((entry) => [entry.name, zip.read(entry)]));
    file.close();
    assert.deepEqual(read.get('large'), noise);
    for (const [name, text] of Object.entries(files)) assert.equal(read.get(name)?.toString(), text);
    assert.throws(() => fileAccess(join(folder, 'none.zip')), code('image/file-unreadable'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function entriesOf(files: Record<string, string>): TestEntry[] {
  return Object.entries(files).map(([name, data]) => ({ name, data }));
}

const lying: Record<string, { entry: TestEntry; code: string }> = {
  'states fewer bytes than it unpacks to': {
    entry: { name: 'a', data: 'abcdef', lies: { size: 3 } },
    code: 'image/zip-corrupt',
  },
  'states more bytes than it unpacks to': {
    entry: { name: 'a', data: 'abc', lies: { size: 6 } },
    code: 'image/zip-corrupt',
  },
  'is stored with two different sizes': {
    entry: { name: 'a', data: 'abc', stored: true, lies: { size: 2 } },
    code: 'image/zip-corrupt',
  },
  'has another CRC-32': { entry: { name: 'a', data: 'abc', lies: { crc32: 1 } }, code: 'image/zip-corrupt' },
  'reaches into the central directory': {
    entry: { name: 'a', data: 'abc', lies: { packedSize: 500 } },
    code: 'image/zip-corrupt',
  },
  'starts where no header is': {
    entry: { name: 'a', data: 'abc', stored: true, lies: { start: 1 } },
    code: 'image/zip-corrupt',
  },
  'is encrypted': { entry: { name: 'a', data: 'abc', lies: { flags: 1 } }, code: 'image/zip-unsupported' },
  'is packed with LZMA': { entry: { name: 'a', data: 'abc', lies: { method: 14 } }, code: 'image/zip-unsupported' },
  'is on another disk': { entry: { name: 'a', data: 'abc', lies: { disk: 3 } }, code: 'image/zip-unsupported' },
  'is no deflate stream': {
    entry: { name: 'a', data: '\xff\xff\xff\xff', stored: true, lies: { method: 8 } },
    code: 'image/zip-corrupt',
  },
};
for (const [what, { entry, code: expected }] of Object.entries(lying)) {
  test(`an entry that ${what} is refused`, () => {
    assert.throws(() => contents(testZip([entry, { name: 'after', data: '' }])), code(expected));
  });
}

test('ten megabytes of zeros are refused before they are unpacked where fewer are allowed', () => {
  const archive = testZip({ zeros: Buffer.alloc(10 * MiB) });
  const zip = readZip(bufferAccess(archive));
  const [entry] = zip.entries();
  assert.ok(entry !== undefined);
  assert.throws(() => zip.read(entry, MiB), code('image/zip-limit'));
  assert.throws(() => contents(archive, { budget: unpackBudget(MiB) }), code('image/zip-limit'));
});

test('archives inside archives share one budget', () => {
  const budget = unpackBudget(2.5 * MiB);
  const outer = readZip(bufferAccess(testZip({ inner: testZip({ zeros: Buffer.alloc(MiB) }) })), { budget });
  const [inner] = outer.entries();
  assert.ok(inner !== undefined);
  const unpack = () => contents(outer.read(inner), { budget });
  unpack();
  unpack();
  assert.throws(unpack, code('image/zip-limit'));
});

test('a bomb whose entries share their data is refused', () => {
  const kernel: TestEntry = { name: 'a', data: Buffer.alloc(MiB) };
  const shared = Array.from({ length: 5 }, (_, index) => ({ ...kernel, name: `${index}`, lies: { start: 0 } }));
  assert.throws(() => readZip(bufferAccess(testZip(shared))), code('image/zip-corrupt'));
});

test('a bomb whose entries hide later headers in an extra field is refused', () => {
  const quoted = testZip({ kernel: Buffer.alloc(MiB) });
  const packedSize = deflateRawSync(Buffer.alloc(MiB)).length;
  const header = quoted.subarray(0, 30 + 'kernel'.length);
  const archive = testZip([
    { name: 'quotes', data: '', stored: true, lies: { extra: header, method: 8, packedSize, size: MiB } },
    { name: 'kernel', data: Buffer.alloc(MiB), lies: { start: 36 } },
  ]);
  assert.throws(() => contents(archive), code('image/zip-corrupt'));
});

test('entries listed in another order than they stand in are no overlap', () => {
  const [first, second] = [testZip({ a: '1' }), testZip({ b: '2' })];
  const length = first.indexOf('PK\x01\x02');
  const archive = testZip([
    { name: 'b', data: '2', lies: { start: length } },
    { name: 'a', data: '1', lies: { start: 0 } },
  ]);
  const swapped = Buffer.concat([first.subarray(0, length), second.subarray(0, length), archive.subarray(2 * length)]);
  assert.deepEqual(contents(swapped), { b: '2', a: '1' });
});

test('too many entries are refused, by what is stated', () => {
  assert.throws(() => readZip(bufferAccess(testZip({ a: '', b: '', c: '' })), { entries: 2 }), code('image/zip-limit'));
  const claims = testZip({ a: '' }, { zip64: true, count: 4_000_000_000 });
  assert.throws(() => readZip(bufferAccess(claims)), code('image/zip-limit'));
});

test('a count that is not the number of entries is refused', () => {
  for (const count of [1, 3]) {
    assert.throws(() => readZip(bufferAccess(testZip({ a: '1', b: '2' }, { count }))), code('image/zip-corrupt'));
  }
});

test('what is no archive is told apart from a broken one', () => {
  for (const data of ['', 'PK', 'hello world', 'PK\x05\x06'])
    assert.throws(() => readZip(bufferAccess(Buffer.from(data))), code('image/not-zip'));
});

test('an archive cut off at any byte, or with any bytes changed, throws nothing but a PlimsollError', () => {
  const samples = [{}, { zip64: true }, { prefix: script, comment: 'c' }].map((options) =>
    testZip({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', b: 'x'.repeat(500), c: '' }, options),
  );
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...samples), changes, fc.option(fc.nat()), (sample, edits, cut) => {
      const archive = Buffer.from(sample);
      for (const [at, value] of edits) archive[at % archive.length] = value;
      try {
        contents(cut === null ? archive : archive.subarray(0, cut % archive.length));
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError, String(thrown));
      }
    }),
    { numRuns: 1_500 },
  );
});
