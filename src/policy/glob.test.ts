import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathMatches, readPathPattern, textMatches } from './glob.ts';

function matches(pattern: string, path: string): boolean {
  const answer = readPathPattern(pattern);
  assert.ok(answer.ok, pattern);
  return pathMatches(answer.value, path);
}

const cases: readonly [pattern: string, matching: readonly string[], other: readonly string[]][] = [
  ['opt/app', ['opt/app'], ['opt/app/x', 'opt', 'x/opt/app', 'opt/apps']],
  ['/opt/app', ['opt/app'], ['opt/app/x']],
  ['opt/*', ['opt/a', 'opt/.hidden'], ['opt', 'opt/a/b']],
  ['opt/**', ['opt', 'opt/a', 'opt/a/b/c'], ['option', 'x/opt/a']],
  ['**/test/**', ['test/a', 'a/test', 'a/b/test/c/d'], ['tests/a', 'a/latest/b']],
  ['**/*.jar', ['a.jar', 'x/y/a.jar', 'x/.jar'], ['a.jar/b', 'a.jars']],
  ['**/outer.war!/**', ['app/outer.war!/WEB-INF/lib/a.jar'], ['app/outer.war/a.jar']],
  ['a/*b*/c', ['a/b/c', 'a/xbx/c', 'a/bb/c'], ['a/x/c', 'a/b/d/c']],
  ['**', ['a', 'a/b/c'], []],
  ['a/**/b/**/c', ['a/b/c', 'a/x/b/y/c', 'a/b/b/c/c'], ['a/c/b', 'a/b/x']],
  ['a.[b]+$', ['a.[b]+$'], ['aab']],
];

test('a path pattern matches whole paths, segment by segment', () => {
  for (const [pattern, matching, other] of cases) {
    for (const path of matching) assert.ok(matches(pattern, path), `${pattern} must match ${path}`);
    for (const path of other) assert.ok(!matches(pattern, path), `${pattern} must not match ${path}`);
  }
});

test('a pattern that means something else than it says is refused with what to write', () => {
  for (const [pattern, hint] of [
    ['test/', 'Write "test/**" for everything below it.'],
    ['a//b', 'Write one slash.'],
    ['../a', 'Write the path from the root of the artifact.'],
    ['./a', 'Write the path from the root of the artifact.'],
    ['a/**.js', '"**" stands alone between slashes, for any number of parts; "*" is any characters within one part.'],
  ] as const) {
    const answer = readPathPattern(pattern);
    assert.equal(answer.ok ? 'accepted' : answer.mistake.hint, hint, pattern);
  }
});

test('text patterns agree with the regular expression that says the same', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(short, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => {
      const expected = new RegExp(`^${pattern.replace(/\*+/g, '.*')}$`).test(text);
      assert.equal(textMatches(pattern, text), expected);
    }),
  );
});

test('patterns made to backtrack take no time', () => {
  const started = performance.now();
  assert.ok(!textMatches('*a'.repeat(500), `${'a'.repeat(4_000)}b`));
  assert.ok(!matches(`${'**/a/'.repeat(200)}b`, 'a/'.repeat(2_000)));
  assert.ok(performance.now() - started < 1_000);
});
