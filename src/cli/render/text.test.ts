import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { hostileText } from './testing.ts';
import { count, shortDigest, shown } from './text.ts';
import { cut, fit, fitEnd, pad, widthOf } from './width.ts';

const safe: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['an escape sequence', 'a\u001b[31mb', 'a\\u001b[31mb'],
  ['a C1 control sequence', '\u009b2J', '\\u009b2J'],
  ['a bell and a backspace', 'a\u0007\b', 'a\\u0007\\u0008'],
  ['a bidi override', '\u202egnp.exe', '\\u202egnp.exe'],
  ['a zero-width joiner', 'a\u200db', 'a\\u200db'],
  ['a tag character beyond the first plane', '\u{e0041}', '\\u{e0041}'],
  ['half a surrogate pair', '\ud800', '\\ud800'],
  ['line breaks and tabs', 'a\r\n\tb\u2028c', 'a b\\u2028c'],
  ['a pipeline command', 'x ##vso[task.complete] ##[error]', 'x #\\u0023vso[task.complete] #\\u0023[error]'],
  ['a heading, which is none of these', '## ok [1]', '## ok [1]'],
  ['letters of any script', 'naïve 日本語 ü', 'naïve 日本語 ü'],
];

for (const [what, text, expected] of safe) {
  test(`on a terminal ${what} is shown as ${expected}`, () => assert.equal(shown(text), expected));
}

test('no text from outside keeps a character that a terminal acts on, and showing it again changes nothing', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const once = shown(text);
      assert.doesNotMatch(once, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      assert.equal(shown(once), once);
    }),
  );
});

test('text that is cut fits, from either end, and no character is torn apart', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 2, max: 60 }), (text, width) => {
      const line = shown(text);
      for (const fitted of [fit(line, width), fitEnd(line, width)]) {
        assert.ok(stringWidth(fitted) <= width, `${stringWidth(fitted)} columns: ${fitted}`);
        assert.equal(fitted.isWellFormed(), true);
      }
    }),
  );
  assert.equal(fit('日本語', 5), '日本…');
  assert.equal(fit('日本語', 6), '日本語');
  assert.equal(fitEnd('usr/lib/libssl.so', 10), '…libssl.so');
  assert.equal(cut('short', 4), 'sho…');
});

test('text is padded by the columns it takes', () => {
  assert.equal(pad('日本', 6), '日本  ');
  assert.equal(widthOf('日本'), 4);
});

test('numbers of things read as English', () => {
  assert.equal(count(1, 'component'), '1 component');
  assert.equal(count(1_204, 'component'), '1,204 components');
  assert.equal(count(0, 'advisory'), '0 advisories');
  assert.equal(count(2, 'day'), '2 days');
});

test('a digest is shortened, and anything else is left alone', () => {
  assert.equal(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`), 'sha256:0123456789ab');
  assert.equal(shortDigest('none'), 'none');
});
