import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { component, evidence, finding, only, verdictOf } from '../../policy/testing.ts';
import type { Artifact, Evidence, Finding } from '../../sbom/index.ts';
import type { Report } from './report.ts';
import { renderSarif } from './sarif.ts';
import { messageText, uriFor } from './sarif-text.ts';
import { arbitraryEvidence, empty, sample } from './testing.ts';
import { sarifMistakes } from './testing-sarif.ts';

/** What SARIF 2.1.0 asks of the objects used here, and on top of it what code scanning asks; nothing else may stand in them. */
const message = z.strictObject({ text: z.string().check(z.minLength(1)) });
const rich = z.strictObject({ text: z.string().check(z.minLength(1)), markdown: z.optional(z.string()) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const relativeUri = z.string().check(z.regex(/^(?:[\w.~!*'()-]|%[0-9A-F]{2})+(?:\/(?:[\w.~!*'()-]|%[0-9A-F]{2})+)*$/));
const artifactLocation = z.strictObject({ uri: relativeUri });
const location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation,
    region: z.strictObject({ startLine: z.int().check(z.minimum(1)) }),
  }),
  logicalLocations: z.optional(
    z
      .array(z.strictObject({ name: z.string(), fullyQualifiedName: z.string(), kind: z.string() }))
      .check(z.minLength(1)),
  ),
  message,
});
const described = z.extend(rich, { text: z.string().check(z.minLength(1), z.maxLength(1_024)) });
const rule = z.strictObject({
  id: z.string(),
  name: z.string().check(z.regex(/^[A-Z][A-Za-z]+$/)),
  shortDescription: described,
  fullDescription: described,
  defaultConfiguration: z.strictObject({ level }),
  helpUri: z.optional(z.url({ protocol: /^https?$/ })),
  help: rich,
  properties: z.strictObject({
    tags: z.array(z.string()).check(z.maxLength(10)),
    precision: z.optional(z.literal('very-high')),
    'security-severity': z.optional(z.string().check(z.regex(/^(?:10\.0|\d\.\d)$/))),
  }),
});
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().check(z.minimum(0)),
  level,
  message,
  locations: z.array(location).check(z.minLength(1), z.maxLength(100)),
  partialFingerprints: z.record(z.string(), z.string().check(z.minLength(1))),
  suppressions: z.optional(
    z
      .array(z.strictObject({ kind: z.literal('external'), status: z.literal('accepted'), justification: z.string() }))
      .check(z.minLength(1)),
  ),
});
const notification = z.strictObject({
  descriptor: z.strictObject({ id: z.string() }),
  level,
  message,
  locations: z.optional(
    z.array(z.strictObject({ physicalLocation: z.strictObject({ artifactLocation }) })).check(z.minLength(1)),
  ),
});
const run = z.strictObject({
  tool: z.strictObject({
    driver: z.strictObject({
      name: z.literal('Plimsoll'),
      version: z.string(),
      semanticVersion: z.string(),
      rules: z.array(rule),
      notifications: z.array(z.strictObject({ id: z.string(), shortDescription: rich })),
    }),
  }),
  automationDetails: z.strictObject({ id: z.string().check(z.regex(/^plimsoll\/.*\/$/s)) }),
  invocations: z.tuple([
    z.strictObject({
      executionSuccessful: z.literal(true),
      toolExecutionNotifications: z.array(notification),
    }),
  ]),
  columnKind: z.literal('utf16CodeUnits'),
  results: z.array(result),
  properties: z.record(z.string(), z.unknown()),
});
const log = z.strictObject({ $schema: z.url(), version: z.literal('2.1.0'), runs: z.array(run) });

/** Parsed, and held against what the schema cannot say: rules are unique and in use, results and notifications point at theirs. */
function checked(...reports: readonly Report[]) {
  const written: unknown = JSON.parse(renderSarif(reports, '1.2.3'));
  assert.equal(sarifMistakes(written), '');
  const parsed = log.parse(written);
  const categories = parsed.runs.map(({ automationDetails }) => automationDetails.id);
  assert.equal(new Set(categories).size, categories.length);
  for (const { tool, results, invocations } of parsed.runs) {
    const ids = tool.driver.rules.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { ruleId, ruleIndex } of results) assert.equal(ids[ruleIndex], ruleId);
    assert.deepEqual(new Set(results.map(({ ruleId }) => ruleId)), new Set(ids));
    const known = tool.driver.notifications.map(({ id }) => id);
    for (const { descriptor } of invocations[0].toolExecutionNotifications) assert.ok(known.includes(descriptor.id));
    const prints = results.map(({ partialFingerprints }) => partialFingerprints['primaryLocationLineHash']);
    assert.equal(new Set(prints).size, prints.length);
  }
  return parsed;
}

function runOf(report: Report) {
  const [first] = checked(report).runs;
  assert.ok(first !== undefined);
  return first;
}

test('a scan: one result for a vulnerability of a package, with its rule, place and level', () => {
  const { results, tool } = runOf({ evidence: sample });
  assert.deepEqual(
    results.map(({ ruleId, level: said, message: { text } }) => [ruleId, said, text]),
    [
      [
        'CVE-2024-0001',
        'error',
        'openssl 3.0.11-1 (deb) has CVE-2024-0001 (critical, CVSS 9.8). It is known to be exploited. Update to 3.0.14-1. Installed as libssl3, openssl.',
      ],
      [
        'CVE-2024-0002',
        'warning',
        'openssl 3.0.11-1 (deb) has CVE-2024-0002 (medium, CVSS 5.3). There is no fix yet. Installed as libssl3, openssl.',
      ],
      ['CVE-2021-23337', 'error', 'lodash 4.17.20 (npm) has CVE-2021-23337 (high, CVSS 7.2). Update to 4.17.21.'],
    ],
  );
  const lodash = results.find(({ ruleId }) => ruleId === 'CVE-2021-23337');
  assert.deepEqual(
    lodash?.locations.map(({ physicalLocation: { artifactLocation: at }, message: { text } }) => [at.uri, text]),
    [
      ['app/node_modules/lodash/package.json', 'app/node_modules/lodash/package.json, layer 2: RUN npm ci'],
      [
        'app/node_modules/tool/node_modules/lodash/package.json',
        'app/node_modules/tool/node_modules/lodash/package.json, layer 2: RUN npm ci',
      ],
    ],
  );
  assert.deepEqual(
    results[0]?.locations[0]?.logicalLocations?.map(({ name }) => name),
    ['libssl3 3.0.11-1', 'openssl 3.0.11-1'],
  );
  const [critical] = tool.driver.rules;
  assert.equal(critical?.properties['security-severity'], '9.8');
  assert.deepEqual(critical?.properties.tags, ['security', 'vulnerability', 'exploited']);
  assert.equal(critical?.helpUri, 'https://example.org/DSA-0001-1');
});

const ratings: readonly (readonly [
  what: string,
  changes: Partial<Finding>,
  level: string,
  score: string | undefined,
])[] = [
  ['critical by CVSS', { severity: { level: 'critical', score: 9.8 } }, 'error', '9.8'],
  ['critical without a score', { severity: { level: 'critical' } }, 'error', '9.5'],
  ['low to the distribution, critical to CVSS', { severity: { level: 'low', score: 9.8 } }, 'note', '3.9'],
  ['critical to the distribution, medium to CVSS', { severity: { level: 'critical', score: 5 } }, 'error', '9.0'],
  ['medium', { severity: { level: 'medium', score: 5.3 } }, 'warning', '5.3'],
  ['rated by nobody', { severity: { level: 'unknown' } }, 'warning', undefined],
  ['no danger', { severity: { level: 'none', score: 0 } }, 'note', '0.0'],
  ['malware', { kind: 'malware', severity: { level: 'unknown' } }, 'error', '10.0'],
];
for (const [what, changes, said, score] of ratings) {
  test(`code scanning shows the level that Plimsoll says: ${what}`, () => {
    const { results, tool } = runOf({ evidence: evidence({ findings: [finding(changes)] }) });
    assert.equal(results[0]?.level, said);
    assert.equal(tool.driver.rules[0]?.properties['security-severity'], score);
  });
}

test('a result says what to do about malware', () => {
  const found = [finding({ id: 'MAL-2024-1', kind: 'malware', fix: { state: 'unknown' } })];
  const [result] = runOf({ evidence: evidence({ findings: found }) }).results;
  assert.match(result?.message.text ?? '', /is malware: MAL-2024-1 .* Remove it\.$/);
});

test('at a gate the policy decides the level; its rules about components and the unknown are results too', () => {
  const policy = `version: 1
extends: nothing
rules:
  - { name: exploited, action: deny, when: { exploited: true } }
  - { name: high, action: warn, when: { severity: high } }
  - { name: no-mit, action: deny, reason: Ours is GPL., when: { license: MIT, component: "pkg:npm/*" } }
unknown: { unread-file: warn, no-advisories: allow }
`;
  const { results, tool } = runOf({ evidence: sample, verdict: verdictOf(policy, sample) });
  assert.deepEqual(
    results.map(({ ruleId, level: said }) => [ruleId, said]),
    [
      ['CVE-2024-0001', 'error'],
      ['CVE-2024-0002', 'note'],
      ['CVE-2021-23337', 'warning'],
      ['policy/no-mit', 'error'],
      ['policy/unknown.unread-file', 'warning'],
    ],
  );
  assert.match(results[0]?.message.text ?? '', /Policy: deny by exploited\.$/);
  assert.equal(results[4]?.locations[0]?.physicalLocation.artifactLocation.uri, 'app/yarn.lock');
  assert.equal(tool.driver.rules.find(({ id }) => id === 'policy/no-mit')?.fullDescription.text, 'Ours is GPL.');
});

test('what exceptions and VEX statements suppress stays, as suppressed, with who says so and until when', () => {
  const policy = only(
    '  - { name: high, action: deny, when: { severity: high } }',
    'exceptions: [{ vulnerability: CVE-2021-23337, reason: templates are ours, until: 2026-12-31 }]\n',
  );
  const component = 'pkg:npm/lodash@4.17.20';
  const suppressions = [{ finding: 'CVE-2021-23337', component, by: 'vex', reason: 'not_affected' }];
  for (const [report, justification] of [
    [
      { evidence: sample, verdict: verdictOf(policy, sample) },
      'templates are ours (plimsoll.yaml:14, until 2026-12-31)',
    ],
    [{ evidence: sample, suppressions }, 'not_affected (vex)'],
  ] as const) {
    const entry = runOf(report).results.find(({ ruleId }) => ruleId === 'CVE-2021-23337');
    assert.deepEqual(entry?.suppressions, [{ kind: 'external', status: 'accepted', justification }]);
    assert.equal(entry?.level, 'error');
  }
});

test('what could not be found out is a notification, with its place where there is one', () => {
  const { invocations } = runOf({ evidence: sample });
  assert.deepEqual(invocations[0].toolExecutionNotifications, [
    {
      descriptor: { id: 'unread-file' },
      level: 'warning',
      message: { text: 'app/yarn.lock (layer 2): line 3 is no entry' },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'app/yarn.lock' } } }],
    },
    {
      descriptor: { id: 'no-advisories' },
      level: 'warning',
      message: { text: 'Hex (2 components): The data has nothing about Hex.' },
    },
  ]);
});

test('a fingerprint stays when the version changes, and differs between packages, files and vulnerabilities', () => {
  const print = (id: string, version: string, path: string, name = 'lodash') => {
    const of = component({ id: `pkg:npm/${name}@${version}`, name, version, locations: [{ path }] });
    const matched = { ecosystem: 'npm', package: name, version };
    const what = evidence({ components: [of], findings: [finding({ id, component: of.id, matched })] });
    return runOf({ evidence: what }).results[0]?.partialFingerprints['primaryLocationLineHash'];
  };
  const base = print('CVE-1', '4.17.20', 'package-lock.json');
  assert.match(base ?? '', /^[0-9a-f]{16}:1$/);
  assert.equal(print('CVE-1', '4.17.19', 'package-lock.json'), base);
  assert.notEqual(print('CVE-2', '4.17.20', 'package-lock.json'), base);
  assert.notEqual(print('CVE-1', '4.17.20', 'web/package-lock.json'), base);
  assert.notEqual(print('CVE-1', '4.17.20', 'package-lock.json', 'lodash-es'), base);
});

test('two versions of one package in one file have fingerprints of their own', () => {
  const both = ['1.0.0', '2.0.0'].map((version) =>
    component({ id: `pkg:npm/lodash@${version}`, version, locations: [{ path: 'package-lock.json' }] }),
  );
  const findings = both.map(({ id, version = '' }) =>
    finding({ component: id, matched: { ecosystem: 'npm', package: 'lodash', version } }),
  );
  const { results } = runOf({ evidence: evidence({ components: both, findings }) });
  assert.deepEqual(
    results.map(({ partialFingerprints }) => partialFingerprints['plimsoll/v1']?.slice(16)),
    [':1', ':2'],
  );
});

test('a component at a thousand places names a hundred of them', () => {
  const locations = Array.from({ length: 1_000 }, (_, index) => ({ path: `app/${index}/package.json` }));
  const { results } = runOf({ evidence: evidence({ components: [component({ locations })], findings: [finding()] }) });
  assert.equal(results[0]?.locations.length, 100);
});

const image = evidence().artifact;
const places: readonly (readonly [what: string, artifact: Artifact, path: string | undefined, uri: string])[] = [
  ['a path in an image', image, 'usr/lib/a b#1%.js', 'usr/lib/a%20b%231%25.js'],
  ['a path that looks like a scheme', image, 'c:/x', 'c%3A/x'],
  ['a jar in a war', image, 'srv/app.war!/WEB-INF/lib/x.jar', 'srv/app.war'],
  ['a path that would leave the root', image, '/../../etc/passwd', 'etc/passwd'],
  ['half a surrogate pair', image, 'a\ud800', 'a%EF%BF%BD'],
  ['no path in an image', { ...image, reference: 'registry:ghcr.io/a/b:1' }, undefined, 'ghcr.io/a/b%3A1'],
  ['no path in an image without a scheme', image, undefined, 'web%3A1'],
  ['the folder itself', { kind: 'directory', reference: '.' }, 'web/yarn.lock', 'web/yarn.lock'],
  ['a folder in the repository', { kind: 'directory', reference: 'dir:./web' }, 'yarn.lock', 'web/yarn.lock'],
  ['a folder elsewhere', { kind: 'directory', reference: '/srv/web' }, 'yarn.lock', 'yarn.lock'],
  ['a file', { kind: 'file', reference: 'dist/app.jar', digest: 'sha256:1' }, 'app.jar', 'dist/app.jar'],
  ['nothing to name it by', { kind: 'directory', reference: '.' }, undefined, 'artifact'],
];
for (const [what, artifact, path, uri] of places) {
  test(`a place is a relative address from the root of the repository: ${what}`, () => {
    assert.equal(uriFor(artifact, path), uri);
  });
}

test('brackets and braces in a message are text, not links and placeholders (3.11.5, 3.11.6)', () => {
  assert.equal(messageText('a[0] {1} \\ %'), 'a\\[0\\] {{1}} \\\\ %');
});

test('every target has a category of its own, the same in every call: what one run says, no other replaces', () => {
  const of = (artifact: Artifact): Report => ({ evidence: { ...sample, artifact } });
  const categories = (...reports: readonly Report[]) =>
    checked(...reports).runs.map(({ automationDetails }) => automationDetails.id);
  const arm: Artifact = image.kind === 'image' ? { ...image, platform: 'linux/arm64' } : image;
  const reports: readonly Report[] = [
    { evidence: sample },
    of(arm),
    of({ kind: 'directory', reference: 'web:1' }),
    { evidence: sample, verdict: verdictOf('version: 1\n', sample) },
    { evidence: sample, verdict: verdictOf('version: 1\n', sample, { gate: 'admission' }) },
    { evidence: sample },
  ];
  assert.deepEqual(categories(...reports), [
    'plimsoll/scan/image/web:1/linux/amd64/',
    'plimsoll/scan/image/web:1/linux/arm64/',
    'plimsoll/scan/directory/web:1/',
    'plimsoll/gate-build/image/web:1/linux/amd64/',
    'plimsoll/gate-admission/image/web:1/linux/amd64/',
    'plimsoll/scan/image/web:1/linux/amd64#2/',
  ]);
  for (const [index, report] of reports.slice(0, -1).entries()) {
    assert.deepEqual(categories(report), [categories(...reports)[index]], 'alone as among others');
  }
});

test('a folder is where it was named, not what it is called', () => {
  const yarn: Finding = finding({ component: 'pkg:npm/a@1' });
  const components = [component({ id: yarn.component, locations: [{ path: 'yarn.lock' }] })];
  const what: Evidence = {
    ...evidence({ components, findings: [yarn] }),
    artifact: { kind: 'directory', reference: 'checkout' },
  };
  const uri = (target?: string) =>
    runOf({ evidence: what, target }).results[0]?.locations[0]?.physicalLocation.artifactLocation.uri;
  assert.equal(uri('.'), 'yarn.lock');
  assert.equal(uri('dir:.'), 'yarn.lock');
  assert.equal(uri('./web/'), 'web/yarn.lock');
  assert.equal(uri('../elsewhere'), 'yarn.lock');
  assert.equal(uri(), 'checkout/yarn.lock');
});

test('the schema refuses what is not SARIF', () => {
  const [run] = checked({ evidence: sample }).runs;
  assert.match(sarifMistakes({ version: '2.1.0', runs: [{ ...run, tool: {} }] }), /driver/);
  assert.match(sarifMistakes({ version: '2.1.0', runs: [{ ...run, surplus: 1 }] }), /additionalProperties/);
});

test('nothing found is a run without results, nothing named a log without runs', () => {
  assert.deepEqual(runOf({ evidence: empty }).results, []);
  assert.deepEqual(checked().runs, []);
});

test('whatever is found, the log is valid, and the same evidence gives the same bytes', () => {
  fc.assert(
    fc.property(arbitraryEvidence, (what) => {
      const reports = [{ evidence: what }, { evidence: what, verdict: verdictOf('version: 1\n', what) }];
      checked(...reports);
      assert.equal(renderSarif(reports, '1.2.3'), renderSarif(reports, '1.2.3'));
    }),
    { numRuns: 60 },
  );
});
