import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AttestationEvidence,
  type Component,
  type Finding,
  type SignatureEvidence,
  type SignerEvidence,
  severityLevels,
  type TrustEvidence,
  type Unknown,
} from '../sbom/index.ts';
import { judge } from './judge.ts';
import { parsePolicy } from './parse.ts';
import { gates } from './schema.ts';
import { component, evidence, finding, today } from './testing.ts';
import type { Verdict } from './verdict.ts';

const policy = parsePolicy(
  `version: 1
rules:
  - { name: no-gpl, action: warn, when: { license: GPL-* }, except: { path: b/** } }
  - { name: outside, action: deny, when: { licenseNotIn: [MIT, GPL-*, unknown] } }
  - { name: likely, action: deny, when: { epss: { atLeast: 0.5 } }, except: { scope: development } }
  - { name: old, action: warn, when: { age: { atLeast: 30d }, path: a/** } }
exceptions:
  - { vulnerability: CVE-2026-1, reason: a, until: 2026-12-31 }
  - { component: pkg:npm/b, path: b/**, reason: b, until: 2026-12-31 }
  - { rule: no-gpl, component: pkg:npm/a, reason: c, until: 2026-01-01 }
  - { rule: likely, reason: d, until: 2026-12-31, gates: [build] }
  - { unknown: unread-file, path: b/**, reason: e, until: 2026-12-31 }
`,
  'plimsoll.yaml',
);

const names = ['a', 'b', 'c'];
const idOf = (name: string) => `pkg:npm/${name}@1`;

const components: fc.Arbitrary<readonly Component[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom(...names),
      licenses: fc.subarray(['MIT', 'GPL-3.0-only', 'MIT OR GPL-3.0-only', 'ISC', 'words']),
      scope: fc.constantFrom('development' as const, undefined),
      locations: fc.subarray([{ path: 'a/x', layer: 0 }, { path: 'b/y', layer: 1 }, { path: 'c' }]),
    })
    .map((made) => component({ ...made, id: idOf(made.name) })),
  { selector: ({ id }) => id },
);

const oneFinding: fc.Arbitrary<Finding> = fc
  .record({
    number: fc.integer({ min: 1, max: 6 }),
    name: fc.constantFrom(...names, 'unlisted'),
    kind: fc.constantFrom('vulnerability' as const, 'malware' as const, 'unmaintained' as const),
    severity: fc.constantFrom(...severityLevels).map((level) => ({ level })),
    fix: fc.constantFrom({ state: 'fixed' as const, version: '2' }, { state: 'not-fixed' as const }),
    exploited: fc.constantFrom(undefined, { since: '2026-01-01', ransomware: false }),
    epss: fc.constantFrom(undefined, { score: 0.6, percentile: 0.9 }),
  })
  .map(({ number, name, ...made }) => finding({ ...made, id: `CVE-2026-${number}`, component: idOf(name) }));

const unknown: fc.Arbitrary<Unknown> = fc.constantFrom(
  { kind: 'unread-file', path: 'a/x', cataloger: 'c', reason: 'r' },
  { kind: 'unread-file', path: 'b/x', cataloger: 'c', reason: 'r' },
  { kind: 'unread-layer', layer: 7, reason: 'r' },
  { kind: 'no-version', component: idOf('a'), reason: 'r' },
  { kind: 'no-advisories', ecosystem: 'Hex', components: 1, reason: 'r' },
);

const things = fc.record({
  components,
  findings: fc.array(oneFinding, { maxLength: 6 }),
  unknown: fc.array(unknown, { maxLength: 3 }),
});
const gate = fc.constantFrom(...gates);
const severe = { allow: 0, warn: 1, deny: 2 } as const;

test('a finding or an unknown more never makes the outcome milder, nor takes a reason away', () => {
  fc.assert(
    fc.property(things, fc.option(oneFinding), fc.option(unknown), gate, (what, more, doubt, at) => {
      const before = judge(evidence(what), policy, at, today);
      const findings = more === null ? what.findings : [...what.findings, more];
      const doubts = doubt === null ? what.unknown : [...what.unknown, doubt];
      const after = judge(evidence({ ...what, findings, unknown: doubts }), policy, at, today);
      assert.ok(severe[after.outcome] >= severe[before.outcome]);
      const told = new Set(after.reasons.map((reason) => JSON.stringify(reason)));
      for (const reason of before.reasons) assert.ok(told.has(JSON.stringify(reason)));
    }),
  );
});

const trusting = parsePolicy(
  `version: 1
trust:
  trustedRoot: root.json
  signers:
    one: { key: one.pub }
    two: { key: two.pub }
    people: { identityPattern: '.+@acme', issuer: https://issuer }
  require:
    - signature: { by: [one, two, people], count: 2 }
    - { action: warn, attestation: { type: vuln, by: one, maxAge: 24h } }
`,
  'plimsoll.yaml',
);

const signer: fc.Arbitrary<SignerEvidence> = fc.constantFrom(
  { kind: 'key', name: 'one', fingerprint: '1' },
  { kind: 'key', name: 'two', fingerprint: '1' },
  { kind: 'key', name: 'two', fingerprint: '2' },
  { kind: 'key', name: 'stranger', fingerprint: '3' },
  { kind: 'identity', name: 'people', issuer: 'https://issuer', identity: 'ada@acme' },
);
const subject = fc.constantFrom('sha256:abc', 'sha256:index');
const signature: fc.Arbitrary<SignatureEvidence> = fc
  .record({ signer, subject, form: fc.constantFrom('bundle' as const, 'legacy' as const) })
  .map((made) => ({ ...made, annotations: {} }));
const attestation: fc.Arbitrary<AttestationEvidence> = fc.record({
  signer,
  subject,
  predicateType: fc.constantFrom('https://in-toto.io/attestation/vulns', 'https://cyclonedx.org/bom'),
  facts: fc.record({
    statedAt: fc.constantFrom(undefined, 'x', '2026-06-15T11:00:00Z', '2026-06-01T00:00:00Z', '2030-01-01T00:00:00Z'),
  }),
});
const trust: fc.Arbitrary<TrustEvidence> = fc.record({
  signatures: fc.array(signature, { maxLength: 4 }),
  attestations: fc.array(attestation, { maxLength: 3 }),
  unverified: fc.array(fc.constant({ source: 'sha256:1', reason: 'r' }), { maxLength: 2 }),
});
const rulesOver = (what: TrustEvidence | undefined): readonly string[] =>
  judge({ ...evidence(), trust: what }, trusting, 'build', today).reasons.map(({ rule }) => rule);

test('more that was verified never leaves more wanting, and what was not verified changes nothing', () => {
  fc.assert(
    fc.property(trust, trust, (what, more) => {
      const before = rulesOver(what);
      const verified = {
        ...what,
        signatures: [...what.signatures, ...more.signatures],
        attestations: [...more.attestations, ...what.attestations],
      };
      for (const rule of rulesOver(verified)) assert.ok(before.includes(rule));
      assert.deepEqual(rulesOver({ ...what, unverified: more.unverified }), before);
    }),
  );
});

test('no number of attestations is a signature, nor any number of signatures an attestation', () => {
  fc.assert(
    fc.property(trust, (what) => {
      assert.ok(rulesOver({ ...what, signatures: [] }).includes('trust.signature'));
      assert.ok(rulesOver({ ...what, attestations: [] }).includes('trust.vuln'));
    }),
  );
});

test('the order in which things were found makes no difference', () => {
  fc.assert(
    fc.property(things, gate, (what, at) => {
      const turned = {
        components: what.components.toReversed(),
        findings: what.findings.toReversed(),
        unknown: what.unknown.toReversed(),
      };
      assert.deepEqual(judge(evidence(turned), policy, at, today), judge(evidence(what), policy, at, today));
    }),
  );
});

test('the outcome is the most severe of the reasons, and an allow is never about nothing', () => {
  fc.assert(
    fc.property(things, gate, (what, at) => {
      const verdict: Verdict = judge(evidence(what), policy, at, today);
      const worst = Math.max(0, ...verdict.reasons.map(({ action }) => severe[action]));
      assert.equal(severe[verdict.outcome], worst);
      if (verdict.outcome === 'allow') assert.ok(verdict.judged.components > 0);
      const first = verdict.reasons.findIndex(({ action }) => action === 'warn');
      assert.ok(
        verdict.reasons.slice(first < 0 ? verdict.reasons.length : first).every(({ action }) => action === 'warn'),
      );
    }),
  );
});
