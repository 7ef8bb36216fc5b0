import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { component, evidence, finding, today, verdictOf } from '../../policy/testing.ts';
import type { Evidence, Finding } from '../../sbom/index.ts';
import { renderTables } from './table-report.ts';
import { arbitraryEvidence, empty, plain, sample, tagged } from './testing.ts';

function table(what: Evidence, looks = plain(80)): string {
  return renderTables([{ evidence: what }], { looks, now: today });
}

/** `number` findings of the package `name`. */
function many(name: string, number: number, changes: Partial<Finding> = {}) {
  const of = component({ id: `pkg:npm/${name}@1.0.0`, name, version: '1.0.0', locations: [] });
  const matched = { ecosystem: 'npm', package: name, version: '1.0.0' };
  const findings = Array.from({ length: number }, (_, index) =>
    finding({ id: `CVE-2024-${1_000 + index}`, component: of.id, matched, ...changes }),
  );
  return { component: of, findings };
}

test('findings are grouped by what one update answers, with that update, the place and the marks', () => {
  assert.equal(
    table(sample),
    `web:1
linux/amd64, sha256:abc, 2 layers, Debian GNU/Linux 12, 3 components

openssl 3.0.11-1  deb  update to 3.0.14-1 fixes 1 of 2
  in libssl3, openssl; layer 1: ADD rootfs.tar /
  critical  9.8  CVE-2024-0001   KEV EPSS 94 %  3.0.14-1    Reads beyond the en…
  medium    5.3  CVE-2024-0002                  no fix yet

lodash 4.17.20  npm  update to 4.17.21 fixes it
  at app/node_modules/lodash/package.json and 1 more place; layer 2: RUN npm ci
  high      7.2  CVE-2021-23337                 4.17.21     Command injection i…

3 findings in 2 packages: 1 critical, 1 high, 1 medium, 1 known to be exploited
(KEV)
Updating 2 packages fixes 2 of 3.
Advisory data: 200,000 advisories, newest of 2026-06-15, today

Not found out (2):
  app/yarn.lock (layer 2): line 3 is no entry
  Hex (2 components): The data has nothing about Hex.
`,
  );
});

test('on a wide terminal summaries are whole; where nothing wraps, lines end at 140 columns', () => {
  assert.match(table(sample, plain(120)), /3\.0\.14-1 {4}Reads beyond the end of a buffer$/m);
  assert.equal(table(sample, plain(undefined)), table(sample, plain(140)));
});

test('what matters is coloured: the level, the update, the totals', () => {
  const text = table(sample, tagged(120));
  assert.match(text, /^ {2}<magenta>critical<\/magenta> {2}9\.8 {2}CVE-2024-0001/m);
  assert.match(
    text,
    /^<bold>openssl<\/bold> 3\.0\.11-1 {2}<dim>deb<\/dim> {2}update to <green>3\.0\.14-1<\/green> fixes 1 of 2$/m,
  );
});

const silences: readonly (readonly [what: string, evidence: Evidence, said: RegExp])[] = [
  ['nothing is wrong', evidence(), /^No known vulnerability was found\.$/m],
  [
    'something could not be found out',
    evidence({ unknown: [{ kind: 'unread-layer', layer: 1, reason: 'It is kept elsewhere.' }] }),
    /^No known vulnerability was found, but not everything could be found out\.$[\s\S]*^ {2}layer 2: It is kept elsewhere\.$/m,
  ],
  ['there is no component', empty, /^No component was found, so there was nothing to hold advisories against\.$/m],
];
for (const [what, given, said] of silences) {
  test(`without findings it says whether that is good news: ${what}`, () => assert.match(table(given), said));
}

const disputed = { state: 'fixed', version: '4.17.30', affectedAgain: [{ from: '4.17.30' }] } as const;
const fixes: readonly (readonly [what: string, findings: readonly Finding[], said: string])[] = [
  ['one has a fix', [finding()], 'update to 4.17.21 fixes it'],
  [
    'the highest of several fixes both',
    [finding(), finding({ id: 'CVE-2', fix: { state: 'fixed', version: '4.17.30' } })],
    'update to 4.17.30 fixes both',
  ],
  [
    'one has none',
    [finding(), finding({ id: 'CVE-2', fix: { state: 'not-fixed' } })],
    'update to 4.17.21 fixes 1 of 2',
  ],
  ['there are more', [finding(), finding({ id: 'CVE-2' }), finding({ id: 'CVE-3' })], 'update to 4.17.21 fixes all 3'],
  ['advisories disagree about one', [finding({ fix: disputed })], 'advisories disagree on the fix'],
  [
    'advisories disagree about one of them',
    [finding(), finding({ id: 'CVE-2', fix: disputed })],
    'update to 4.17.21 fixes 1 of 2',
  ],
  ['none has one', [finding({ fix: { state: 'not-fixed' } })], 'no fix yet'],
  ['the distribution refuses', [finding({ fix: { state: 'wont-fix', reason: 'no-dsa' } })], 'will not be fixed'],
  ['nobody says', [finding({ fix: { state: 'unknown' } })], 'whether there is a fix is unknown'],
];
for (const [what, findings, said] of fixes) {
  test(`a package says what its update does where ${what}`, () => {
    assert.ok(table(evidence({ findings })).includes(`lodash 4.17.20  npm  ${said}\n`));
  });
}

const sums: readonly (readonly [findings: readonly Finding[], said: string])[] = [
  [[finding()], 'Updating 1 package fixes it.'],
  [[finding(), finding({ id: 'CVE-2' })], 'Updating 1 package fixes both.'],
  [[finding(), finding({ id: 'CVE-2' }), finding({ id: 'CVE-3' })], 'Updating 1 package fixes all 3.'],
  [[finding({ fix: { state: 'not-fixed' } })], 'No update fixes it yet.'],
  [
    [finding({ fix: { state: 'not-fixed' } }), finding({ id: 'CVE-2', fix: { state: 'unknown' } })],
    'No update fixes any of them yet.',
  ],
];
for (const [findings, said] of sums) {
  test(`at the end stands what updates do in all: ${said}`, () => {
    assert.ok(table(evidence({ findings })).includes(`\n${said}\n`));
  });
}

test('malware, what nobody rated and what is not maintained are called so', () => {
  const findings = [
    finding({ id: 'MAL-2024-1', kind: 'malware', severity: { level: 'unknown' } }),
    finding({ id: 'CVE-2024-1', severity: { level: 'unknown' } }),
    finding({ id: 'RUSTSEC-1', kind: 'unmaintained', severity: { level: 'none' } }),
  ];
  const text = table(evidence({ findings }));
  assert.match(text, /^ {2}malware {3}MAL-2024-1 /m);
  assert.match(text, /^ {2}unrated {3}CVE-2024-1 /m);
  assert.match(text, /^ {2}none {6}RUSTSEC-1 +unmaintained/m);
  assert.match(text, /^3 findings in 1 package: 1 malware, 1 unrated, 1 none$/m);
});

test('malware without a fix is to be removed, whatever updates answer besides, and what nobody maintains to be replaced', () => {
  const malware = finding({ id: 'MAL-2024-1', kind: 'malware', fix: { state: 'unknown' } });
  const unmaintained = finding({ id: 'RUSTSEC-1', kind: 'unmaintained', fix: { state: 'not-fixed' } });
  const cases: readonly (readonly [readonly Finding[], head: string, row: RegExp])[] = [
    [[malware], 'remove it: it is malware', /MAL-2024-1 +remove it$/m],
    [[malware, finding()], 'remove it: it is malware', /CVE-2021-23337 +4\.17\.21$/m],
    [[unmaintained], 'replace it: nobody maintains it', /RUSTSEC-1 +unmaintained +replace it$/m],
    [[{ ...malware, fix: finding().fix }], 'update to 4.17.21 fixes it', /MAL-2024-1 +4\.17\.21$/m],
  ];
  for (const [findings, head, row] of cases) {
    const text = table(evidence({ findings }));
    assert.ok(text.includes(`lodash 4.17.20  npm  ${head}\n`), text);
    assert.match(text, row);
    assert.doesNotMatch(text, /fix unknown|no fix yet/);
  }
});

test('a long list is shortened: the worst of each package and the worst packages, and the rest is counted', () => {
  const groups = [
    many('alpha', 60, { severity: { level: 'critical' } }),
    ...Array.from({ length: 50 }, (_, index) => many(`beta${index}`, 1, { severity: { level: 'low' } })),
  ];
  const text = table(
    evidence({
      components: groups.map((group) => group.component),
      findings: groups.flatMap((group) => group.findings),
    }),
  );
  assert.match(text, /^ {2}and 57 more: 57 critical$/m);
  assert.match(text, /^and 11 findings in 11 packages more: 11 low$/m);
  assert.match(text, /^This list is shortened; "-o json" has all of it\.$/m);
  assert.match(text, /^110 findings in 51 packages: 60 critical, 50 low$/m);
  assert.ok(text.split('\n').length < 200);
});

test('a hundred findings are all shown', () => {
  const { component: of, findings } = many('alpha', 100);
  const text = table(evidence({ components: [of], findings }));
  assert.equal(text.match(/^ {2}high /gm)?.length, 100);
  assert.doesNotMatch(text, /shortened/);
});

test('what could not be found out for one reason is told once', () => {
  const unknown = [1, 2, 3].map((number) => ({
    kind: 'unread-file' as const,
    path: `bin/tool${number}`,
    layer: 0,
    cataloger: 'go',
    reason: 'It is cut off.',
  }));
  assert.match(
    table(evidence({ unknown })),
    /^Not found out \(3\):\n {2}bin\/tool1 \(layer 1\) and 2 more files: It is cut off\.$/m,
  );
});

const data: readonly (readonly [what: string, data: Partial<Evidence['advisories']>, said: string])[] = [
  ['of today', {}, '200,000 advisories, newest of 2026-06-15, today'],
  ['older', { newest: '2026-06-01T00:00:00Z' }, '200,000 advisories, newest of 2026-06-01, 14 days old'],
  [
    'without KEV and EPSS',
    { lacks: ['kev', 'epss'] },
    '200,000 advisories, newest of 2026-06-15, today; without KEV (known exploited) and EPSS',
  ],
  [
    'the starter set',
    { starter: true, advisories: 106 },
    'starter set of 106 advisories only; "plimsoll db update" gets all',
  ],
  ['of a day that is none', { newest: 'soon' }, '200,000 advisories, newest of unknown'],
];
for (const [what, advisories, said] of data) {
  test(`it says what the answer rests on: data ${what}`, () => {
    assert.ok(table(evidence({ advisories }), plain(140)).includes(`Advisory data: ${said}\n`));
  });
}

test('what VEX statements suppress is not among the findings, and is named with who says so', () => {
  const suppressions = [
    { finding: 'CVE-2021-23337', component: 'pkg:npm/lodash@4.17.20', by: 'vex.json', reason: 'VEX: not_affected' },
  ];
  const text = renderTables([{ evidence: sample, suppressions }], { looks: plain(80), now: today });
  assert.doesNotMatch(text, /^lodash/m);
  assert.match(text, /^Suppressed \(1\):\n {2}CVE-2021-23337 in lodash 4\.17\.20: VEX: not_affected \(vex\.json\)$/m);
  assert.match(text, /^2 findings in 1 package/m);
});

test('several targets come one after the other, with a line for each at the end', () => {
  const verdict = verdictOf('version: 1\n', sample);
  const text = renderTables([{ evidence: empty }, { evidence: sample, verdict }], { looks: plain(80), now: today });
  assert.ok(
    text.endsWith(`

2 targets:
  web:1: no component found
  DENY   web:1: 4 reasons to deny, 4 reasons to warn; 2 things not found out
`),
  );
});

test('whatever is found, no line is wider than the terminal, and the same evidence gives the same text', () => {
  fc.assert(
    fc.property(arbitraryEvidence, fc.integer({ min: 60, max: 200 }), (what, width) => {
      const verdict = verdictOf(
        'version: 1\nrules: [{ name: odd, action: deny, when: { license: [unknown] } }]\n',
        what,
      );
      for (const report of [{ evidence: what }, { evidence: what, verdict }]) {
        const text = renderTables([report], { looks: plain(width), now: today });
        for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, line);
        assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        assert.doesNotMatch(text, /^\s*::/m);
        assert.equal(renderTables([report], { looks: plain(width), now: today }), text);
      }
    }),
    { numRuns: 60 },
  );
});
