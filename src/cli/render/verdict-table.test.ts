import assert from 'node:assert/strict';
import { test } from 'node:test';
import { component, defaultOnSigned, evidence, finding, only, today, verdictOf } from '../../policy/testing.ts';
import type { Evidence } from '../../sbom/index.ts';
import { renderTables } from './table-report.ts';
import { plain, sample, tagged } from './testing.ts';

function table(policy: string, what: Evidence, looks = plain(80)): string {
  return renderTables([{ evidence: what, verdict: verdictOf(policy, what), rescan: 'plimsoll scan web:1' }], {
    looks,
    now: today,
  });
}

const policy = `version: 1
rules:
  - name: known-exploited
    action: deny
    when: { exploited: true }
    reason: Attackers use it today.
  - { name: no-mit, action: warn, when: { license: MIT } }
exceptions:
  - { vulnerability: CVE-2021-23337, reason: templates are ours, until: 2026-12-31, ticket: SEC-7 }
  - { vulnerability: CVE-2024-0001, reason: until the base image is there, until: 2026-01-31 }
  - { vulnerability: CVE-1999-0001, reason: it was there once, until: 2026-12-31 }
`;

test('a denial: the verdict first, one group for each package and cause, what is accepted, what to do', () => {
  const digest = verdictOf(policy, sample).policy.digest.slice(0, 'sha256:0123456789ab'.length);
  assert.equal(
    table(policy, sample),
    `━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
  DENY  at the build gate, by plimsoll.yaml (${digest})
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
web:1
linux/amd64, sha256:abc, 2 layers, Debian GNU/Linux 12, 3 components

4 reasons to deny

openssl 3.0.11-1  deb  update to 3.0.14-1 fixes it
  deny by critical-with-fix, known-exploited
  Attackers use it today.
  in libssl3, openssl; layer 1: ADD rootfs.tar /
  critical  9.8  CVE-2024-0001  KEV EPSS 94 %  3.0.14-1  Reads beyond the end o…

6 reasons to warn

by trust.unsigned: Nobody is known to have signed this image: the policy names
  no signers.
  name who signs under trust.signers, and what they must sign under
  trust.require
by unknown.no-advisories: The advisory data has nothing about Hex, so 2
  components are not judged: The data has nothing about Hex.
  run: plimsoll db update
by unknown.unread-file: app/yarn.lock could not be read (yarn), so what it
  holds is unknown: line 3 is no entry.
by no-mit, 3 times: libssl3 3.0.11-1 is under "MIT"; rule no-mit does not
  accept that.

Judged: 3 components, 5 findings, 2 things not found out. No rule is about 1
finding (1 medium).
Advisory data: 200,000 advisories, newest of 2026-06-15, today

Suppressed (1):
  CVE-2021-23337 in lodash 4.17.20: templates are ours (plimsoll.yaml:9, until
    2026-12-31; SEC-7)

Exceptions that have ended, and count no more (1):
  CVE-2024-0001 in libssl3 3.0.11-1, openssl 3.0.11-1: until the base image is
    there (plimsoll.yaml:10, until 2026-01-31)

Exceptions that fit nothing here (1):
  it was there once (plimsoll.yaml:11, until 2026-12-31)

What to do next:
  - Update openssl to 3.0.14-1: answers 4 reasons.
  - 4 of 4 reasons come with layer 1: ADD rootfs.tar /
  - To accept something for a time, write an exception with a reason and an end
    date into plimsoll.yaml.
  - See every finding: plimsoll scan web:1
`,
  );
});

test('a warning shows its groups in full, with the place and its layer', () => {
  const text = table(only('  - { name: no-mit, action: warn, when: { license: MIT } }'), evidence());
  assert.match(text, /^ {2}WARN {2}at the build gate/m);
  assert.match(
    text,
    /^1 reason to warn\n\nwarn by no-mit\n {2}lodash 4\.17\.20 is under "MIT"; rule no-mit does not accept that\.\n {4}at app\/node_modules\/lodash\/package\.json; layer 2: RUN npm ci$/m,
  );
});

test('where nothing speaks against it, it says that the line holds and how much was judged', () => {
  const text = table(defaultOnSigned, evidence());
  assert.match(text, /^ {2}ALLOW {2}at the build gate/m);
  assert.match(text, /^The line holds\.\nJudged: 1 component, 0 findings\.$/m);
  assert.doesNotMatch(text, /What to do next/);
});

test('the verdict is coloured', () => {
  assert.match(table(defaultOnSigned, evidence(), tagged(80)), /^<green> {2}ALLOW<\/green>/m);
  assert.match(table(policy, sample, tagged(80)), /^<red> {2}DENY<\/red>/m);
});

test('a finding that is denied is not listed as a warning too', () => {
  const rules = `  - { name: high, action: warn, when: { severity: high } }
  - { name: named, action: deny, when: { vulnerability: CVE-2021-23337 } }`;
  const text = table(only(rules), evidence({ findings: [finding()] }));
  assert.match(text, /^1 reason to deny$/m);
  assert.doesNotMatch(text, /to warn/);
});

test('an exception for one of two places leaves the other, and only that is shown', () => {
  const locations = ['app/a/package.json', 'app/b/package.json'].map((path) => ({ path, layer: 1 }));
  const what = evidence({ components: [component({ locations })], findings: [finding()] });
  const text = table(
    only(
      '  - { name: high, action: deny, when: { severity: high } }',
      'exceptions: [{ vulnerability: CVE-2021-23337, path: app/a/**, reason: not run, until: 2026-12-31 }]\n',
    ),
    what,
  );
  assert.match(text, /^ {2}at app\/b\/package\.json; layer 2/m);
  assert.doesNotMatch(text, /app\/a\//);
  assert.match(text, /^Suppressed \(1\):/m);
});

test('hundreds of denied packages: the worst in full, the others in one line each, and none is hidden', () => {
  const packages = Array.from({ length: 400 }, (_, index) =>
    component({ id: `pkg:npm/p${index}@1`, name: `p${index}`, version: '1', locations: [] }),
  );
  const findings = packages.map(({ id, name }) =>
    finding({ component: id, matched: { ecosystem: 'npm', package: name, version: '1' } }),
  );
  const text = table(
    only('  - { name: high, action: deny, when: { severity: high } }'),
    evidence({ components: packages, findings }),
  );
  assert.match(text, /^400 reasons to deny$/m);
  assert.equal(text.match(/^p\d+ 1 {2}npm {2}update to 4\.17\.21 fixes it; 1 high by high$/gm)?.length, 300);
  assert.equal(text.match(/^ {2}deny by high$/gm)?.length, 30);
  assert.match(text, /^and 70 more reasons to deny about 70 packages; "-o json" has all of them$/m);
});

test('what to do next names each package once, with the version that answers all its reasons, and one that clears more', () => {
  const fixed = (id: string, version: string, level: 'critical' | 'high' | 'low') =>
    finding({ id, severity: { level }, fix: { state: 'fixed', version } });
  const findings = [
    fixed('CVE-1', '4.17.30', 'critical'),
    fixed('CVE-2', '4.17.21', 'high'),
    fixed('CVE-3', '4.17.40', 'low'),
  ];
  const rules = `  - { name: critical, action: deny, when: { severity: critical } }
  - { name: high, action: deny, when: { severity: high } }`;
  const steps = table(only(rules), evidence({ findings }), plain(120)).split('What to do next:\n')[1];
  assert.equal(
    steps?.split('\n')[0],
    '  - Update lodash to 4.17.30: answers 2 reasons; 4.17.40 fixes all that can be fixed.',
  );
});

test('what to do next says which package to remove', () => {
  const malware = finding({ id: 'MAL-2024-1', kind: 'malware', fix: { state: 'unknown' } });
  const text = table(
    only('  - { name: malware, action: deny, when: { kind: malware } }'),
    evidence({ findings: [malware] }),
  );
  assert.match(text, /What to do next:\n {2}- Remove lodash 4\.17\.20: it is malware\.\n/);
});

test('on a narrow terminal the line of a package keeps the version to update to', () => {
  const rules = `  - { name: named, action: deny, when: { vulnerability: CVE-2021-1 } }
  - { name: a-rule-with-a-long-name, action: warn, when: { severity: high } }`;
  const findings = [finding({ id: 'CVE-2021-1' }), finding({ id: 'CVE-2021-2' })];
  assert.match(
    table(only(rules), evidence({ findings }), plain(60)),
    /^lodash 4\.17\.20 {2}npm {2}update to 4\.17\.21 fixes it; 1 high by …$/m,
  );
});
