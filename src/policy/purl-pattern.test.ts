import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { purlMatches, readPurlPattern, splitPurl } from './purl-pattern.ts';

function matches(pattern: string, purl: string): boolean {
  const answer = readPurlPattern(pattern);
  assert.ok(answer.ok, pattern);
  return purlMatches(answer.value, splitPurl(purl));
}

const cases: readonly [pattern: string, matching: readonly string[], other: readonly string[]][] = [
  [
    'pkg:npm/lodash',
    ['pkg:npm/lodash@4.17.21', 'pkg:npm/lodash'],
    ['pkg:npm/%40types/lodash@1', 'pkg:npm/lodash.merge@4', 'pkg:pypi/lodash@4'],
  ],
  ['pkg:npm/@angular/core', ['pkg:npm/%40angular/core@1.0.0'], ['pkg:npm/core@1.0.0']],
  [
    'pkg:npm/%40angular/*@1.*',
    ['pkg:npm/%40angular/core@1.0.0'],
    ['pkg:npm/%40angular/core@2.0.0', 'pkg:npm/%40angular/core'],
  ],
  ['pkg:npm/**', ['pkg:npm/a@1', 'pkg:npm/%40a/b@1'], ['pkg:pypi/a@1']],
  [
    'pkg:deb/*/openssl@3.0.*',
    ['pkg:deb/debian/openssl@3.0.15-1?arch=amd64&distro=debian-12'],
    ['pkg:deb/debian/libssl3@3.0.15-1'],
  ],
  ['pkg:deb/debian/vim@2:9.*', ['pkg:deb/debian/vim@2%3A9.0.1378-2?arch=amd64'], ['pkg:deb/debian/vim@9.0']],
  [
    'pkg:maven/org.apache.logging.log4j/*',
    ['pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1'],
    ['pkg:maven/org.apache/log4j-core@1'],
  ],
  [
    'pkg:golang/golang.org/x/**',
    ['pkg:golang/golang.org/x/net@v0.1.0', 'pkg:golang/golang.org/x/tools/gopls@v1#cmd'],
    ['pkg:golang/golang.org/y@v1'],
  ],
  ['pkg:*/**', ['pkg:hex/phoenix@1', 'pkg:cargo/time@1'], ['no purl']],
];

test('a purl pattern compares type, namespace, name and version, and minds no qualifiers', () => {
  for (const [pattern, matching, other] of cases) {
    for (const purl of matching) assert.ok(matches(pattern, purl), `${pattern} must match ${purl}`);
    for (const purl of other) assert.ok(!matches(pattern, purl), `${pattern} must not match ${purl}`);
  }
});

test('a pattern that could never match is refused with what to write', () => {
  for (const [pattern, hint] of [
    ['lodash', /pkg:TYPE\/NAME/],
    ['pkg:npm', /pkg:TYPE\/\*\*/],
    ['pkg:npm/', /pkg:TYPE\/\*\*/],
    ['pkg:/a', /pkg:TYPE/],
    ['pkg:npm/a?arch=x', /leave out/],
    ['pkg:npm/@scope', /pkg:npm\/@scope\/\*/],
    ['pkg:npm/a@', /version after "@"/],
    ['pkg:npm/a//b', /one slash/],
    ['pkg:npm/a**', /stands alone/],
  ] as const) {
    const answer = readPurlPattern(pattern);
    assert.match(answer.ok ? 'accepted' : answer.mistake.hint, hint, pattern);
  }
});

test('taking a purl apart never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void splitPurl(`pkg:${text}`)));
  assert.deepEqual(splitPurl('pkg:npm/a%ZZ@%'), { type: 'npm', segments: ['a%ZZ'], version: '%' });
});
