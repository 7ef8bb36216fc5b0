import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttestationEvidence, Evidence, SignatureEvidence, TrustEvidence } from '../sbom/index.ts';
import { checkPolicy, parsePolicy } from './parse.ts';
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

const signers = `  signers:
    release: { key: keys/release.pub }
    backup: { key: keys/backup.pub }
    ci: { identity: https://ci, issuer: https://issuer }
`;

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
];

const unmet: readonly (readonly [name: string, require: string, trust: Partial<TrustEvidence>, message: RegExp])[] = [
  ['nothing is there', 'signature: { by: release }', {}, /and there is none/],
  ['somebody else signed', 'signature: { by: backup }', { signatures: [signature] }, /there are only those by release/],
  [
    'what is there was not verified',
    'signature: { by: release }',
    { unverified: [{ source: 'sha256:1', reason: 'The signature is by none of the trusted keys.' }] },
    /sha256:1: The signature is by none of the trusted keys/,
  ],
  ['an attestation is no signature', 'signature: { by: ci }', { attestations: [scan] }, /there is none/],
  [
    'only the index is signed',
    'signature: { by: release }',
    { signatures: [{ ...signature, subject: index }] },
    /only the index that it was chosen from is signed/,
  ],
  [
    'something else is signed',
    'signature: { by: release, about: index }',
    { signatures: [{ ...signature, subject: 'sha256:other' }] },
    /./,
  ],
  [
    'one signer signed twice',
    'signature: { by: [release, ci], count: 2 }',
    { signatures: [signature, { ...signature, form: 'legacy' }] },
    /it has those of 1/,
  ],
  [
    'one key has two names',
    'signature: { by: [release, backup], count: 2 }',
    { signatures: [signature, { ...signature, signer: { ...key, name: 'backup' } }] },
    /it has those of 1/,
  ],
  [
    'an annotation is another',
    'signature: { by: release, annotations: { env: prod } }',
    { signatures: [{ ...signature, annotations: { env: 'test' } }] },
    /none of those that are there says env=prod/,
  ],
  [
    'an annotation is one of every object',
    'signature: { by: release, annotations: { constructor: prod } }',
    { signatures: [signature] },
    /none of those/,
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
    /it is 12 hours old, and 6 hours are accepted/,
  ],
  [
    'a scan says that it is fresh, and is proven to be old',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, time: '2026-06-01T00:00:00Z' }] },
    /days? old|14d/,
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
    /does not state when/,
  ],
  [
    'a scan says nonsense',
    'attestation: { type: vuln, by: ci, maxAge: 24h }',
    { attestations: [{ ...scan, facts: { statedAt: 'yesterday' } }] },
    /which is no time/,
  ],
  [
    'the source is another repository that begins alike',
    'attestation: { type: slsaprovenance1, by: ci, source: github.com/acme/ap }',
    { attestations: [provenance] },
    /its source is https:\/\/github.com\/acme\/app, not github.com\/acme\/ap/,
  ],
  [
    'the branch is another',
    'attestation: { type: slsaprovenance1, by: ci, ref: refs/heads/main }',
    { attestations: [provenance] },
    /its ref is refs\/tags\/v1.2/,
  ],
  [
    'the builder is not stated',
    'attestation: { type: slsaprovenance1, by: ci, builder: https://b }',
    { attestations: [{ ...provenance, facts: {} }] },
    /its builder is not stated/,
  ],
  [
    'the level is lower',
    'attestation: { type: slsaprovenance1, by: ci, level: 3 }',
    { attestations: [provenance] },
    /its build level is 2, and 3 is required/,
  ],
  [
    'the level is not known',
    'attestation: { type: slsaprovenance1, by: ci, level: 1 }',
    { attestations: [{ ...provenance, facts: {} }] },
    /its build level is not known/,
  ],
  [
    'a summary says FAILED',
    'attestation: { type: vsa, by: ci }',
    { attestations: [{ ...summary, facts: { ...summary.facts, result: 'FAILED' } }] },
    /it says FAILED instead of PASSED/,
  ],
  [
    'a summary says nothing',
    'attestation: { type: vsa, by: ci }',
    { attestations: [{ ...summary, facts: {} }] },
    /nothing about the result/,
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
    assert.match(reasons[0]?.fix ?? '', /plimsoll (?:sign|attest|provenance)/);
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

const mistakes: readonly (readonly [name: string, trust: string, message: RegExp])[] = [
  ['no signers', '{ signers: {}, require: [{ signature: { by: a } }] }', /"signers" is empty/],
  ['nothing required', '{ signers: { a: { key: k.pub } }, require: [] }', /require/],
  ['a requirement of nothing', '{ signers: { a: { key: k.pub } }, require: [{}] }', /requires nothing/],
  ['nobody to sign', '{ signers: { a: { key: k.pub } }, require: [{ signature: { by: [] } }] }', /"by"|by/],
  [
    'an unknown signer',
    '{ signers: { alpha: { key: k.pub } }, require: [{ signature: { by: alhpa } }] }',
    /there is no signer "alhpa"/,
  ],
  ['signers of whom nothing is required', '{ signers: { a: { key: k.pub } } }', /nothing is required of them/],
  [
    'an identity without an issuer',
    '{ signers: { a: { identity: x } }, require: [{ signature: { by: a } }] }',
    /needs its issuer/,
  ],
  [
    'an issuer without an identity',
    '{ signers: { a: { issuer: x } }, require: [{ signature: { by: a } }] }',
    /would be this signer/,
  ],
  [
    'a key and an identity',
    '{ signers: { a: { key: k, identity: x, issuer: y } }, require: [{ signature: { by: a } }] }',
    /either a key or an identity/,
  ],
  [
    'a pattern for anybody',
    '{ signers: { a: { identityPattern: ".*", issuer: y } }, require: [{ signature: { by: a } }] }',
    /fits anybody/,
  ],
  [
    'a pattern that is none',
    '{ signers: { a: { identityPattern: "(", issuer: y } }, require: [{ signature: { by: a } }] }',
    /not a regular expression/,
  ],
  [
    'a private key',
    '{ signers: { a: { key: "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----" } }, require: [{ signature: { by: a } }] }',
    /private key/,
  ],
  [
    'more signers than there are',
    '{ signers: { a: { key: k.pub } }, require: [{ signature: { by: a, count: 2 } }] }',
    /2 different signers/,
  ],
  ['a count of none', '{ signers: { a: { key: k.pub } }, require: [{ signature: { by: a, count: 0 } }] }', /count/],
  [
    'an unknown type',
    '{ signers: { a: { key: k.pub } }, require: [{ attestation: { type: vulns, by: a } }] }',
    /no type of attestation/,
  ],
  [
    'the type of signatures',
    '{ signers: { a: { key: k.pub } }, require: [{ attestation: { type: "https://sigstore.dev/cosign/sign/v1", by: a } }] }',
    /a signature, and no attestation/,
  ],
  [
    'a fact that is never stated',
    '{ signers: { a: { key: k.pub } }, require: [{ attestation: { type: vuln, by: a, level: 3 } }] }',
    /"level" can never hold/,
  ],
  [
    'all allowed to be missing',
    '{ signers: { a: { key: k.pub } }, action: allow, require: [{ signature: { by: a } }] }',
    /may be missing at every gate/,
  ],
];

for (const [name, trust, message] of mistakes) {
  test(`a policy cannot have ${name} in its trust section`, () => {
    const text = `version: 1\ntrust: ${trust}\n`;
    const errors = checkPolicy(text).filter(({ level }) => level === 'error');
    assert.ok(errors.length > 0);
    assert.match(errors.map((problem) => problem.message).join('\n'), message);
    assert.ok(errors.every(({ line, column }) => line === 2 && column > 0));
    assert.throws(() => parsePolicy(text, 'plimsoll.yaml'));
  });
}

test('a good trust section has no problems', () => {
  assert.deepEqual(checkPolicy(policy('signature: { by: [release, backup, ci], count: 2 }')), []);
});
