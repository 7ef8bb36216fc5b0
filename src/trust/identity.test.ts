import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bundleToJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  DSSEBundleBuilder,
  FulcioSigner,
  MessageSignatureBundleBuilder,
  RekorWitness,
  type Signer,
  TSAWitness,
} from '@sigstore/sign';
import { type Authority, type IdentityAuthority, type KeyAuthority, keyAuthority } from './authority.ts';
import { identityToken, startSigstore, type TestingSigstore } from './keyless/testing-sigstore.ts';
import { anchoredPattern } from './match.ts';
import type { Sealer } from './sealer.ts';
import { attest, signBlob, signImage } from './sign.ts';
import { exchangeReferrer, imageNamed, memoryStore, testSigner } from './testing.ts';
import { answerTo, verifyImage } from './verify.ts';
import { verifyBlob } from './verify-blob.ts';

const workflow = 'https://github.com/acme/app/.github/workflows/build.yml@refs/heads/main';
const issuer = 'https://issuer.example';
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signatures = { signatures: true, attestations: [] };
let sigstore: TestingSigstore;
let trustedRoot: TrustedRoot;

before(async () => {
  sigstore = await startSigstore();
  trustedRoot = TrustedRoot.fromJSON(sigstore.trustedRoot);
});
after(() => sigstore.close());

/** As sigstore-js signs, with all its witnesses. */
function sealerOf(signer: Signer): Sealer {
  const rekorBaseURL = sigstore.url;
  const witnesses = [
    new RekorWitness({ rekorBaseURL, entryType: 'dsse' }),
    new TSAWitness({ tsaBaseURL: sigstore.url }),
  ];
  return async (toSeal) => {
    const bundle =
      toSeal.kind === 'envelope'
        ? await new DSSEBundleBuilder({ signer, witnesses }).create({ data: toSeal.payload, type: toSeal.payloadType })
        : await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data: toSeal.bytes });
    return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
  };
}

function identitySealer(): Sealer {
  const identityProvider = { getToken: async () => identityToken({ sub: workflow }) };
  return sealerOf(new FulcioSigner({ fulcioBaseURL: sigstore.url, identityProvider }));
}

function witnessedKeySealer(): Sealer {
  const publicKey = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return sealerOf({
    sign: async (data) => ({
      key: { $case: 'publicKey', publicKey, hint: keyAuthority(pair.publicKey, '').fingerprint },
      signature: sign('sha256', data, pair.privateKey),
    }),
  });
}

function builder(changes: Partial<IdentityAuthority> = {}): IdentityAuthority {
  const [identity, from] = [{ exact: workflow }, { exact: issuer }];
  return { kind: 'identity', name: 'builder', identity, issuer: from, trustedRoot, ...changes };
}

function witnessedKey(): KeyAuthority {
  return keyAuthority(pair.publicKey, 'release.pub', { trustedRoot, logEntries: 1, timestamps: 2 });
}

async function imageSignedBy(seal: Sealer) {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'));
  const [signed] = await signImage(store, digest, seal, { legacy: true });
  const { referrer = '', legacyTag = '' } = signed ?? {};
  async function ask(...authorities: readonly Authority[]): Promise<string> {
    const answer = answerTo(await verifyImage(store, { digest }, authorities, signatures), { kind: 'signature' });
    if (answer.kind !== 'verified') return answer.error.message;
    return answer.verified.map(({ source, signer }) => `${source.form} by ${signer.name}`).join(', ');
  }
  return { store, digest, referrer, legacyTag, ask };
}

test('an image that an identity signed is verified in both forms, with who it was and when', async () => {
  const { store, digest, ask } = await imageSignedBy(identitySealer());
  assert.equal(await ask(builder()), 'bundle by builder, legacy by builder');
  assert.equal(
    await ask(builder({ identity: anchoredPattern('https://github\\.com/acme/.+') })),
    'bundle by builder, legacy by builder',
  );
  const { verified } = await verifyImage(store, { digest }, [builder()], signatures);
  for (const { signer } of verified) {
    assert.ok(signer.kind === 'identity');
    assert.deepEqual([signer.identity, signer.issuer], [workflow, issuer]);
    assert.equal(signer.times.length, 2);
  }
  await attest(store, digest, identitySealer(), { type: 'vuln', predicate: {} }, { legacy: true });
  const question = { signatures: false, attestations: ['vuln'] };
  const attested = await verifyImage(store, { digest }, [builder()], question);
  assert.deepEqual(
    attested.verified.map(({ source }) => source.form),
    ['bundle', 'legacy'],
  );
  assert.deepEqual(attested.rejected, []);
});

test('another identity, another issuer, a part of an identity and a key are somebody else', async () => {
  const { ask } = await imageSignedBy(identitySealer());
  for (const [authority, why] of [
    [builder({ identity: { exact: 'jo@example.com' } }), /The signer is .*build.yml.*not "jo@example.com"/],
    [builder({ identity: anchoredPattern('https://github\\.com/acme/app') }), /not pattern/],
    [builder({ issuer: { exact: 'https://accounts.example' } }), /by "https:\/\/accounts.example"/],
    [testSigner('release.pub').authority, /signed with a certificate, and by none of the trusted keys/],
  ] as const) {
    assert.match(await ask(authority), why);
  }
  const keySigned = await imageSignedBy(testSigner('other').seal);
  assert.match(await keySigned.ask(builder()), /signed with a key, and identities are trusted only/);
});

test('where one of several who are trusted signed, that one is named', async () => {
  const { ask } = await imageSignedBy(identitySealer());
  const nobody = builder({ name: 'nobody', identity: { exact: 'jo@example.com' } });
  const key = testSigner('release.pub').authority;
  assert.equal(await ask(nobody, key, builder()), 'bundle by builder, legacy by builder');
});

test('where everything holds but the name, that is the reason', async (t) => {
  const other = await startSigstore();
  t.after(() => other.close());
  const { ask } = await imageSignedBy(identitySealer());
  const elsewhere = builder({ trustedRoot: TrustedRoot.fromJSON(other.trustedRoot) });
  assert.match(await ask(elsewhere), /trusted root does not name/);
  assert.match(await ask(elsewhere, builder({ identity: { exact: 'x' } })), /The signer is .*, not "x"/);
});

test('a certificate that had expired when it was used, or was not yet valid, proves nothing', async (t) => {
  const hour = 3600_000;
  const { certificates, witnesses } = sigstore.clocks;
  const now = witnesses.getTime();
  t.after(() => [certificates, witnesses].map((clock) => clock.setTime(now)));
  for (const [clock, why] of [
    [witnesses, /had expired/],
    [certificates, /was not yet valid/],
  ] as const) {
    clock.setTime(now + hour);
    const { ask } = await imageSignedBy(identitySealer());
    clock.setTime(now);
    assert.match(await ask(builder()), why);
    assert.match(await ask(builder({ logEntries: 0, timestamps: 1 })), why);
  }
});

test('a file that an identity signed is verified', async () => {
  const bytes = Buffer.from('a file');
  const bundle = await signBlob(bytes, identitySealer());
  const [signer] = await verifyBlob(bytes, { kind: 'bundle', bundle }, [builder()]);
  assert.equal(signer?.name, 'builder');
  await assert.rejects(verifyBlob(bytes, { kind: 'bundle', bundle }, [builder({ identity: { exact: 'x' } })]), {
    code: 'trust/identity',
  });
});

test('a key whose signatures must be witnessed counts with its log entry and timestamps, in both forms', async (t) => {
  const { store, digest, ask } = await imageSignedBy(witnessedKeySealer());
  assert.equal(await ask(witnessedKey()), 'bundle by release.pub, legacy by release.pub');
  const { verified } = await verifyImage(store, { digest }, [witnessedKey()], signatures);
  assert.deepEqual(
    verified.map(({ signer }) => signer.times.length),
    [2, 2],
  );
  const thrice = keyAuthority(pair.publicKey, 'k', { trustedRoot, timestamps: 3 });
  assert.match(await ask(thrice), /Times from 3 sources are required; there are those of 2/);
  const unwitnessed = await imageSignedBy(testSigner('release.pub', pair).seal);
  assert.match(
    await unwitnessed.ask(witnessedKey()),
    /Entries of 1 transparency logs are required; there are those of 0/,
  );
  assert.equal(await unwitnessed.ask(keyAuthority(pair.publicKey, 'k')), 'bundle by k, legacy by k');
  const other = await startSigstore();
  t.after(() => other.close());
  const elsewhere = { trustedRoot: TrustedRoot.fromJSON(other.trustedRoot) };
  assert.match(
    await ask(keyAuthority(pair.publicKey, 'k', elsewhere)),
    /transparency log that the trusted root does not name/,
  );
});

for (const [who, seal, authority] of [
  ['an identity', identitySealer, builder],
  ['a witnessed key', witnessedKeySealer, witnessedKey],
] as const) {
  test(`a log entry or timestamp of another signature of ${who} is noticed, in both forms`, async () => {
    const other = JSON.parse(
      (await seal()({ kind: 'envelope', payloadType: 'text/plain', payload: Buffer.from('x') })).toString(),
    );
    for (const [field, why] of [
      ['tlogEntries', /log entry/i],
      ['timestampVerificationData', /timestamp/i],
    ] as const) {
      const { store, referrer, legacyTag, ask } = await imageSignedBy(seal());
      store.tags.delete(legacyTag);
      await exchangeReferrer(store, referrer, {
        bundle: (text) => {
          const json = JSON.parse(text);
          json.verificationMaterial[field] = other.verificationMaterial[field];
          return JSON.stringify(json);
        },
      });
      assert.match(await ask(authority()), why);
    }

    const [one, two] = [await imageSignedBy(seal()), await imageSignedBy(seal())];
    const manifests = [one, two].map(({ store, legacyTag }) => {
      return JSON.parse(store.manifests.get(store.tags.get(legacyTag) ?? '')?.bytes.toString() ?? '');
    });
    for (const [name, why] of [
      ['dev.sigstore.cosign/bundle', /log entry/i],
      ['dev.sigstore.cosign/rfc3161timestamp', /timestamp/i],
    ] as const) {
      const mixed = structuredClone(manifests[0]);
      mixed.layers[0].annotations[name] = manifests[1].layers[0].annotations[name];
      one.store.manifests.delete(one.referrer);
      await one.store.putManifest(Buffer.from(JSON.stringify(mixed)), 'application/json', one.legacyTag);
      assert.match(await one.ask(authority()), why);
    }
  });
}

test('annotations of a legacy signature that cannot be read are named', async () => {
  const { store, digest, legacyTag, ask, referrer } = await imageSignedBy(identitySealer());
  const genuine = store.manifests.get(store.tags.get(legacyTag) ?? '')?.bytes.toString() ?? '';
  store.manifests.delete(referrer);
  for (const [name, value, why] of [
    ['certificate', 'x', /annotation with the certificate/],
    ['bundle', 'x', /not JSON/],
    ['bundle', '{"Payload":{"body":"e30=","logID":"x"}}', /annotation with the log entry/],
    [
      'bundle',
      '{"SignedEntryTimestamp":"","Payload":{"body":"W10=","logID":"'.concat('a'.repeat(64), '"}}'),
      /annotation with the log entry/,
    ],
    ['rfc3161timestamp', '[]', /annotation with the timestamp/],
    ['rfc3161timestamp', '{}', /bundle/],
  ] as const) {
    const json = JSON.parse(genuine);
    json.layers[0].annotations[`dev.sigstore.cosign/${name}`] = value;
    await store.putManifest(Buffer.from(JSON.stringify(json)), 'application/json', legacyTag);
    assert.match(await ask(builder()), why, `${name} ${value}`);
  }
  assert.ok(digest);
});
