import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttestationEvidence, Evidence, SignatureEvidence, TrustEvidence } from '../sbom/index.ts';
import { evidence, verdictOf } from './testing.ts';

const manifest = 'sha256:abc';
const index = 'sha256:index';
const key = { kind: 'key', name: 'release', fingerprint: 'R' } as const;
const ci = { kind: 'identity', name: 'ci', issuer: 'https://issuer', identity: 'https://ci' } as const;
const signature: SignatureEvidence = { signer: key, subject: manifest, form: 'bundle', annotations: {} };
const scan: AttestationEvidence = {
  signer: ci,
  subject: manifest,
  predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  facts: { statedAt: '2026-06-15T00:00:00Z', scanner: 'pkg:npm/plimsoll@1' },
};
const provenance: AttestationEvidence = {
  signer: ci,
  subject: manifest,
  predicateType: 'https://slsa.dev/provenance/v1',
  facts: {
    builder: 'https://github.com/actions/runner/github-hosted',
    sourceRepository: 'https://github.com/acme/app',
    sourceRef: 'refs/tags/v1.2',
    buildLevel: 2,
  },
};
const summary: AttestationEvidence = {
  signer: ci,
  subject: manifest,
  predicateType: 'https://slsa.dev/verification_summary/v1',
  facts: {
    result: 'PASSED',
    verifier: 'https://gate',
    policy: 'https://policy',
    verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
  },
};

const signers = `  trustedRoot: root.json
  signers:
    release: { key: keys/release.pub }
    backup: { key: keys/backup.pub }
    ci: { identity: https://ci, issuer: https://issuer }
    people: { identityPattern: .+@acme\\.example, issuer: https://issuer }
`;

function byPerson(identity: string, issuer = 'https://issuer'): SignatureEvidence {
  return { ...signature, signer: { kind: 'identity', name: 'people', issuer, identity } };
}

function policy(require: string, rest = ''): string {
  return `version: 1\nextends: nothing\nunknown: { no-components: allow }\ntrust:\n${signers}  require:\n    - ${require}\n${rest}`;
}

function withTrust(trust: Partial<TrustEvidence> | undefined): Evidence {
  const { artifact, ...rest } = evidence();
  assert.ok(artifact.kind === 'image');
  const image = { ...artifact, digest: manifest, indexDigest: index };
  if (trust === undefined) return { ...rest, artifact: image };
  return { ...rest, artifact: image, trust: { signatures: [], attestations: [], unverified: [], ...trust } };
}

const met: readonly (readonly [name: string, require: string, trust: Partial<TrustEvidence>])[] = [
  ['a signature', 'signature: { by: release }', { signatures: [signature] }],
  ['a signature by one of several', 'signature: { by: [backup, release] }', { signatures: [signature] }],
  [
    'two signers',
    'signature: { by: [release, ci], count: 2 }',
    { signatures: [signature, { ...signature, signer: ci }] },
  ],
  [
    'a signature of the index where that will do',
    'signature: { by: release, about: index }',
    { signatures: [{ ...signature, subject: index }] },
  ],
  [
    'a signature with annotations',
    'signature: { by: release, annotations: { env: prod } }',
    { signatures: [{ ...signature, annotations: { env: 'prod', more: '1' } }] },
  ],
  ['an attestation', 'attestation: { type: vuln, by: ci }', { attestations: [scan] }],
  [
    'a fresh scan, whose time is proven',
    'attestation: { type: vuln, by: ci, maxAge: 24h, scanner: "pkg:npm/plimsoll@*" }',
    { attestations: [{ ...scan, time: '2026-06-15T00:01:00Z' }] },
  ],
  [
    'a scan by another tool’s type',
    'attestation: { type: vuln, by: ci }',
    { attestations: [{ ...scan, predicateType: 'https://in-toto.io/attestation/vulns' }] },
  ],
  [
    'provenance',
    'attestation: { type: slsaprovenance1, by: ci, builder: "https://github.com/actions/runner/*", source: github.com/acme/app, ref: refs/tags/v*, level: 2 }',
    { attestations: [provenance] },
  ],
  [
    'a verification summary',
    'attestation: { type: vsa, by: ci, verifier: https://gate, policy: https://policy, level: 2, verifiedLevels: SLSA_BUILD_LEVEL_2 }',
    { attestations: [summary] },
  ],
  [
    'the one of several attestations that does',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, facts: {} }, scan] },
  ],
  [
    'two people whom one pattern fits',
    'signature: { by: people, count: 2 }',
    { signatures: [byPerson('ada@acme.example'), byPerson('bob@acme.example')] },
  ],
  [
    'two people whom different issuers call alike',
    'signature: { by: [people, ci], count: 2 }',
    { signatures: [{ ...signature, signer: ci }, byPerson(ci.identity, 'https://another')] },
  ],
  [
    'an attestation of a type that has no short name',
    'attestation: { type: "https://acme.example/review/v1", by: ci }',
    { attestations: [{ ...scan, predicateType: 'https://acme.example/review/v1', facts: {} }] },
  ],
  [
    'an attestation about the index where that will do',
    'attestation: { type: vuln, by: ci, about: index }',
    { attestations: [{ ...scan, subject: index }] },
  ],
  [
    'a repository that is written in another way',
    'attestation: { type: slsaprovenance1, by: ci, source: git+https://GitHub.com/Acme/app.git }',
    { attestations: [provenance] },
  ],
  [
    'a higher level than is required',
    'attestation: { type: slsaprovenance1, by: ci, level: 1 }',
    { attestations: [provenance] },
  ],
];

const unmet: readonly (readonly [name: string, require: string, trust: Partial<TrustEvidence>, message: RegExp])[] = [
  ['nothing is there', 'signature: { by: release }', {}, /lacks a signature by release: there is none\.$/],
  ['somebody else signed', 'signature: { by: backup }', { signatures: [signature] }, /: it is signed by release\.$/],
  [
    'what is there was not verified',
    'signature: { by: release }',
    { unverified: [{ source: 'sha256:1', reason: 'The signature is by none of the trusted keys.' }] },
    /: sha256:1 does not count: The signature is by none of the trusted keys\.$/,
  ],
  [
    'an attestation is no signature',
    'signature: { by: ci }',
    { attestations: [scan] },
    /: it has attestations, which are no signatures, by ci\.$/,
  ],
  [
    'only the index is signed',
    'signature: { by: release }',
    { signatures: [{ ...signature, subject: index }] },
    /the one by release is about the index alone that the image was chosen from/,
  ],
  [
    'something else is signed',
    'signature: { by: release, about: index }',
    { signatures: [{ ...signature, subject: 'sha256:other' }] },
    /the one by release is about something else, sha256:other/,
  ],
  [
    'one signer signed twice',
    'signature: { by: [release, ci], count: 2 }',
    { signatures: [signature, { ...signature, form: 'legacy' }] },
    /by 2 different signers of release, ci: it has those of 1 \(release\)\.$/,
  ],
  [
    'one workflow signed at two branches',
    'signature: { by: people, count: 2 }',
    {
      signatures: ['main', 'next'].map((branch) =>
        byPerson(`https://github.com/acme/app/.github/workflows/a.yml@refs/heads/${branch}`),
      ),
    },
    /it has those of 1 \(people\)/,
  ],
  [
    'one identity has two names',
    'signature: { by: [people, ci], count: 2 }',
    {
      signatures: [
        { ...signature, signer: ci },
        { ...signature, signer: { ...ci, name: 'people' } },
      ],
    },
    /it has those of 1/,
  ],
  [
    'one of the two signers signed the index alone',
    'signature: { by: [release, ci], count: 2 }',
    { signatures: [signature, { ...signature, signer: ci, subject: index }] },
    /it has those of 1 \(release\); the one by ci is about the index alone/,
  ],
  [
    'one key has two names',
    'signature: { by: [release, backup], count: 2 }',
    { signatures: [signature, { ...signature, signer: { ...key, name: 'backup' } }] },
    /it has those of 1 \(backup\)/,
  ],
  [
    'an annotation is another',
    'signature: { by: release, annotations: { env: prod } }',
    { signatures: [{ ...signature, annotations: { env: 'test' } }] },
    /the one by release says env=test instead of env=prod/,
  ],
  [
    'an annotation is one of every object',
    'signature: { by: release, annotations: { constructor: prod } }',
    { signatures: [signature] },
    /the one by release does not say constructor=prod/,
  ],
  [
    'an attestation is by somebody else',
    'attestation: { type: vuln, by: release }',
    { attestations: [scan] },
    /lacks an attestation of the type vuln by release: it has such attestations by ci\.$/,
  ],
  [
    'an attestation is about the index alone',
    'attestation: { type: vuln, by: ci }',
    { attestations: [{ ...scan, subject: index }] },
    /the one by ci is about the index alone/,
  ],
  [
    'a signature is no attestation',
    'attestation: { type: vuln, by: release }',
    { signatures: [signature] },
    /: there is none\.$/,
  ],
  [
    'what is asked for is spread over two attestations',
    'attestation: { type: slsaprovenance1, by: ci, source: github.com/acme/app, level: 2 }',
    {
      attestations: [
        { ...provenance, facts: { sourceRepository: 'https://github.com/acme/app' } },
        { ...provenance, facts: { buildLevel: 3 } },
      ],
    },
    /the build level is not known instead of 2; in the one by ci the source is not stated/,
  ],
  [
    'an attestation is of another type',
    'attestation: { type: spdx, by: ci }',
    { attestations: [scan] },
    /there is none/,
  ],
  [
    'a scan is old',
    'attestation: { type: vuln, by: ci, maxAge: 6h }',
    { attestations: [scan] },
    /in the one by ci the time that is stated, 2026-06-15T00:00:00Z, is longer ago than 6 hours/,
  ],
  [
    'a scan says that it is fresh, and is proven to be old',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, time: '2026-06-01T00:00:00Z' }] },
    /the time that is proven, 2026-06-01T00:00:00Z, is longer ago than 1 day/,
  ],
  [
    'a scan is from the future',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, facts: { statedAt: '2026-06-16T00:00:00Z' } }] },
    /in the future/,
  ],
  [
    'a scan does not say when',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, facts: {} }] },
    /the time is not stated/,
  ],
  [
    'a scan states a time without its zone',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, facts: { statedAt: '2026-06-15T00:00:00' } }] },
    /the time that is stated is none: 2026-06-15T00:00:00\.$/,
  ],
  [
    'a scan says nonsense',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, facts: { statedAt: 'yesterday' } }] },
    /the time that is stated is none: yesterday/,
  ],
  [
    'the source is another repository that begins alike',
    'attestation: { type: slsaprovenance1, by: ci, source: github.com/acme/ap }',
    { attestations: [provenance] },
    /the source is https:\/\/github\.com\/acme\/app instead of github\.com\/acme\/ap\./,
  ],
  [
    'the branch is another',
    'attestation: { type: slsaprovenance1, by: ci, ref: refs/heads/main }',
    { attestations: [provenance] },
    /the ref is refs\/tags\/v1\.2 instead of refs\/heads\/main/,
  ],
  [
    'the builder is not stated',
    'attestation: { type: slsaprovenance1, by: ci, builder: https://b }',
    { attestations: [{ ...provenance, facts: {} }] },
    /the builder is not stated instead of https:\/\/b\./,
  ],
  [
    'the level is lower',
    'attestation: { type: slsaprovenance1, by: ci, level: 3 }',
    { attestations: [provenance] },
    /the build level is 2 instead of 3/,
  ],
  [
    'the level is not known',
    'attestation: { type: slsaprovenance1, by: ci, level: 1 }',
    { attestations: [{ ...provenance, facts: {} }] },
    /the build level is not known instead of 1/,
  ],
  [
    'a summary says FAILED',
    'attestation: { type: vsa, by: ci }',
    { attestations: [{ ...summary, facts: { ...summary.facts, result: 'FAILED' } }] },
    /the result is FAILED instead of PASSED/,
  ],
  [
    'a summary says nothing',
    'attestation: { type: vsa, by: ci }',
    { attestations: [{ ...summary, facts: {} }] },
    /the result is not stated instead of PASSED/,
  ],
  [
    'a summary is by another verifier',
    'attestation: { type: vsa, by: ci, verifier: https://gate/2 }',
    { attestations: [summary] },
    /the verifier is https:\/\/gate instead of https:\/\/gate\/2\.$/,
  ],
  [
    'a summary does not say who verified',
    'attestation: { type: vsa, by: ci, verifier: https://gate }',
    { attestations: [{ ...summary, facts: { result: 'PASSED' } }] },
    /the verifier is not stated instead of https:\/\/gate\.$/,
  ],
  [
    'a summary is of another policy',
    'attestation: { type: vsa, by: ci, policy: https://policy/strict }',
    { attestations: [summary] },
    /the policy is https:\/\/policy instead of https:\/\/policy\/strict\.$/,
  ],
  [
    'a summary verified one of two levels',
    'attestation: { type: vsa, by: ci, verifiedLevels: [SLSA_BUILD_LEVEL_2, ACME_REVIEWED] }',
    { attestations: [summary] },
    /ACME_REVIEWED is not among the verified levels\.$/,
  ],
  [
    'a summary states no levels',
    'attestation: { type: vsa, by: ci, verifiedLevels: SLSA_BUILD_LEVEL_2 }',
    { attestations: [{ ...summary, facts: { result: 'PASSED' } }] },
    /SLSA_BUILD_LEVEL_2 is not among the verified levels\.$/,
  ],
];

for (const [name, require, trust] of met) {
  test(`what is required is there: ${name}`, () => {
    const { outcome, reasons } = verdictOf(policy(require), withTrust(trust));
    assert.deepEqual([outcome, reasons], ['allow', []]);
  });
}

for (const [name, require, trust, message] of unmet) {
  test(`what is required is missing: ${name}`, () => {
    const { outcome, reasons } = verdictOf(policy(require), withTrust(trust));
    assert.equal(outcome, 'deny');
    assert.equal(reasons.length, 1);
    assert.match(reasons[0]?.message ?? '', message);
    assert.match(reasons[0]?.fix ?? '', /plimsoll (?:sign|attest|provenance create|gate) /);
  });
}

test('where nobody looked, what is required is unknown, and refused unless the policy says otherwise', () => {
  const require = 'signature: { by: release }';
  const { outcome, reasons } = verdictOf(policy(require), {
    ...withTrust(undefined),
    trustUnknown: 'the registry is down',
  });
  assert.equal(outcome, 'deny');
  assert.deepEqual(
    reasons.map(({ rule, unknown }) => [rule, unknown]),
    [['unknown.no-trust', 'no-trust']],
  );
  assert.match(reasons[0]?.message ?? '', /trust\.signature asks for: the registry is down\./);
  const warned = policy(require).replace('no-components: allow', 'no-components: allow, no-trust: warn');
  assert.equal(verdictOf(warned, withTrust(undefined)).outcome, 'warn');
});

test('to be in doubt is no worse than to know that it is missing', () => {
  const warned = policy('{ action: warn, signature: { by: release } }');
  assert.equal(verdictOf(warned, withTrust({})).outcome, 'warn');
  assert.equal(verdictOf(warned, withTrust(undefined)).outcome, 'warn');
  const both = policy('{ action: warn, signature: { by: release } }\n    - attestation: { type: vuln, by: ci }');
  assert.equal(verdictOf(both, withTrust(undefined)).outcome, 'deny');
});

test('an exception may cover that nobody looked', () => {
  const text = policy(
    'signature: { by: release }',
    'exceptions:\n  - { unknown: no-trust, reason: moving, until: 2026-12-31 }\n',
  );
  const { outcome, suppressed } = verdictOf(text, withTrust(undefined));
  assert.equal(outcome, 'allow');
  assert.deepEqual(
    suppressed.map(({ unknown }) => unknown),
    ['no-trust'],
  );
  assert.equal(verdictOf(text, withTrust({})).outcome, 'deny');
});

test('what to do is the whole command', () => {
  const fix = (require: string) => verdictOf(policy(require), withTrust({})).reasons[0]?.fix;
  assert.equal(fix('signature: { by: release }'), 'sign it: plimsoll sign web:1 --key KEY');
  assert.equal(
    fix('signature: { by: release, annotations: { env: prod, note: a b } }'),
    'sign it: plimsoll sign web:1 --annotation env=prod --annotation NAME=VALUE --key KEY',
  );
  assert.equal(fix('attestation: { type: vuln, by: ci }'), 'attest it: plimsoll attest web:1 --scan --key KEY');
  assert.equal(fix('attestation: { type: cyclonedx, by: ci }'), 'attest it: plimsoll attest web:1 --sbom --key KEY');
  assert.equal(
    fix('attestation: { type: "https://in-toto.io/attestation/vulns", by: ci }'),
    'attest it: plimsoll attest web:1 --type https://in-toto.io/attestation/vulns --predicate FILE --key KEY',
  );
  assert.equal(
    fix('attestation: { type: slsaprovenance1, by: ci }'),
    'attest it in the build: plimsoll provenance create --attest web:1 --key KEY',
  );
});

test('what is found instead is told within bounds', () => {
  const unverified = Array.from({ length: 1_000 }, (_, number) => ({
    source: `sha256:${number}`,
    reason: 'x'.repeat(10_000),
  }));
  const [reason] = verdictOf(policy('signature: { by: release }'), withTrust({ unverified })).reasons;
  assert.match(reason?.message ?? '', /; and 996 more\.$/);
  assert.ok((reason?.message ?? '').length < 2_000);
});

test('the order in which things were verified does not decide', () => {
  for (const [name, require, trust] of [...met, ...unmet]) {
    const { signatures = [], attestations = [] } = trust;
    const turned = { ...trust, signatures: signatures.toReversed(), attestations: attestations.toReversed() };
    const outcome = (what: Partial<TrustEvidence>) => verdictOf(policy(require), withTrust(what)).outcome;
    assert.equal(outcome(turned), outcome(trust), name);
  }
});

test('every entry is required, and each has its own answer and its own gates', () => {
  const text = policy(
    'signature: { by: release }\n    - { action: warn, reason: Ask ops, attestation: { type: vuln, by: ci } }',
    'gates:\n  admission:\n    trust:\n      require: [{ name: signature, action: allow }]\n',
  );
  const at = (gate: 'build' | 'admission') =>
    verdictOf(text, withTrust({}), { gate }).reasons.map(({ rule, action, why }) => [rule, action, why]);
  assert.deepEqual(at('build'), [
    ['trust.signature', 'deny', undefined],
    ['trust.vuln', 'warn', 'Ask ops'],
  ]);
  assert.deepEqual(at('admission'), [['trust.vuln', 'warn', 'Ask ops']]);
});

test('an exception covers one requirement until its end, and no other', () => {
  const text = (until: string) =>
    policy(
      'signature: { by: release }\n    - attestation: { type: vuln, by: ci }',
      `exceptions:\n  - { rule: trust.signature, reason: moving, until: ${until} }\n`,
    );
  const rules = (until: string) => verdictOf(text(until), withTrust({})).reasons.map(({ rule }) => rule);
  assert.deepEqual(rules('2026-06-15'), ['trust.vuln']);
  assert.deepEqual(rules('2026-06-14'), ['trust.signature', 'trust.vuln']);
  assert.equal(verdictOf(text('2026-06-15'), withTrust({})).suppressed.length, 1);
});

test('the default line warns of images as long as nobody is named, and of images only', () => {
  const image = verdictOf('version: 1', withTrust(undefined));
  assert.deepEqual(
    image.reasons.map(({ rule, action }) => [rule, action]),
    [['trust.unsigned', 'warn']],
  );
  const folder: Evidence = { ...evidence(), artifact: { kind: 'directory', reference: '.' } };
  assert.deepEqual(verdictOf('version: 1', folder).reasons, []);
  assert.deepEqual(verdictOf(policy('signature: { by: release }'), folder).reasons, []);
  for (const kind of ['sbom', 'file'] as const) {
    const stand: Evidence = { ...evidence(), artifact: { kind, reference: 'app', digest: manifest } };
    const { outcome, reasons } = verdictOf(policy('signature: { by: release }'), stand);
    assert.equal(outcome, 'deny');
    assert.match(reasons[0]?.message ?? '', /^Who signed the image that this stands for could not be found out/);
    assert.deepEqual(verdictOf('version: 1', stand).reasons, []);
  }
  const named = `version: 1\ntrust:\n${signers}  require:\n    - signature: { by: [release, backup, ci] }\n`;
  assert.deepEqual(verdictOf(named, withTrust({ signatures: [signature] })).reasons, []);
});

test('the digest of a policy changes with whom it trusts', () => {
  const digest = (text: string) => verdictOf(text, withTrust({})).policy.digest;
  const text = policy('signature: { by: release }');
  assert.equal(digest(text), digest(`# a comment\n${text}`));
  assert.notEqual(digest(text), digest(text.replace('keys/release.pub', 'keys/other.pub')));
  assert.notEqual(digest(text), digest(text.replace('by: release', 'by: backup')));
});
