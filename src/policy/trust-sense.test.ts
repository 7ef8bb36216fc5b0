import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicy, parsePolicy } from './parse.ts';

const signer = (credential: string) =>
  `{ trustedRoot: r.json, signers: { a: { ${credential} } }, require: [{ signature: { by: a } }] }`;
const requiring = (requirement: string) => `{ signers: { a: { key: k.pub } }, require: [{ ${requirement} }] }`;

/** The trust section on line 2, then `line:column path: message. Hint` of every problem. */
const mistakes: readonly (readonly [trust: string, ...problems: readonly string[]])[] = [
  // What is empty passes nobody
  [
    '{ signers: {}, require: [{ signature: { by: a } }] }',
    '2:19 trust.signers: "signers" is empty. Name a signer: release: { key: keys/release.pub }.',
  ],
  [
    '{ signers: { a: { key: k.pub } }, require: [] }',
    '2:51 trust.require: "require" is empty. Give it a value, or remove it.',
  ],
  [requiring(''), '2:52 trust.require[0]: this requires nothing. Give it a signature or an attestation.'],
  [
    requiring('signature: { by: [] }'),
    '2:71 trust.require[0].signature.by: "by" is empty. Give it a value, or remove it.',
  ],
  [
    requiring('attestation: { type: vuln, by: [] }'),
    '2:85 trust.require[0].attestation.by: "by" is empty. Give it a value, or remove it.',
  ],
  [
    '{ signers: { a: { key: k.pub } }, acceptVsa: { by: [], maxAge: 1d } }',
    '2:59 trust.acceptVsa.by: "by" is empty. Give it a value, or remove it.',
  ],
  [
    '{ signers: { a: { key: k.pub } } }',
    '2:10 trust.signers: signers are named, and nothing is required of them at any gate. Add what they must have signed: require: [{ signature: { by: NAME } }].',
  ],
  [
    '{ unsigned: warn, action: deny }',
    '2:26 trust.action: nothing is required here, so nothing is answered. Add "require".',
  ],
  [
    '{ signers: { a: { key: k.pub } }, action: allow, require: [{ signature: { by: a } }] }',
    '2:1 trust: all that is required may be missing at every gate. Write "action: deny" or "action: warn" at least at one gate.',
  ],
  // Records would lose it without a word, and the demand with it
  [
    requiring('signature: { by: a, annotations: { __proto__: prod } }'),
    '2:89 trust.require[0].signature.annotations.__proto__: the key "__proto__" is refused. Use another.',
  ],
  [
    '{ signers: { a: { key: k.pub }, __proto__: { key: p.pub } }, require: [{ signature: { by: a } }] }',
    '2:40 trust.signers.__proto__: the key "__proto__" is refused. Use another.',
  ],
  // Names
  [
    '{ signers: { a: { key: k.pub }, release: { key: r.pub } }, require: [{ signature: { by: [a, relaese] } }] }',
    'warning 2:40 trust.signers.release: nothing is required of the signer "release". Add it to a "by", or leave it out.',
    '2:100 trust.require[0].signature.by[1]: there is no signer "relaese". Did you mean "release"?',
  ],
  [
    '{ require: [{ signature: { by: a } }] }',
    '2:39 trust.require[0].signature.by[0]: there is no signer "a". The policy names none: add trust.signers.',
  ],
  [
    '{ signers: { a: { key: k.pub } }, require: [{ signature: { by: a } }], acceptVsa: { by: bot, maxAge: 1d } }',
    '2:96 trust.acceptVsa.by[0]: there is no signer "bot". The signers are a.',
  ],
  [
    '{ signers: { A b: { key: k } }, require: [{ signature: { by: a } }] }',
    '2:26 trust.signers.A b: "A b" is not a name. Use lower-case letters, digits and hyphens: critical-with-fix.',
  ],
  [
    '{ sigers: { a: { key: k } }, require: [{ signature: { by: a } }] }',
    '2:10 trust.sigers: "sigers" is not a key of "trust". Did you mean "signers"?',
  ],
  [
    requiring('signature: { by: a } }, { signature: { by: a }'),
    '2:78 trust.require[1]: there are two requirements "signature" here. Give each its own "name": the verdict names the requirement.',
  ],
  [
    requiring('name: unsigned, signature: { by: a }'),
    '2:60 trust.require[0].name: "trust.unsigned" is about images while no signers are named. Use another name.',
  ],
  [
    requiring('name: other, action: allow'),
    '2:60 trust.require[0].name: nothing earlier is called "other", and this requires nothing itself. Give it a signature or an attestation, or correct the name.',
  ],
  // Who signs
  [
    signer('identity: x'),
    '2:45 trust.signers.a: anybody could issue this identity, so it needs its issuer. Add the issuer, such as https://token.actions.githubusercontent.com.',
  ],
  [
    signer('issuer: x'),
    '2:45 trust.signers.a: whoever the issuer knows would be this signer. Add the identity, such as the address of a workflow.',
  ],
  [
    signer('key: k, identity: x, issuer: y'),
    '2:45 trust.signers.a: a signer is either a key or an identity. Make two signers of it, and name both where either will do.',
  ],
  [signer(''), '2:45 trust.signers.a: the signer is nobody. Give it a key, or an identity and its issuer.'],
  [
    signer('identity: x, issuer: x, issuerPattern: y'),
    '2:45 trust.signers.a: "issuer" and "issuerPattern" exclude each other. Keep one: the first is the whole text, the second a regular expression.',
  ],
  [
    signer('identityPattern: ".*", issuer: y'),
    '2:64 trust.signers.a.identityPattern: ".*" fits anybody. Say whose it must be: https://github\\.com/acme/.+',
  ],
  [
    signer('identityPattern: "a)|(b", issuer: y'),
    '2:64 trust.signers.a.identityPattern: "a)|(b" is not a regular expression. Put a backslash before each character that stands for itself: . + ? ( ) [ ] { } | /.',
  ],
  [
    signer('identityPattern: https://github.com/acme/.+, issuer: y'),
    'warning 2:64 trust.signers.a.identityPattern: a dot without a backslash fits any character. Write "\\." for a dot that stands for itself.',
  ],
  [
    signer('key: "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----"').replace('trustedRoot: r.json, ', ''),
    '2:31 trust.signers.a.key: this is a private key. It never belongs into a policy. Write the public key; "plimsoll keys show" prints it.',
  ],
  [
    signer('key: "-----BEGIN PUBLIC KEY-----\\nabc"'),
    '2:52 trust.signers.a.key: this is not one whole public key. It begins with -----BEGIN PUBLIC KEY----- and ends with -----END PUBLIC KEY-----.',
  ],
  [
    signer('key: k.pub'),
    'warning 2:10 trust.trustedRoot: certificates rest on this, and no signer has one. Leave it out, or name a signer by identity and issuer.',
  ],
  [
    '{ signers: { a: { key: k.pub } }, require: [{ signature: { by: a } }], unsigned: warn }',
    'warning 2:79 trust.unsigned: this is about policies that name no signers, and here are some. Leave it out: what is required says who must have signed.',
  ],
  // How many
  [
    requiring('signature: { by: a, count: 2 }'),
    '2:81 trust.require[0].signature.count: 2 different signers are asked for, and "by" has 1. Name more signers in "by", or ask for fewer.',
  ],
  [
    '{ signers: { a: { key: k }, b: { key: k } }, require: [{ signature: { by: [a, b], count: 2 } }] }',
    'warning 2:36 trust.signers.b: the signers "a" and "b" are the same. Keep one of them: whoever has two names still counts once.',
    '2:97 trust.require[0].signature.count: 2 different signers are asked for, and "by" has 1. Name more signers in "by", or ask for fewer.',
  ],
  [
    '{ trustedRoot: r, signers: { a: { identity: w@refs/heads/a, issuer: i }, b: { identity: w@refs/heads/b, issuer: i } }, require: [{ signature: { by: [a, b], count: 2 } }] }',
    '2:171 trust.require[0].signature.count: 2 different signers are asked for, and "by" has 1. Name more signers in "by", or ask for fewer.',
  ],
  [
    requiring('signature: { by: a, count: 0 }'),
    '2:81 trust.require[0].signature.count: 0 is not a value of "count". It is at least 1.',
  ],
  [
    requiring('signature: { by: a, count: 1.5 }'),
    '2:81 trust.require[0].signature.count: "count" is 1.5; a whole number is expected. Write a whole number.',
  ],
  // What is attested
  [
    requiring('attestation: { type: vulns, by: a }'),
    '2:75 trust.require[0].attestation.type: "vulns" is no type of attestation. Did you mean "vuln"?',
  ],
  [
    requiring('attestation: { type: "https://sigstore.dev/cosign/sign/v1", by: a }'),
    '2:75 trust.require[0].attestation.type: this is a signature, and no attestation. Write signature: { by: … } instead.',
  ],
  [
    requiring('attestation: { type: vuln, by: a, level: 3 }'),
    '2:88 trust.require[0].attestation.level: "level" can never hold: no vuln attestation states it. Leave it out, or use maxAge, scanner.',
  ],
  [
    requiring('attestation: { type: "https://acme.example/v1", by: a, maxAge: 1d }'),
    '2:109 trust.require[0].attestation.maxAge: "maxAge" can never hold: what this type of attestation states is not known. Leave it out.',
  ],
  [
    requiring('attestation: { type: slsaprovenance1, by: a, source: "**" }'),
    '2:107 trust.require[0].attestation.source: "**" fits anything. Leave it out, or say what it must be.',
  ],
  [
    requiring('attestation: { type: vuln, by: a, maxAge: day }'),
    '2:96 trust.require[0].attestation.maxAge: "day" is not a value of "maxAge". Write a whole number and h, d or w (hours, days, weeks): 7d.',
  ],
  [
    requiring('signature: { by: a }, attestation: { type: vuln, by: a }'),
    '2:76 trust.require[0].attestation: an entry requires a signature or an attestation, not both. Make two entries of it: all entries are required.',
  ],
  [
    requiring('action: allow, signature: { by: a }'),
    '2:62 trust.require[0].action: with "action: allow" this requires nothing. Leave the entry out, or leave out what it requires to switch off an earlier one of the same name.',
  ],
];

for (const [trust, ...expected] of mistakes) {
  test(`what is wrong with trust: ${trust}`, () => {
    const text = `version: 1\ntrust: ${trust}\n`;
    const problems = checkPolicy(text);
    const told = problems.map(({ level, line, column, path, message, hint }) => {
      return `${level === 'error' ? '' : 'warning '}${line}:${column} ${path}: ${message}. ${hint}`;
    });
    assert.deepEqual(told, expected);
    if (problems.some(({ level }) => level === 'error')) assert.throws(() => parsePolicy(text, 'plimsoll.yaml'));
  });
}

const fine: readonly string[] = [
  '{ signers: { a: { identity: x, issuer: y } }, require: [{ signature: { by: a } }] }',
  signer('identityPattern: https://github\\.com/acme/.+, issuer: https://token.actions.githubusercontent.com'),
  signer('identityPattern: https://github\\.com/acme/.+, issuer: i').replace('by: a', 'by: a, count: 9'),
  requiring('signature: { by: a, annotations: { env: prod } } }, { attestation: { type: vuln, by: a, maxAge: 24h }'),
  requiring('name: mine, reason: Ours, action: warn, attestation: { type: "https://acme.example/v1", by: a }'),
];

for (const trust of fine) {
  test(`nothing is wrong with trust: ${trust}`, () => {
    assert.deepEqual(checkPolicy(`version: 1\ntrust: ${trust}\n`), []);
  });
}

test('signers belong to the policy, and what is required of them to any gate', () => {
  const text = (gate: string) =>
    `version: 1\ntrust: { signers: { a: { key: k.pub } } }\ngates: { admission: { trust: ${gate} } }\n`;
  assert.deepEqual(checkPolicy(text('{ require: [{ signature: { by: a } }] }')), []);
  assert.deepEqual(
    checkPolicy(text('{ signers: { a: { key: k.pub } } }')).map(({ path }) => path),
    ['gates.admission.trust.signers'],
  );
  assert.deepEqual(
    checkPolicy(text('{ require: [{ signature: { by: b } }] }')).map(({ level, path }) => [level, path]),
    [
      ['warning', 'trust.signers.a'],
      ['error', 'gates.admission.trust.require[0].signature.by[0]'],
    ],
  );
});

test('exceptions name requirements as verdicts do, and cover them as a whole', () => {
  const text = (exception: string) =>
    `version: 1\ntrust: ${requiring('signature: { by: a }')}\nexceptions:\n  - { ${exception}, reason: r, until: 2026-12-31 }\n`;
  const told = (exception: string) => checkPolicy(text(exception)).map(({ message, hint }) => `${message}. ${hint}`);
  assert.deepEqual(told('rule: trust.signature'), []);
  assert.deepEqual(told('rule: signature'), ['there is no rule "signature". Did you mean "trust.signature"?']);
  assert.deepEqual(told('rule: trust.signature, path: a'), [
    'the rule "trust.signature" is about the artifact as a whole, so a path never counts. Leave "path" out.',
  ]);
});
