import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { evidence, finding, verdictOf } from '../../policy/testing.ts';
import { renderJson } from './json.ts';
import type { Report } from './report.ts';
import { reportJsonSchema, reportSchema } from './report-schema.ts';
import { arbitraryEvidence, empty, sample } from './testing.ts';

const committed = readFileSync(new URL('../../../schema/report.schema.json', import.meta.url), 'utf8');
const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(committed));

const policy = `version: 1
rules: [{ name: no-mit, action: warn, reason: Ours is GPL., when: { license: MIT } }]
exceptions:
  - { vulnerability: CVE-2021-23337, reason: templates are ours, until: 2026-12-31, ticket: SEC-7, approvedBy: Ada }
  - { vulnerability: CVE-2024-0001, reason: too long ago, until: 2026-01-31 }
  - { vulnerability: CVE-1999-0001, reason: it was there once, until: 2026-12-31 }
`;

function parsed(...reports: readonly Report[]) {
  return reportSchema.parse(JSON.parse(renderJson(reports, '1.2.3')));
}

/** Valid by the committed schema, and without a member that the schema does not describe. */
function assertDescribed(reports: readonly Report[]): void {
  const document: unknown = JSON.parse(renderJson(reports, '1.2.3'));
  assert.ok(validate(document), JSON.stringify(validate.errors, null, 2));
  assert.deepEqual(reportSchema.parse(document), document);
}

test('the committed JSON Schema is what the code says: run "npm run generate" after a change', () => {
  assert.equal(committed, `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`);
});

test('a report of everything there can be is valid, and the schema describes all of it', () => {
  const suppressions = [
    { finding: 'CVE-2024-0002', component: 'pkg:deb/debian/openssl@3.0.11-1', by: 'vex', reason: 'no' },
  ];
  assertDescribed([
    { evidence: sample, suppressions },
    { evidence: sample, verdict: verdictOf(policy, sample) },
    { evidence: empty },
    { evidence: { ...sample, artifact: { kind: 'sbom', reference: 'a.json', digest: 'sha256:1', subject: 'a' } } },
    { evidence: { ...sample, artifact: { kind: 'file', reference: 'app.jar', digest: 'sha256:2' } } },
  ]);
});

test('whatever is found, the report is valid and described, and the same evidence gives the same bytes', () => {
  fc.assert(
    fc.property(arbitraryEvidence, (what) => {
      const reports = [{ evidence: what }, { evidence: what, verdict: verdictOf(policy, what) }];
      assertDescribed(reports);
      assert.equal(renderJson(reports, '1.2.3'), renderJson(reports, '1.2.3'));
    }),
    { numRuns: 40 },
  );
});

test('a finding has its component, the layer with its instruction, and the version that clears all', () => {
  const [result] = parsed({ evidence: sample }).results;
  const found = result?.findings.find(({ id }) => id === 'CVE-2021-23337');
  assert.equal(found?.component.name, 'lodash');
  assert.deepEqual(found?.component.locations[0], {
    path: 'app/node_modules/lodash/package.json',
    layer: 1,
    instruction: 'RUN npm ci',
  });
  assert.equal(found?.clearsAll, '4.17.21');
  const partly = result?.findings.find(({ id }) => id === 'CVE-2024-0001');
  assert.equal(partly?.component.source?.name, 'openssl');
  assert.equal(partly?.clearsAll, undefined);
});

test('counts: what is suppressed is not among the findings, and unknown severity is a number of its own', () => {
  const suppressions = [{ finding: 'CVE-2021-23337', component: 'pkg:npm/lodash@4.17.20', by: 'vex', reason: 'no' }];
  const [result] = parsed({ evidence: sample, suppressions }).results;
  assert.deepEqual(result?.counts, {
    components: 3,
    findings: 4,
    vulnerabilities: 2,
    levels: { critical: 2, high: 0, unknown: 0, medium: 2, low: 0, none: 0 },
    malware: 0,
    exploited: 2,
    fixable: 2,
    suppressed: 1,
    unknown: 2,
  });
  assert.equal(result?.suppressed[0]?.finding.id, 'CVE-2021-23337');
  assert.deepEqual(result?.suppressed[0]?.by, [{ by: 'vex', reason: 'no' }]);
  const unrated = evidence({ findings: [finding({ severity: { level: 'unknown' } })] });
  assert.equal(parsed({ evidence: unrated }).results[0]?.counts.levels.unknown, 1);
});

test('the verdict names the component of each reason, and every exception: used, ended, unused', () => {
  const [result] = parsed({ evidence: sample, verdict: verdictOf(policy, sample) }).results;
  const verdict = result?.verdict;
  assert.equal(verdict?.outcome, 'deny');
  const denied = verdict?.reasons.find(({ action }) => action === 'deny');
  assert.deepEqual(
    [denied?.component?.name, denied?.finding, denied?.fix],
    ['libssl3', 'CVE-2024-0001', 'update to 3.0.14-1'],
  );
  assert.deepEqual(denied?.where, [{ path: 'var/lib/dpkg/status', layer: 0, instruction: 'ADD rootfs.tar /' }]);
  assert.equal(verdict?.reasons.find(({ rule }) => rule === 'no-mit')?.why, 'Ours is GPL.');
  assert.deepEqual(
    verdict?.suppressed.map(({ finding: id, by, until, ticket, approvedBy }) => [id, by, until, ticket, approvedBy]),
    [['CVE-2021-23337', 'plimsoll.yaml:4', '2026-12-31', 'SEC-7', 'Ada']],
  );
  assert.equal(verdict?.expired.length, 2);
  assert.deepEqual(
    verdict?.unused.map(({ reason }) => reason),
    ['it was there once'],
  );
});

test('nothing named is an empty list of results', () => assert.deepEqual(parsed().results, []));
