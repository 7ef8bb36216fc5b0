import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../sbom/index.ts';
import { component, defaultOnSigned, evidence, finding, only, verdictOf } from './testing.ts';

const rules = `  - { name: high, action: deny, when: { severity: { atLeast: low } } }
  - { name: known-malware, action: deny, when: { kind: malware } }
  - { name: no-gpl, action: deny, when: { license: GPL-* } }
  - { name: aged, action: warn, when: { age: { atLeast: 1d } } }`;

function withException(fields: string, until = '2026-06-15'): string {
  return only(rules, `exceptions:\n  - { reason: accepted, until: ${until}, ${fields} }\n`);
}

const exploited = { since: '2026-01-01', ransomware: false };
const plain = evidence({ findings: [finding({ names: ['CVE-2021-23337', 'GHSA-35jh-r3h4-6jhm'] })] });
const known = evidence({ findings: [finding({ exploited })] });
const malware = evidence({ findings: [finding({ kind: 'malware' })] });
const gpl = evidence({ components: [component({ licenses: ['GPL-3.0-only'] })] });

const covered: readonly [fields: string, what: Evidence][] = [
  ['vulnerability: CVE-2021-23337', plain],
  ['vulnerability: cve-2021-23337', plain],
  ['vulnerability: GHSA-35jh-r3h4-6jhm', plain],
  ['vulnerability: [CVE-1, CVE-2021-23337], component: pkg:npm/*', plain],
  ['component: pkg:npm/lodash', plain],
  ['path: app/**', plain],
  ['vulnerability: CVE-2021-23337, gates: [build, ingress]', plain],
  ['rule: [high, aged], component: pkg:npm/lodash', plain],
  ['vulnerability: CVE-2021-23337', known],
  ['vulnerability: CVE-2021-23337', malware],
  ['rule: no-gpl', gpl],
  ['rule: no-gpl, component: pkg:npm/lodash, path: app/**', gpl],
];

const notCovered: readonly [fields: string, what: Evidence][] = [
  ['vulnerability: CVE-2021-2333', plain],
  ['vulnerability: CVE-2021-23337, component: pkg:npm/minimist', plain],
  ['vulnerability: CVE-2021-23337, path: test/**', plain],
  ['vulnerability: CVE-2021-23337, gates: admission', plain],
  ['vulnerability: CVE-2021-23337, rule: known-malware', plain],
  ['unknown: unread-file', plain],
  ['component: pkg:npm/lodash', known],
  ['rule: high', known],
  ['path: "**"', malware],
  ['component: pkg:npm/lodash', gpl],
  ['rule: no-gpl, component: pkg:npm/minimist', gpl],
];

test('an exception covers what it names, on its last day too, and says so', () => {
  for (const [fields, what] of covered) {
    const verdict = verdictOf(withException(fields), what, { at: new Date('2026-06-15T23:59:59.999Z') });
    assert.equal(verdict.outcome, 'allow', fields);
    assert.ok(verdict.suppressed.length > 0, fields);
    for (const entry of verdict.suppressed) {
      assert.equal(entry.by, 'plimsoll.yaml:18', fields);
      assert.equal(entry.reason, 'accepted');
      assert.equal(entry.until, '2026-06-15');
      assert.equal(entry.component, 'pkg:npm/lodash@4.17.20');
    }
    assert.deepEqual([verdict.expired, verdict.unused], [[], []], fields);
  }
});

test('the day after, the same exception is reported and does not count', () => {
  for (const [fields, what] of covered) {
    const verdict = verdictOf(withException(fields), what, { at: new Date('2026-06-16T00:00:00Z') });
    assert.equal(verdict.outcome, 'deny', fields);
    assert.ok(verdict.expired.length > 0, fields);
    assert.deepEqual([verdict.suppressed, verdict.unused], [[], []], fields);
  }
});

test('an exception covers nothing else; malware and known exploited vulnerabilities only by name', () => {
  for (const [fields, what] of notCovered) {
    const verdict = verdictOf(withException(fields), what);
    assert.equal(verdict.outcome, 'deny', fields);
    assert.deepEqual(verdict.suppressed, [], fields);
    assert.deepEqual(verdict.expired, [], fields);
  }
});

test('an exception that fits nothing is told as unused; one for another gate is not', () => {
  const fields = 'vulnerability: CVE-2000-1, ticket: SEC-1, approvedBy: Ada';
  assert.deepEqual(verdictOf(withException(fields), plain).unused, [
    { by: 'plimsoll.yaml:18', reason: 'accepted', until: '2026-06-15', ticket: 'SEC-1', approvedBy: 'Ada' },
  ]);
  assert.deepEqual(verdictOf(withException(`${fields}, gates: admission`), plain).unused, []);
});

test('an expired exception that would have covered nothing that counts is not told as expired', () => {
  const what = evidence({ findings: [finding({ severity: { level: 'none' }, published: '2026-06-15T12:00:00Z' })] });
  const verdict = verdictOf(withException('vulnerability: CVE-2021-23337', '2026-01-01'), what);
  assert.deepEqual([verdict.outcome, verdict.expired], ['allow', []]);
});

test('a finding that no rule minds is listed all the same when an exception covers it', () => {
  const what = evidence({ findings: [finding({ severity: { level: 'none' }, published: '2026-06-15T12:00:00Z' })] });
  const verdict = verdictOf(withException('vulnerability: CVE-2021-23337'), what);
  assert.deepEqual(
    verdict.suppressed.map(({ finding: id }) => id),
    ['CVE-2021-23337'],
  );
  assert.deepEqual(verdict.unused, []);
});

test('what lies elsewhere too still counts, there', () => {
  const locations = [
    { path: 'test/a', layer: 0 },
    { path: 'app/a', layer: 1 },
  ];
  const what = evidence({ components: [component({ locations })], findings: [finding()] });
  const verdict = verdictOf(withException('vulnerability: CVE-2021-23337, path: test/**'), what);
  assert.equal(verdict.outcome, 'deny');
  assert.deepEqual(verdict.reasons[0]?.where, [{ path: 'app/a', layer: 1, instruction: 'RUN npm ci' }]);
  assert.deepEqual(verdict.suppressed[0]?.where, [{ path: 'test/a', layer: 0, instruction: 'ADD rootfs.tar /' }]);
  assert.equal(verdict.counts.high, 1);
  const all = verdictOf(withException('vulnerability: CVE-2021-23337, path: ["test/**", "app/*"]'), what);
  assert.deepEqual([all.outcome, all.counts.high], ['allow', 0]);
});

test('an exception for one rule leaves the others', () => {
  const verdict = verdictOf(withException('rule: high, vulnerability: CVE-2021-23337'), plain);
  assert.deepEqual(
    verdict.reasons.map(({ rule }) => rule),
    ['aged'],
  );
  assert.deepEqual(
    verdict.suppressed.map(({ rule, finding: id }) => [rule, id]),
    [['high', 'CVE-2021-23337']],
  );
  assert.equal(verdict.counts.high, 1, 'the finding itself stands');
});

test('exceptions cover what is unknown only where they say so', () => {
  const what = evidence({
    unknown: [
      { kind: 'unread-file', path: 'test/package-lock.json', layer: 1, cataloger: 'npm-lock', reason: 'x' },
      { kind: 'no-version', component: 'pkg:npm/lodash@4.17.20', reason: 'x' },
      { kind: 'no-advisories', ecosystem: 'Hex', components: 1, reason: 'x' },
    ],
  });
  const left = (fields: string) =>
    verdictOf(
      `${defaultOnSigned}exceptions:\n  - { reason: accepted, until: 2026-12-31, ${fields} }`,
      what,
    ).reasons.map(({ unknown }) => unknown);
  assert.deepEqual(left('unknown: unread-file, path: test/**'), ['no-advisories', 'no-version']);
  assert.equal(left('unknown: unread-file, path: app/**').length, 3);
  assert.deepEqual(left('unknown: no-version, component: pkg:npm/lodash'), ['no-advisories', 'unread-file']);
  assert.equal(left('unknown: no-version, component: pkg:npm/a').length, 3);
  assert.deepEqual(left('unknown: no-advisories, ecosystem: Hex'), ['unread-file', 'no-version']);
  assert.equal(left('unknown: no-advisories, ecosystem: Pub').length, 3);
  assert.equal(left('path: "**"').length, 3);
});

test('VEX statements suppress the finding of the component they name, until they end', () => {
  const statement = {
    finding: 'GHSA-35jh-r3h4-6jhm',
    component: 'pkg:npm/lodash@4.17.20',
    by: 'vex.json (Ada)',
    reason: 'not reachable',
  };
  const outcome = (changes: object) => verdictOf(only(rules), plain, { suppressions: [{ ...statement, ...changes }] });
  const verdict = outcome({});
  assert.equal(verdict.outcome, 'allow');
  assert.deepEqual(
    verdict.suppressed.map(({ by, reason, finding: id }) => [by, reason, id]),
    [['vex.json (Ada)', 'not reachable', 'CVE-2021-23337']],
  );
  assert.equal(outcome({ until: '2026-06-15' }).outcome, 'allow');
  for (const changes of [
    { until: '2026-06-14' },
    { until: 'never' },
    { component: 'pkg:npm/a' },
    { finding: 'CVE-1' },
  ]) {
    assert.equal(outcome(changes).outcome, 'deny', JSON.stringify(changes));
  }
  assert.deepEqual(
    outcome({ until: '2026-06-14' }).expired.map(({ by }) => by),
    ['vex.json (Ada)'],
  );
});

test('ten thousand findings against a thousand exceptions take little time', () => {
  const findings = Array.from({ length: 10_000 }, (_, index) => finding({ id: `CVE-2026-${10_000 + index}` }));
  const many = Array.from(
    { length: 1_000 },
    (_, index) => `  - { vulnerability: CVE-2026-${10_000 + index}, reason: a, until: 2026-12-31 }`,
  );
  const started = performance.now();
  const verdict = verdictOf(only(rules, `exceptions:\n${many.join('\n')}\n`), evidence({ findings }));
  assert.equal(verdict.counts.high, 9_000);
  assert.ok(performance.now() - started < 2_000);
});
