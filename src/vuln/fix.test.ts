import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Distro, Fix } from '../sbom/index.ts';
import { fixForAll } from './fix.ts';
import { below, match, onlyFinding, osv } from './testing.ts';

const a = (version: string) => ({ type: 'npm', name: 'a', version }) as const;
const entry = { ecosystem: 'npm', name: 'a' };

function fixOf(version: string, ...records: readonly ReturnType<typeof osv>[]): Fix {
  return onlyFinding(match([a(version)], records)).fix;
}

const fixed = (version: string, since?: string): Fix => ({ state: 'fixed', version, since });

test('rule 14: the fix is the smallest fixed version above the installed one, on its branch', () => {
  const record = osv('GHSA-1', {
    ...entry,
    events: [{ introduced: '0' }, { fixed: '1.2.3' }, { introduced: '2.0.0' }, { fixed: '2.1.4' }],
  });
  assert.deepEqual(fixOf('1.0.0', record), {
    ...fixed('1.2.3'),
    affectedAgain: [{ from: '2.0.0', fixed: '2.1.4' }],
  });
  assert.deepEqual(fixOf('2.1.0', record), fixed('2.1.4'));
  assert.deepEqual(
    fixOf('1.0.0', osv('GHSA-1', { ...entry, events: [{ introduced: '0' }, { fixed: '10.0.0' }, { fixed: '9.0.0' }] })),
    fixed('9.0.0'),
  );
});

test('rule 14: where advisories about one vulnerability disagree, the fix is the version that all of them accept', () => {
  const ghsa = osv(
    'GHSA-1',
    { ...entry, events: below('1.2.0') },
    { aliases: ['CVE-2024-0001'], published: '2024-01-01T00:00:00Z' },
  );
  const pysec = osv(
    'PYSEC-1',
    { ...entry, events: below('1.2.1') },
    { aliases: ['CVE-2024-0001'], published: '2024-02-01T00:00:00Z' },
  );
  assert.deepEqual(fixOf('1.0.0', ghsa, pysec), fixed('1.2.1', '2024-02-01T00:00:00Z'));
  const unfixed = osv('PYSEC-1', { ...entry, events: [{ introduced: '0' }] }, { aliases: ['CVE-2024-0001'] });
  assert.deepEqual(fixOf('1.0.0', ghsa, unfixed), {
    ...fixed('1.2.0', '2024-01-01T00:00:00Z'),
    affectedAgain: [{ from: '1.2.0' }],
  });
});

test('rule 14: what one entry of an advisory calls fixed and another unfixed is a fix, and clears nothing', () => {
  const without = { ...entry, events: [{ introduced: '0' }] };
  const withFix = { ...entry, events: below('1.41.0') };
  for (const entries of [
    [without, withFix],
    [withFix, without],
  ]) {
    const { findings } = match([a('1.0.0')], [osv('GO-1', entries)]);
    assert.deepEqual(
      findings.map(({ fix }) => fix),
      [{ ...fixed('1.41.0'), affectedAgain: [{ from: '1.41.0' }] }],
    );
    assert.equal(fixForAll(findings), undefined);
    assert.equal(match([a('1.41.0')], [osv('GO-1', entries)]).findings.length, 1, 'it is found again after the update');
  }
});

test('rule 14: an entry without a fix for a later branch takes nothing from the fix of this one', () => {
  const record = osv('GO-1', [
    { ...entry, events: below('1.41.0') },
    { ...entry, events: [{ introduced: '2.0.0' }] },
  ]);
  const { findings } = match([a('1.0.0')], [record]);
  assert.deepEqual(onlyFinding({ findings, unknown: [] }).fix, {
    ...fixed('1.41.0'),
    affectedAgain: [{ from: '2.0.0' }],
  });
  assert.equal(fixForAll(findings), '1.41.0');
  assert.deepEqual(match([a('1.41.0')], [record]).findings, []);
});

test('rule 14: a fix that the same advisory calls affected again, in another entry, is none', () => {
  const record = osv('GHSA-1', [
    { ...entry, events: below('1.5.0') },
    { ...entry, events: [{ introduced: '1.5.0' }, { fixed: '1.5.2' }] },
  ]);
  assert.deepEqual(fixOf('1.0.0', record), fixed('1.5.2'));
});

const branches = osv(
  'GHSA-1',
  [
    { ...entry, events: below('1.2.3') },
    { ...entry, events: [{ introduced: '2.0.0' }, { fixed: '2.1.4' }, { introduced: '3.0.0' }] },
    { ...entry, events: [{ introduced: '2.1.0' }, { fixed: '2.1.6' }] },
  ],
  { aliases: ['CVE-2024-0001'] },
);

test('rule 14: a fix on an old branch says where the vulnerability holds again', () => {
  assert.deepEqual(fixOf('1.0.0', branches), {
    ...fixed('1.2.3'),
    affectedAgain: [{ from: '2.0.0', fixed: '2.1.6' }, { from: '3.0.0' }],
  });
  assert.deepEqual(fixOf('2.0.0', branches), { ...fixed('2.1.6'), affectedAgain: [{ from: '3.0.0' }] });
});

test('rule 14: the version that clears all findings is none for which one of them holds again', () => {
  const clearing = (other: string) =>
    fixForAll(match([a('1.0.0')], [branches, osv('GHSA-2', { ...entry, events: below(other) })]).findings);
  const cases = [
    ['1.1.0', '1.2.3'],
    ['1.9.9', '1.9.9'],
    ['2.0.0', '2.1.6'],
    ['2.1.5', '2.1.6'],
    ['2.1.6', '2.1.6'],
    ['2.9.9', '2.9.9'],
    ['3.0.0', undefined],
    ['4.0.0', undefined],
  ] as const;
  for (const [other, expected] of cases) assert.equal(clearing(other), expected, other);
});

test('an unfixed range is not fixed; one that ends without a fix said, and malware, are unknown', () => {
  assert.deepEqual(fixOf('1.0.0', osv('GHSA-1', { ...entry, events: [{ introduced: '0' }] })), { state: 'not-fixed' });
  assert.deepEqual(
    fixOf('1.0.0', osv('GHSA-1', { ...entry, events: [{ introduced: '0' }, { last_affected: '1.4.0' }] })),
    { state: 'unknown' },
  );
  assert.deepEqual(fixOf('1.0.0', osv('MAL-1', { ...entry, versions: ['1.0.0'] })), { state: 'unknown' });
  assert.deepEqual(
    fixOf(
      '1.0.0',
      osv('GHSA-1', {
        ...entry,
        events: [{ introduced: '2.0.0' }, { fixed: '2.1.0' }, { fixed: '3.0.0' }],
        versions: ['1.0.0'],
      }),
    ),
    fixed('2.1.0'),
  );
});

test("a distribution's refusal stands with its reason, unless there is a fix", () => {
  const wolfi: Distro = { id: 'wolfi', idLike: [], name: 'Wolfi' };
  const fixIn = (status: string, events: readonly Readonly<Record<string, string>>[]) =>
    onlyFinding(
      match(
        [{ type: 'apk', name: 'a', version: '1-r0' }],
        [osv('CGA-1', { ecosystem: 'Wolfi', name: 'a', events }, { database_specific: { status } })],
        wolfi,
      ),
    ).fix;
  assert.deepEqual(fixIn('fix-not-planned', [{ introduced: '0' }]), { state: 'wont-fix', reason: 'fix-not-planned' });
  assert.deepEqual(fixIn('pending-upstream-fix', [{ introduced: '0' }]), { state: 'not-fixed' });
  assert.deepEqual(fixIn('fix-not-planned', below('2-r0')), fixed('2-r0'));
});

test('rule 14: the version that clears all findings of a component is the highest of their fixes', () => {
  const record = (id: string, version: string) =>
    osv(id, { ecosystem: 'Debian:12', name: 'a', events: below(version) });
  const debian12: Distro = { id: 'debian', versionId: '12', idLike: [], name: 'Debian' };
  const installed = { type: 'deb', name: 'a', version: '1' } as const;
  const clearing = (...records: readonly ReturnType<typeof osv>[]) =>
    fixForAll(match([installed], records, debian12).findings);
  assert.equal(
    clearing(record('DSA-1-1', '1.9-1'), record('DSA-2-1', '1.10-1'), record('DSA-3-1', '1.10~rc1-1')),
    '1.10-1',
  );
  assert.equal(
    clearing(
      record('DSA-1-1', '1.9-1'),
      osv('DSA-2-1', { ecosystem: 'Debian:12', name: 'a', events: [{ introduced: '0' }] }),
    ),
    undefined,
  );
  assert.equal(fixForAll([]), undefined);
});
