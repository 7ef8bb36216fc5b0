import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../../limits.ts';
import { compareVersions } from './compare.ts';

/** One ecosystem for each ordering; the fixtures are lines of `a < b` and `a = b`. */
const orderings = {
  dpkg: 'Debian:12',
  rpm: 'AlmaLinux:9',
  apk: 'Alpine:v3.20',
  semver: 'npm',
  go: 'Go',
  maven: 'Maven',
  pep440: 'PyPI',
  gem: 'RubyGems',
  composer: 'Packagist',
  nuget: 'NuGet',
} as const;

for (const [name, ecosystem] of Object.entries(orderings)) {
  test(`${name}: every line of its fixture holds, read from both sides`, () => {
    const lines = readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8').split('\n');
    let held = 0;
    for (const line of lines) {
      if (line === '' || line.startsWith('#')) continue;
      const [, a = '', sign, b = ''] = /^(.+) ([<=]) (.+)$/.exec(line) ?? [];
      const expected = sign === '<' ? -1 : 0;
      assert.equal(compareVersions(ecosystem, a, b), expected, line);
      assert.equal(compareVersions(ecosystem, b, a), expected === 0 ? 0 : 1, `${line}, read backwards`);
      held++;
    }
    assert.ok(held >= 14, `${held} lines`);
  });
}

const number = fc.oneof(fc.constantFrom('0', '1', '01', '9', '10', '20230101'), fc.nat({ max: 30 }).map(String));
const piece = fc.constantFrom(
  '.',
  '-',
  '+',
  '~',
  '^',
  '_',
  ':',
  '!',
  ' ',
  '',
  'a',
  'b',
  'alpha',
  'beta',
  'rc',
  'pre',
  'dev',
  'post',
  'final',
  'ga',
  'sp',
  'snapshot',
  'x',
  'p',
  'pl',
  'git',
  '-r',
  '+deb12u',
  '.el9',
  'v',
  'go',
  'Z',
);
const realistic = fc
  .array(fc.tuple(piece, number), { minLength: 1, maxLength: 6 })
  .chain((parts) => number.map((first) => first + parts.map(([text, digits]) => text + digits).join('')));
const version = fc.oneof(
  { weight: 4, arbitrary: realistic },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

for (const [name, ecosystem] of Object.entries(orderings)) {
  const compare = (a: string, b: string) => compareVersions(ecosystem, a, b);

  test(`${name}: whatever the versions, the order is total and symmetric, and nothing is thrown`, () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const ab = compare(a, b);
        const ba = compare(b, a);
        const bc = compare(b, c);
        const ac = compare(a, c);
        assert.equal(compare(a, a), compare(a, a) === undefined ? undefined : 0);
        assert.equal(ba, ab === undefined ? undefined : 0 - ab);
        if (ab === undefined || bc === undefined) return;
        assert.notEqual(ac, undefined);
        if (ab <= 0 && bc <= 0) assert.ok((ac ?? 1) <= 0, 'transitive');
        if (ab === 0 && bc === 0) assert.equal(ac, 0, 'equality is transitive');
      }),
      { numRuns: 400 },
    );
  });
}

test('a version that has no place in its ecosystem is not ordered: unknown, neither older nor newer', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['Go', '(devel)', 'v1.0.0'],
    ['Go', 'devel go1.22-1234abcd', '1.21.0'],
    ['Packagist', 'dev-main', '1.0.0'],
    ['Packagist', '2.x-dev', '2.1.0'],
    ['PyPI', '2004d-final', '1.0'],
    ['PyPI', '1.0-bulbasaur', '1.0'],
    ['npm', 'latest', '1.0.0'],
    ['npm', 'git+https://example.org/a.git', '1.0.0'],
    ['npm', '1.0.0 || 2.0.0', '1.0.0'],
    ['Alpine:v3.11', '6.6.2p1-r0', '6.6.2_p1-r0'],
    ['Alpine:v3.11', '1.0_gamma', '1.0'],
    ['Debian:12', 'not a version', '1.0'],
    ['Debian:12', 'x:1.0', '1.0'],
    ['Debian:12', '<unfixed>', '1.0'],
    ['RubyGems', '1.0_x86', '1.0'],
    ['Maven', '', '1.0'],
    ['AlmaLinux:9', '', '1.0-1'],
    ['Hackage', '1.0', '2.0'],
  ];
  for (const [ecosystem, a, b] of cases) {
    assert.equal(compareVersions(ecosystem, a, b), undefined, `${ecosystem} ${a}`);
    assert.equal(compareVersions(ecosystem, b, a), undefined, `${ecosystem} ${a}, read backwards`);
  }
});

test('the release of an ecosystem does not change its order, but the ecosystem does', () => {
  assert.equal(compareVersions('Ubuntu:22.04:LTS', '1.0~rc1-1', '1.0-1'), -1);
  assert.equal(compareVersions('Ubuntu', '1.0~rc1-1', '1.0-1'), -1);
  assert.equal(compareVersions('PyPI', '1.0.post1', '1.0'), 1);
  assert.equal(compareVersions('RubyGems', '1.0.post1', '1.0'), -1);
  for (const ecosystem of ['crates.io', 'Hex', 'Pub', 'Bitnami', 'ConanCenter', 'SwiftURL', 'GitHub Actions']) {
    assert.equal(compareVersions(ecosystem, '1.0.0-rc.1', '1.0.0'), -1, ecosystem);
  }
  for (const ecosystem of ['Wolfi', 'Chainguard', 'MinimOS']) {
    assert.equal(compareVersions(ecosystem, '1.0_rc1-r0', '1.0-r0'), -1, ecosystem);
  }
  for (const ecosystem of [
    'Rocky Linux:9',
    'Red Hat:enterprise_linux:9::baseos',
    'openSUSE:Leap 15.6',
    'SUSE:Linux Enterprise Server 15 SP5',
    'Mageia:9',
    'openEuler:24.03-LTS',
    'Photon OS:5.0',
    'Azure Linux:3',
  ]) {
    assert.equal(compareVersions(ecosystem, '1.0^git1-1', '1.0-1'), 1, ecosystem);
  }
});

test('a version longer than any real one is not ordered, and takes no time', () => {
  const long = `1${'.1'.repeat(limits.versionLength)}`;
  const hostile = [
    '1'.repeat(limits.versionLength),
    '1.'.repeat(limits.versionLength / 2),
    `1${'-'.repeat(1_000)}x`,
    `1${'a1'.repeat(500)}!`,
  ];
  const start = performance.now();
  for (const ecosystem of Object.values(orderings)) {
    assert.equal(compareVersions(ecosystem, long, '1.0'), undefined);
    for (const text of hostile) compareVersions(ecosystem, text, '1.0');
  }
  assert.ok(performance.now() - start < 500);
});
