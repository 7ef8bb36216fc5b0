import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlimsollError } from '../error.ts';
import { anchoredPattern, describeMatch, matches } from './match.ts';

const workflow = 'https://github.com/acme/app/.github/workflows/build.yml@refs/heads/main';

test('an exact text matches itself and nothing else', () => {
  assert.equal(matches({ exact: workflow }, workflow), true);
  for (const other of [`${workflow} `, workflow.slice(1), workflow.toUpperCase(), '', `${workflow}\n`]) {
    assert.equal(matches({ exact: workflow }, other), false, other);
  }
});

test('a pattern stands for the whole text, however it is written', () => {
  const yes: readonly [string, string][] = [
    ['https://github\\.com/acme/.+', workflow],
    ['^https://github\\.com/acme/.+$', workflow],
    ['a|b', 'b'],
    ['.*@example\\.com', 'jo@example.com'],
  ];
  for (const [pattern, text] of yes) assert.equal(matches(anchoredPattern(pattern), text), true, pattern);

  const no: readonly [string, string][] = [
    ['https://github\\.com/acme/app', workflow],
    ['acme', workflow],
    ['a|b', 'bc'],
    ['a|b', 'ca'],
    ['jo@example\\.com', 'jo@example.com.evil.example'],
    ['jo@example\\.com', 'evil-jo@example.com'],
    ['jo@example\\.com', 'jo@example.com\n'],
    ['jo@example\\.com', 'x\njo@example.com'],
  ];
  for (const [pattern, text] of no) assert.equal(matches(anchoredPattern(pattern), text), false, `${pattern} ${text}`);
});

test('a regular expression made elsewhere is anchored too, and its multi-line flag is not heeded', () => {
  assert.equal(matches({ pattern: /acme/ }, workflow), false);
  assert.equal(matches({ pattern: /^jo@example\.com$/m }, 'jo@example.com\nevil'), false);
  const sticky = { pattern: /a+/g };
  assert.deepEqual([matches(sticky, 'aa'), matches(sticky, 'aa')], [true, true]);
});

for (const [what, source] of [
  ['empty', ''],
  ['not a regular expression', '['],
  ['reaching around its anchors', 'a)|(?:b'],
  ['endlessly long', 'a'.repeat(100_000)],
] as const) {
  test(`a pattern that is ${what} is refused`, () => {
    assert.throws(() => anchoredPattern(source), { name: 'PlimsollError', code: 'trust/pattern' });
  });
}

test('a pattern that would take forever is given up, not waited for', () => {
  const start = performance.now();
  assert.throws(() => matches(anchoredPattern('(a+)+'), `${'a'.repeat(60)}b`), PlimsollError);
  assert.ok(performance.now() - start < 2000);
  assert.equal(matches(anchoredPattern('.*'), 'a'.repeat(100_000)), false, 'a text of no plausible length');
});

test('a match is told in messages', () => {
  assert.equal(describeMatch({ exact: 'x' }), '"x"');
  assert.equal(describeMatch(anchoredPattern('x+')), 'pattern ^(?:x+)$');
});
