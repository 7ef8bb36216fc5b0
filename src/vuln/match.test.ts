import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { type Distro, purlFor } from '../sbom/index.ts';
import { assertMatches, below, type Given, match, osv } from './testing.ts';

const debian12: Distro = { id: 'debian', versionId: '12', codename: 'bookworm', idLike: [], name: 'Debian GNU/Linux' };

test('rule 6: Go modules by pseudo-version, +incompatible and toolchain; (devel) is unknown', () => {
  const records = [
    osv(
      'GO-2024-0001',
      { ecosystem: 'Go', name: 'golang.org/x/net', events: below('0.0.0-20220906165146-f3363e06e74c') },
      { aliases: ['CVE-2024-0001'] },
    ),
    osv(
      'GO-2024-0002',
      { ecosystem: 'Go', name: 'github.com/docker/docker', events: below('24.0.7') },
      { aliases: ['CVE-2024-0002'] },
    ),
    osv(
      'GO-2024-0003',
      {
        ecosystem: 'Go',
        name: 'stdlib',
        events: [{ introduced: '0' }, { fixed: '1.20.10' }, { introduced: '1.21.0-0' }, { fixed: '1.21.3' }],
      },
      { aliases: ['CVE-2024-0003'] },
    ),
    osv('GO-2024-0004', { ecosystem: 'Go', name: 'example.org/own', events: [{ introduced: '0' }] }),
  ];
  const go = (name: string, version: string): Given => ({ type: 'golang', name, version, embedded: true });
  assertMatches(match([go('golang.org/x/net', 'v0.0.0-20211015210444-4f30a5c0130f')], records), [
    'golang.org/x/net@v0.0.0-20211015210444-4f30a5c0130f CVE-2024-0001',
  ]);
  assertMatches(
    match([go('golang.org/x/net', 'v0.0.0-20221002022538-bcab6841153b'), go('golang.org/x/net', 'v0.1.0')], records),
    [],
  );
  assertMatches(match([go('github.com/docker/docker', 'v20.10.24+incompatible')], records), [
    'github.com/docker/docker@v20.10.24+incompatible CVE-2024-0002',
  ]);
  for (const [version, held] of [
    ['1.20.9', true],
    ['1.20.10', false],
    ['1.21rc2', true],
    ['1.21.3', false],
    ['1.21.3-fips', false],
    ['1.22.0', false],
  ] as const) {
    assert.equal(match([go('stdlib', version)], records).findings.length, held ? 1 : 0, version);
  }
  assertMatches(match([go('example.org/own', '(devel)')], records), [], ['pkg:golang/example.org/own@(devel)']);
});

test('rule 7: Java versions are held against advisories in Maven order', () => {
  const name = 'org.apache.struts:struts2-core';
  const records = [
    osv('GHSA-1', { ecosystem: 'Maven', name, events: [{ introduced: '2.0.0' }, { fixed: '2.5.30' }] }),
    osv('GHSA-2', { ecosystem: 'Maven', name, events: [{ introduced: '6.0.0-M1' }, { fixed: '6.1.2.1' }] }),
  ];
  const held = {
    '2.5.29': 1,
    '2.5.30': 0,
    '2.5-BETA1': 1,
    '6.0.0-alpha1': 0,
    '6.0.0-RC1': 1,
    '6.0.0.GA': 1,
    '6.1.2': 1,
    '6.1.2.1': 0,
  };
  for (const [version, count] of Object.entries(held)) {
    assert.equal(match([{ type: 'maven', name, version }], records).findings.length, count, version);
  }
  assertMatches(match([{ type: 'maven', name: 'other:struts2-core', version: '2.5.29' }], records), []);
});

test('rule 8: npm packages match by their whole name, scope included, wherever they are nested', () => {
  const records = [osv('GHSA-1', { ecosystem: 'npm', name: '@scope/a', events: below('2.0.0') })];
  const nested = { locations: [{ path: 'node_modules/b/node_modules/@scope/a/package.json' }] };
  assertMatches(match([{ type: 'npm', name: '@scope/a', version: '1.0.0', ...nested }], records), [
    '@scope/a@1.0.0 GHSA-1',
  ]);
  assertMatches(match([{ type: 'npm', name: 'a', version: '1.0.0' }], records), []);
  assertMatches(match([{ type: 'npm', name: '@other/a', version: '1.0.0' }], records), []);
});

test('rule 9: Python names are compared normalised', () => {
  const records = [
    osv(
      'PYSEC-2024-1',
      { ecosystem: 'PyPI', name: 'Flask_Security', events: below('2.0') },
      { aliases: ['CVE-2024-0001'] },
    ),
  ];
  assertMatches(match([{ type: 'pypi', name: 'flask.security', version: '1.9' }], records), [
    'Flask_Security@1.9 CVE-2024-0001',
  ]);
  assertMatches(match([{ type: 'pypi', name: 'flasksecurity', version: '1.9' }], records), []);
});

test("rule 10: the distribution's feed decides what its packages own, unless there is none, or it is compiled in", () => {
  const dsa = osv(
    'DSA-1-1',
    { ecosystem: 'Debian:12', name: 'python-requests', events: below('2.28.1+dfsg-1+deb12u1') },
    { upstream: ['CVE-2024-0001'] },
  );
  const pysec = osv(
    'PYSEC-2024-1',
    { ecosystem: 'PyPI', name: 'requests', events: below('2.31.0') },
    { aliases: ['CVE-2024-0001'] },
  );
  const go = osv(
    'GO-2024-1',
    { ecosystem: 'Go', name: 'stdlib', events: below('1.21.0') },
    { aliases: ['CVE-2024-0002'] },
  );
  const owner: Given = {
    type: 'deb',
    name: 'python3-requests',
    version: '2.28.1+dfsg-1+deb12u1',
    source: { name: 'python-requests' },
  };
  const ownedBy = purlFor(owner, debian12);
  const owned: Given = { type: 'pypi', name: 'requests', version: '2.28.1', ownedBy };
  const compiled: Given = { type: 'golang', name: 'stdlib', version: '1.19.8', ownedBy, embedded: true };
  assertMatches(match([owner, owned], [dsa, pysec], debian12), []);
  assertMatches(match([owner, { ...owned, ownedBy: undefined }], [dsa, pysec], debian12), [
    'requests@2.28.1 CVE-2024-0001',
  ]);
  assertMatches(match([owner, owned], [pysec], debian12), ['requests@2.28.1 CVE-2024-0001'], ['Debian:12 1']);
  assertMatches(match([owner, compiled], [dsa, go], debian12), ['stdlib@1.19.8 CVE-2024-0002']);
  const vendor: Given = { type: 'deb', name: 'vendor-suite', version: '17.1' };
  const brought: Given = { ...owned, ownedBy: purlFor(vendor, debian12) };
  assertMatches(match([vendor, brought], [dsa, pysec], debian12), ['requests@2.28.1 CVE-2024-0001']);
  assertMatches(match([owner, { type: 'npm', name: 'x', ownedBy }], [dsa], debian12), []);
});

test('rule 12: withdrawn advisories do not match', () => {
  const advisory = { ecosystem: 'npm', name: 'a', events: below('2.0.0') };
  assertMatches(
    match(
      [{ type: 'npm', name: 'a', version: '1.0.0' }],
      [osv('GHSA-1', advisory), osv('GHSA-2', advisory, { withdrawn: '2024-01-01T00:00:00Z' })],
    ),
    ['a@1.0.0 GHSA-1'],
  );
});

test('rule 12: a component without a version is unknown, listed apart, once', () => {
  const records = [
    osv('GHSA-1', { ecosystem: 'npm', name: 'a', events: [{ introduced: '0' }] }),
    osv('GHSA-2', { ecosystem: 'npm', name: 'a', events: [{ introduced: '0' }] }),
  ];
  assertMatches(match([{ type: 'npm', name: 'a' }], records), [], ['pkg:npm/a']);
  const unordered = match([{ type: 'npm', name: 'a', version: 'next' }], records);
  assertMatches(unordered, [], ['pkg:npm/a@next']);
  assert.match(JSON.stringify(unordered.unknown), /\\"next\\" has no place in the order of npm versions/);
  assertMatches(match([{ type: 'npm', name: 'unheard-of', version: 'next' }], records), []);
});

test('an ecosystem of which the database has nothing is unknown, with the number of components', () => {
  const records = [osv('GHSA-1', { ecosystem: 'npm', name: 'a', events: below('2.0.0') })];
  const given: readonly Given[] = [
    { type: 'gem', name: 'a', version: '1' },
    { type: 'gem', name: 'b' },
    { type: 'generic', name: 'c', version: '1' },
    { type: 'npm', name: 'a', version: '2.0.0' },
  ];
  assertMatches(match(given, records), [], ['RubyGems 2', 'generic 1']);
});

test('the order of components, advisories and database does not change the result', () => {
  const records = [
    osv('GHSA-1', { ecosystem: 'npm', name: 'a', events: below('2.0.0') }, { aliases: ['CVE-2024-0001'] }),
    osv(
      'GHSA-2',
      { ecosystem: 'npm', name: 'a', events: below('3.0.0') },
      { aliases: ['CVE-2024-0001'], summary: 'two' },
    ),
    osv(
      'GHSA-3',
      { ecosystem: 'npm', name: 'b', events: below('3.0.0') },
      { database_specific: { severity: 'CRITICAL' } },
    ),
    osv('MAL-2024-1', { ecosystem: 'npm', name: 'b', events: [{ introduced: '0' }] }),
  ];
  const given: readonly Given[] = [
    { type: 'npm', name: 'a', version: '1.0.0' },
    { type: 'npm', name: 'b', version: '1.0.0' },
    { type: 'npm', name: 'c' },
    { type: 'gem', name: 'd' },
  ];
  const forward = match(given, records);
  assert.deepEqual(match([...given].reverse(), [...records].reverse()), forward);
  assert.deepEqual(
    forward.findings.map(({ id }) => id),
    ['MAL-2024-1', 'GHSA-3', 'CVE-2024-0001'],
  );
});

test('whatever advisories and components say, matching gives findings about those components and throws nothing', () => {
  const word = fc.oneof(
    fc.constantFrom('0', '1.0.0', '2.0.0-rc.1', '*', '', 'a', '1:2~3^4-5', '__proto__', 'constructor'),
    fc.string(),
  );
  const event = fc
    .tuple(fc.constantFrom('introduced', 'fixed', 'last_affected', 'limit'), word)
    .map(([kind, version]) => ({ [kind]: version }));
  const ecosystem = fc.constantFrom('npm', 'PyPI', 'Maven', 'Go', 'Debian:12', 'AlmaLinux:9', 'Alpine:v3.20');
  const entry = fc.record({
    ecosystem,
    name: fc.constantFrom('a', '__proto__'),
    events: fc.array(event, { minLength: 1, maxLength: 5 }),
    versions: fc.array(word, { maxLength: 3 }),
  });
  const record = fc.tuple(
    fc.constantFrom('GHSA-1', 'CVE-2024-0001', 'DSA-1-1', 'constructor'),
    fc.array(entry, { minLength: 1, maxLength: 3 }),
    fc.record({ aliases: fc.array(word), upstream: fc.array(word), summary: word }),
  );
  const type = fc.constantFrom(
    'npm' as const,
    'pypi' as const,
    'maven' as const,
    'golang' as const,
    'deb' as const,
    'rpm' as const,
    'apk' as const,
  );
  const given = fc.record({
    id: fc.constant('pkg:generic/a'),
    type,
    name: fc.constantFrom('a', '__proto__'),
    version: fc.option(word, { nil: undefined }),
    module: fc.option(word, { nil: undefined }),
  });
  const distro = fc.constantFrom(
    debian12,
    { ...debian12, id: 'almalinux', versionId: '9' },
    { ...debian12, id: 'alpine', versionId: '3.20' },
    { ...debian12, id: 'constructor' },
    undefined,
  );
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 4 }),
      fc.array(given, { maxLength: 4 }),
      distro,
      (records, components, of) => {
        const read = records.flatMap(([id, affected, rest]) => {
          try {
            return [osv(id, affected, rest)];
          } catch (thrown) {
            assert.ok(thrown instanceof PlimsollError);
            return [];
          }
        });
        for (const { component, fix, severity } of match(components, read, of).findings) {
          assert.equal(component, 'pkg:generic/a');
          assert.ok(fix.state !== 'fixed' || fix.version !== '');
          assert.ok(severity.level.length > 0);
        }
      },
    ),
  );
});
