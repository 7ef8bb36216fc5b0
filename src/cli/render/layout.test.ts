import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { lineOf, wrapped } from './layout.ts';
import { hostileText, plain, tagged } from './testing.ts';

test('a line never takes more columns than there are, whatever its pieces hold', () => {
  fc.assert(
    fc.property(fc.array(hostileText, { maxLength: 5 }), fc.integer({ min: 40, max: 200 }), (texts, width) => {
      const line = lineOf(plain(width), ...texts);
      assert.ok(stringWidth(line) <= width);
      assert.ok(!line.includes('\n'));
    }),
  );
});

test('a line that is too long ends in an ellipsis, even where a piece ends just at the edge', () => {
  assert.equal(lineOf(plain(40), 'x'.repeat(40)), 'x'.repeat(40));
  assert.equal(lineOf(plain(40), 'x'.repeat(40), 'y'), `${'x'.repeat(39)}…`);
  assert.equal(lineOf(plain(40), 'x'.repeat(39), 'yy'), `${'x'.repeat(39)}…`);
  assert.equal(lineOf(plain(40), 'x'.repeat(39), 'y'), `${'x'.repeat(39)}y`);
});

test('styles are put around what is left of a piece', () => {
  assert.equal(lineOf(tagged(40), ['red', 'x'.repeat(60)]), `<red>${'x'.repeat(39)}…</red>`);
  assert.equal(lineOf(tagged(40), 'a ', ['bold', 'b'], ['dim', '']), 'a <bold>b</bold>');
});

test('a line does not end in spaces, and a pipe gets at most 140 columns', () => {
  assert.equal(lineOf(plain(80), 'a', '   '), 'a');
  assert.equal(lineOf(plain(undefined), 'x'.repeat(200)).length, 140);
});

test('no line begins like a command of GitHub Actions', () => {
  assert.equal(lineOf(plain(80), '  ', '::error::stop'), '  \\u003a:error::stop');
  assert.equal(lineOf(plain(80), ':', ':set-env name=x::y'), '\\u003a:set-env name=x::y');
  assert.deepEqual(wrapped(plain(40), `${'a'.repeat(38)} ::add-mask::x`), ['a'.repeat(38), '\\u003a:add-mask::x']);
  assert.equal(lineOf(plain(80), 'std::string'), 'std::string');
});

test('running text is wrapped between words, and long words are broken', () => {
  assert.deepEqual(wrapped(plain(40), `${'word '.repeat(10)}end`, { indent: '  ', hanging: '    ' }), [
    '  word word word word word word word',
    '    word word word end',
  ]);
  assert.deepEqual(wrapped(plain(40), `a ${'x'.repeat(60)}`), ['a', 'x'.repeat(40), 'x'.repeat(20)]);
});

test('running text takes no more lines than it may, each within the columns', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 40, max: 120 }), fc.integer({ min: 1, max: 5 }), (text, width, most) => {
      const lines = wrapped(plain(width), text, { indent: '  ', hanging: '    ', most });
      assert.ok(lines.length <= most);
      for (const line of lines) assert.ok(stringWidth(line) <= width);
    }),
  );
  assert.deepEqual(wrapped(plain(40), 'word '.repeat(30).trim(), { most: 2 }), [
    'word word word word word word word word',
    'word word word word word word word word…',
  ]);
});
