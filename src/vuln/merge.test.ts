import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Distro } from '../sbom/index.ts';
import { isCve, mergeByNames } from './merge.ts';
import { assertMatches, below, match, onlyFinding, osv } from './testing.ts';

const debian12: Distro = { id: 'debian', versionId: '12', codename: 'bookworm', idLike: [], name: 'Debian GNU/Linux' };
const a = { type: 'npm', name: 'a', version: '1.0.0' } as const;
const npm = (id: string, aliases: readonly string[] = []) =>
  osv(id, { ecosystem: 'npm', name: 'a', events: below('2.0.0') }, { aliases });

test('rule 11: aliases are one finding with all its names and advisories', () => {
  const records = [
    npm('GHSA-aaaa-aaaa-aaaa', ['CVE-2024-0001']),
    npm('CVE-2024-0001'),
    npm('SNYK-1', ['GHSA-aaaa-aaaa-aaaa']),
    npm('GHSA-bbbb-bbbb-bbbb', ['CVE-2024-0002']),
  ];
  const matches = match([a], records);
  assertMatches(matches, ['a@1.0.0 CVE-2024-0001', 'a@1.0.0 CVE-2024-0002']);
  const [first] = matches.findings;
  assert.deepEqual(first?.names, ['CVE-2024-0001', 'GHSA-aaaa-aaaa-aaaa', 'SNYK-1']);
  assert.deepEqual(first?.advisories, [
    { id: 'CVE-2024-0001', url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-0001' },
    { id: 'GHSA-aaaa-aaaa-aaaa', url: 'https://github.com/advisories/GHSA-aaaa-aaaa-aaaa' },
    { id: 'SNYK-1', url: 'https://osv.dev/vulnerability/SNYK-1' },
  ]);
});

test('rule 11: an alias that only a third advisory declares joins two that do not name each other', () => {
  const records = [
    npm('GHSA-aaaa-aaaa-aaaa'),
    npm('PYSEC-2024-1'),
    npm('GO-2024-1', ['GHSA-aaaa-aaaa-aaaa', 'PYSEC-2024-1']),
  ];
  assert.equal(onlyFinding(match([a], records)).id, 'GHSA-aaaa-aaaa-aaaa');
  assertMatches(match([a], records.slice(0, 2)), ['a@1.0.0 GHSA-aaaa-aaaa-aaaa', 'a@1.0.0 PYSEC-2024-1']);
});

test('rule 11: two CVEs stay two, though they share a GHSA id, unless an advisory lists both as aliases', () => {
  const sharing = [
    npm('GO-2024-1', ['CVE-2024-0001', 'GHSA-aaaa-aaaa-aaaa']),
    npm('GO-2024-2', ['CVE-2024-0002', 'GHSA-aaaa-aaaa-aaaa']),
    npm('GHSA-aaaa-aaaa-aaaa'),
  ];
  assertMatches(match([a], sharing), ['a@1.0.0 CVE-2024-0001', 'a@1.0.0 CVE-2024-0002']);
  const declared = [...sharing, npm('GO-2024-3', ['CVE-2024-0001', 'CVE-2024-0002'])];
  assertMatches(match([a], declared), ['a@1.0.0 CVE-2024-0001']);
});

test('rule 11: an erratum for several CVEs is a finding for each, with the erratum among its names', () => {
  const fixed = { ecosystem: 'Debian:12', name: 'a', events: below('2') };
  const records = [
    osv('DSA-1-1', fixed, { upstream: ['CVE-2024-0001', 'CVE-2024-0002'] }),
    osv('DSA-2-1', fixed, { upstream: ['CVE-2024-0002', 'CVE-2024-0003'] }),
    osv('DEBIAN-CVE-2024-0003', fixed, { upstream: ['CVE-2024-0003'] }),
    osv('DLA-3-1', fixed, { upstream: [] }),
    osv('USN-1-1', fixed, {
      upstream: ['CVE-2024-0004', 'UBUNTU-CVE-2024-0004', 'CVE-2024-0005', 'UBUNTU-CVE-2024-0005'],
    }),
  ];
  const { findings } = match([{ type: 'deb', name: 'a', version: '1' }], records, debian12);
  assert.deepEqual(
    findings.map(({ id, names, advisories }) => [id, names.join(' '), advisories.map((one) => one.id).join(' ')]),
    [
      ['CVE-2024-0001', 'CVE-2024-0001 DSA-1-1', 'DSA-1-1'],
      ['CVE-2024-0002', 'CVE-2024-0002 DSA-1-1 DSA-2-1', 'DSA-1-1 DSA-2-1'],
      ['CVE-2024-0003', 'CVE-2024-0003 DEBIAN-CVE-2024-0003 DSA-2-1', 'DEBIAN-CVE-2024-0003 DSA-2-1'],
      ['CVE-2024-0004', 'CVE-2024-0004 UBUNTU-CVE-2024-0004 USN-1-1', 'USN-1-1'],
      ['CVE-2024-0005', 'CVE-2024-0005 UBUNTU-CVE-2024-0005 USN-1-1', 'USN-1-1'],
      ['DLA-3-1', 'DLA-3-1', 'DLA-3-1'],
    ],
  );
});

test('rule 11: the GHSA and the CVE that a distribution names for one vulnerability are one finding', () => {
  const records = [
    osv(
      'CGA-1',
      { ecosystem: 'Wolfi', name: 'a', events: below('2-r0') },
      { upstream: ['CVE-2024-0001', 'GHSA-aaaa-aaaa-aaaa'] },
    ),
    osv('CGA-2', { ecosystem: 'Wolfi', name: 'a', events: below('2-r0') }, { upstream: ['GHSA-aaaa-aaaa-aaaa'] }),
  ];
  const wolfi: Distro = { id: 'wolfi', idLike: [], name: 'Wolfi' };
  const finding = onlyFinding(match([{ type: 'apk', name: 'a', version: '1-r0' }], records, wolfi));
  assert.deepEqual(finding.names, ['CGA-1', 'CGA-2', 'CVE-2024-0001', 'GHSA-aaaa-aaaa-aaaa']);
});

test('the same vulnerability in two components is two findings', () => {
  const records = [npm('GHSA-aaaa-aaaa-aaaa', ['CVE-2024-0001'])];
  assertMatches(match([a, { ...a, version: '1.5.0' }], records), ['a@1.0.0 CVE-2024-0001', 'a@1.5.0 CVE-2024-0001']);
});

test('malware is shown by its MAL id, and unmaintained crates as such', () => {
  const malware = match(
    [a],
    [osv('MAL-2024-1', { ecosystem: 'npm', name: 'a', versions: ['1.0.0'] }, { aliases: ['GHSA-aaaa-aaaa-aaaa'] })],
  );
  assert.deepEqual([onlyFinding(malware).id, onlyFinding(malware).kind], ['MAL-2024-1', 'malware']);
  const rest = { database_specific: { informational: 'unmaintained' } };
  const crate = { ecosystem: 'crates.io', name: 'a', events: [{ introduced: '0' }], rest };
  const unmaintained = onlyFinding(match([{ ...a, type: 'cargo' }], [osv('RUSTSEC-2024-0001', crate)]));
  assert.deepEqual([unmaintained.kind, unmaintained.fix], ['unmaintained', { state: 'not-fixed' }]);
  const both = [
    osv('RUSTSEC-2024-0001', crate),
    osv('GHSA-1', { ...crate, rest: {} }, { aliases: ['RUSTSEC-2024-0001'] }),
  ];
  assert.equal(onlyFinding(match([{ ...a, type: 'cargo' }], both)).kind, 'vulnerability');
});

test('whatever the aliases, every advisory is in a group, and CVEs share one only if advisories declare them equal', () => {
  const name = fc.constantFrom(
    'CVE-2024-0001',
    'CVE-2024-0002',
    'CVE-2024-0003',
    'GHSA-a',
    'GHSA-b',
    'PYSEC-1',
    'UBUNTU-CVE-2024-0001',
  );
  const advisory = fc.record({
    id: name,
    aliases: fc.uniqueArray(name, { maxLength: 2 }),
    upstream: fc.uniqueArray(name, { maxLength: 3 }),
    severity: fc.constant([]),
    kind: fc.constant('vulnerability' as const),
  });
  fc.assert(
    fc.property(fc.array(advisory, { maxLength: 6 }), (advisories) => {
      const hits = advisories.map((one) => ({ advisory: one }));
      const groups = mergeByNames(hits);
      for (const hit of hits) assert.ok(groups.some((group) => group.hits.includes(hit)));
      const declared = advisories.some(({ id, aliases }) => [id, ...aliases].filter(isCve).length > 1);
      for (const { names } of groups) {
        if (!declared) assert.ok(names.filter(isCve).length <= 1);
        assert.deepEqual(names, [...new Set(names)].sort());
      }
    }),
  );
});
