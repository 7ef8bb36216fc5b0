import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../../error.ts';
import { parseHeader, tags } from './header.ts';
import { headerWith } from './testing.ts';

const broken = { name: 'PlimsollError', code: 'catalog/broken-rpm-database' };

test('strings, lists of strings and numbers are read by their tags', () => {
  const header = parseHeader(
    headerWith(
      new Map<number, string | readonly string[] | readonly number[]>([
        [tags.name, 'bash'],
        [tags.baseNames, ['a', '', 'ü']],
        [tags.directoryIndexes, [0, 1, 4_294_967_295]],
      ]),
    ),
  );
  assert.equal(header.string(tags.name), 'bash');
  assert.equal(header.string(tags.baseNames), 'a');
  assert.deepEqual(header.strings(tags.baseNames), ['a', '', 'ü']);
  assert.deepEqual(header.integers(tags.directoryIndexes), [0, 1, 4_294_967_295]);
});

test('a tag that is absent or of another type is absent', () => {
  const header = parseHeader(headerWith(new Map([[tags.name, 'bash']])));
  assert.equal(header.string(tags.epoch), undefined);
  assert.deepEqual(header.strings(tags.epoch), []);
  assert.deepEqual(header.integers(tags.name), []);
});

test('an entry added on installation replaces the one in the package', () => {
  const header = headerWith(
    new Map([
      [tags.name, 'old'],
      [tags.vendor, 'new'],
    ]),
  );
  header.writeUInt32BE(tags.name, 8 + 16);
  assert.equal(parseHeader(header).string(tags.name), 'new');
});

test('claims beyond the bytes that are there are refused, without room being made for them', () => {
  const valid = headerWith(
    new Map<number, string | readonly number[]>([
      [tags.name, 'bash'],
      [tags.directoryIndexes, [1]],
    ]),
  );
  const changed = (offset: number, value: number) => {
    const copy = Buffer.from(valid);
    copy.writeUInt32BE(value, offset);
    return copy;
  };
  const four = 0xffffffff;
  assert.throws(() => parseHeader(Buffer.alloc(7)), broken);
  assert.throws(() => parseHeader(changed(0, four)), broken);
  assert.throws(() => parseHeader(changed(4, four)), broken);
  assert.throws(() => parseHeader(valid.subarray(0, -1)), broken);
  assert.throws(() => parseHeader(changed(8 + 8, four)).string(tags.name), broken);
  assert.throws(() => parseHeader(changed(8 + 12, four)).strings(tags.name), broken);
  assert.throws(() => parseHeader(changed(8 + 12, 2_000)).strings(tags.name), broken);
  assert.throws(() => parseHeader(changed(24 + 8, four)).integers(tags.directoryIndexes), broken);
  assert.throws(() => parseHeader(changed(24 + 12, four)).integers(tags.directoryIndexes), broken);
});

test('any bytes are a header or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(6), fc.nat(60), (bytes, entries, store) => {
      const blob = Buffer.concat([Buffer.from([0, 0, 0, entries, 0, 0, 0, store]), bytes]);
      try {
        const header = parseHeader(blob);
        for (const tag of [...Object.values(tags), bytes[3] ?? 0]) {
          header.strings(tag);
          header.integers(tag);
        }
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError);
      }
    }),
  );
});
