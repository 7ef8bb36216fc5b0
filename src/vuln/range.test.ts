import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Affected, RangeEvent } from './advisory.ts';
import { evaluate } from './range.ts';
import { assertMatches, below, match, osv } from './testing.ts';
import { versionKeys } from './version/compare.ts';

const a = (version: string) => ({ type: 'npm', name: 'a', version }) as const;

function assertAffected(
  events: readonly Readonly<Record<string, string>>[],
  affected: readonly string[],
  not: readonly string[],
): void {
  const record = osv('GHSA-1', { ecosystem: 'npm', name: 'a', events });
  for (const version of affected) assertMatches(match([a(version)], [record]), [`a@${version} GHSA-1`]);
  for (const version of not) assertMatches(match([a(version)], [record]), []);
}

test('rule 12: introduced and last_affected are inclusive, fixed is not', () => {
  assertAffected(
    [{ introduced: '1.0.0' }, { fixed: '2.0.0' }],
    ['1.0.0', '1.9.9', '2.0.0-rc.1'],
    ['0.9.9', '1.0.0-rc.1', '2.0.0'],
  );
  assertAffected([{ introduced: '1.0.0' }, { last_affected: '1.4.0' }], ['1.0.0', '1.4.0'], ['1.4.1', '0.1.0']);
  assertAffected([{ introduced: '0' }], ['0.0.0-0', '999.0.0'], []);
  assertAffected([{ introduced: '0' }, { limit: '2.0.0' }], ['1.9.9'], ['2.0.0']);
  assertAffected([{ introduced: '0' }, { limit: '*' }], ['1.9.9'], []);
});

test('rule 12: the events of a range count in the order of their versions, however they are written', () => {
  const branches = [{ fixed: '2.1.4' }, { introduced: '0' }, { introduced: '2.0.0' }, { fixed: '1.2.3' }];
  assertAffected(branches, ['0.1.0', '1.2.2', '2.0.0', '2.1.3'], ['1.2.3', '1.9.0', '2.1.4']);
  assertAffected([{ introduced: '0' }, { fixed: '1.0.0' }, { fixed: '2.0.0' }], ['0.9.0'], ['1.0.0', '1.5.0']);
});

test('a range whose fix comes before its introduction is empty, not without end', () => {
  assertAffected([{ introduced: '4.2.0' }, { fixed: '4.2.0-beta.3' }], [], ['4.1.0', '4.2.0-beta.1', '4.2.0', '6.0.0']);
  assertAffected([{ introduced: '4.2.0' }, { fixed: '4.2.0' }], [], ['4.1.0', '4.2.0', '6.0.0']);
});

test('rule 12: several ranges of one advisory, and several entries for one package, are all tried', () => {
  const ranges = [
    { type: 'SEMVER', events: below('1.2.3') },
    { type: 'GIT', repo: 'https://example.org/a', events: [{ introduced: '0' }] },
    { type: 'SEMVER', events: [{ introduced: '2.0.0' }, { fixed: '2.1.4' }] },
  ];
  const entry = { ecosystem: 'npm', name: 'a' };
  for (const record of [
    osv('GHSA-1', { ...entry, rest: { ranges } }),
    osv('GHSA-1', [
      { ...entry, events: below('1.2.3') },
      { ...entry, events: [{ introduced: '2.0.0' }, { fixed: '2.1.4' }] },
    ]),
  ]) {
    assertMatches(match([a('1.0.0'), a('2.1.3'), a('1.2.3'), a('2.1.4')], [record]), [
      'a@1.0.0 GHSA-1',
      'a@2.1.3 GHSA-1',
    ]);
  }
});

test('rule 12: lists of versions count, by what the versions mean and not how they are written', () => {
  const record = osv('PYSEC-1', { ecosystem: 'PyPI', name: 'a', versions: ['1.0', '1.1.post1', '2.0rc1'] });
  const pypi = (version: string) => ({ type: 'pypi', name: 'a', version }) as const;
  for (const version of ['1.0', '1.0.0', 'v1', '1.1-1', '2.0.0.RC1'])
    assert.equal(match([pypi(version)], [record]).findings.length, 1, version);
  for (const version of ['1.1', '10', '1.0.1', '2.0', '2.0rc10', '1.0+local'])
    assert.equal(match([pypi(version)], [record]).findings.length, 0, version);
});

test('a version that cannot be ordered is affected if the advisory lists it letter by letter, else unknown', () => {
  const record = osv('PHPSEC-1', {
    ecosystem: 'Packagist',
    name: 'v/a',
    events: below('2.0.0'),
    versions: ['dev-old'],
  });
  assertMatches(match([{ type: 'composer', name: 'v/a', version: 'dev-old' }], [record]), ['v/a@dev-old PHPSEC-1']);
  assertMatches(
    match([{ type: 'composer', name: 'v/a', version: 'dev-main' }], [record]),
    [],
    ['pkg:composer/v/a@dev-main'],
  );
});

test('a bound that cannot be ordered makes the answer unknown, unless another range gives it', () => {
  const broken = { ecosystem: 'npm', name: 'a', events: below('someday') };
  assertMatches(match([a('1.0.0')], [osv('GHSA-1', broken)]), [], ['pkg:npm/a@1.0.0']);
  assertMatches(match([a('1.0.0')], [osv('GHSA-1', { ...broken, versions: ['1.0.0'] })]), ['a@1.0.0 GHSA-1']);
});

test('an evaluated range agrees with the definition: affected while the last bound passed was an introduction', () => {
  const key = versionKeys('npm');
  const number = fc.nat({ max: 9 });
  const event = fc.oneof(
    number.map((n): RangeEvent => ({ introduced: `${n}.0.0` })),
    number.map((n): RangeEvent => ({ fixed: `${n + 1}.0.0` })),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(event, { minLength: 3, selector: (one) => Object.values(one)[0] }),
      number,
      (events, at) => {
        const affected: Affected = {
          ecosystem: 'npm',
          name: 'a',
          ranges: [{ type: 'SEMVER', events }],
          versions: [],
          severity: [],
          qualifiers: {},
        };
        const passed = events
          .map((one) =>
            'introduced' in one
              ? { at: Number.parseInt(one.introduced, 10), opens: true }
              : { at: 'fixed' in one ? Number.parseInt(one.fixed, 10) : 0, opens: false },
          )
          .filter((one) => one.at <= at)
          .sort((x, y) => y.at - x.at);
        assert.equal(evaluate(affected, `${at}.0.0`, key).affected, passed[0]?.opens === true ? 'yes' : 'no');
      },
    ),
  );
});
