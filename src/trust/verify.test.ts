import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { PlimsollError } from '../error.ts';
import type { ImageStore } from '../image/index.ts';
import { limits } from '../limits.ts';
import { signaturePredicateType } from '../sbom/index.ts';
import { statementPayloadType } from './dsse.ts';
import { bundleAnnotations } from './find.ts';
import { attest, signImage } from './sign.ts';
import { statementBytes } from './statement.ts';
import { exchangeReferrer, imageNamed, memoryStore, testSigner } from './testing.ts';
import { type Answer, type Asked, answerTo, type Question, verifyImage } from './verify.ts';

const release = testSigner('release.pub');
const stranger = testSigner('stranger.pub');
const signature: Asked = { kind: 'signature' };
const sbom: Asked = { kind: 'attestation', type: 'cyclonedx' };
const signatures: Question = { signatures: true, attestations: [] };
const sboms: Question = { signatures: false, attestations: ['cyclonedx'] };
const everything: Question = { signatures: true, attestations: 'all' };
const predicate = { bomFormat: 'CycloneDX', specVersion: '1.6' };

async function storeWithImage(name = 'app') {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed(name), 'v1');
  return { store, digest };
}

async function ask(store: ImageStore, digest: string, asked: Asked, question: Question = everything): Promise<Answer> {
  return answerTo(await verifyImage(store, { digest }, [release.authority], question), asked);
}

function reasonOf(answer: Answer): string {
  return answer.kind === 'verified' ? 'verified' : answer.error.message;
}

async function assertNotVerified(answer: Promise<Answer>, why: RegExp): Promise<void> {
  const given = await answer;
  assert.equal(given.kind, 'not-verified', reasonOf(given));
  assert.match(reasonOf(given), why);
}

test('a signature in both forms and three attestations are verified, each with where it was found', async () => {
  const { store, digest } = await storeWithImage();
  const [signed] = await signImage(store, digest, release.seal, { legacy: true, annotations: { stage: 'prod' } });
  await attest(store, digest, release.seal, { type: 'cyclonedx', predicate }, { legacy: true });
  await attest(store, digest, release.seal, { type: 'vuln', predicate: { scanner: {} } });
  await attest(store, digest, release.seal, { type: 'https://acme.example/review/v1', predicate: [1] });

  const verification = await verifyImage(store, { digest }, [stranger.authority, release.authority], everything);
  assert.deepEqual(verification.rejected, []);
  assert.deepEqual(
    verification.verified.map(({ source, content, subject }) => [
      source.form,
      source.place.slice(0, 7),
      content.kind === 'signature' ? content.annotations : content.statement.predicateType,
      subject,
    ]),
    [
      ['bundle', 'sha256:', { stage: 'prod' }, digest],
      ['bundle', 'sha256:', 'https://cyclonedx.org/bom', digest],
      ['bundle', 'sha256:', 'https://cosign.sigstore.dev/attestation/vuln/v1', digest],
      ['bundle', 'sha256:', 'https://acme.example/review/v1', digest],
      ['legacy', 'sha256-', { stage: 'prod' }, digest],
      ['legacy', 'sha256-', 'https://cyclonedx.org/bom', digest],
    ],
  );
  assert.equal(verification.verified[0]?.source.place, signed?.referrer);
  assert.equal(verification.verified[4]?.source.place, signed?.legacyTag);
  for (const { signer } of verification.verified) {
    assert.deepEqual(signer, {
      kind: 'key',
      name: 'release.pub',
      fingerprint: release.authority.fingerprint,
      times: [],
    });
  }
  const answer = answerTo(verification, sbom);
  assert.equal(answer.kind, 'verified');
  assert.deepEqual(
    answer.kind === 'verified' &&
      answer.verified.map(({ content }) => content.kind === 'attestation' && content.statement.predicate),
    [predicate, predicate],
  );
});

test('a key that is trusted under two names stands under each, and two keys both count', async () => {
  const { store, digest } = await storeWithImage();
  await signImage(store, digest, release.seal);
  await signImage(store, digest, stranger.seal);
  const again = { ...release.authority, name: 'the same' };
  const trusted = [release.authority, again, stranger.authority];
  const { verified } = await verifyImage(store, { digest }, trusted, signatures);
  assert.deepEqual(verified.map(({ signer }) => signer.name).sort(), ['release.pub', 'stranger.pub', 'the same']);
});

test('what somebody else signed is rejected, and says whose key it names', async () => {
  const { store, digest } = await storeWithImage();
  await signImage(store, digest, stranger.seal, { legacy: true });
  const { rejected } = await verifyImage(store, { digest }, [release.authority], signatures);
  assert.equal(rejected.length, 2);
  assert.ok(rejected[0]?.error.message.includes(`names the key ${stranger.authority.fingerprint}`));
  await assertNotVerified(ask(store, digest, signature), /by none of the trusted keys.*and 1 more/);
});

test('nothing attached, nobody trusted and nothing asked never count as verified', async () => {
  const { store, digest } = await storeWithImage();
  await assertNotVerified(ask(store, digest, signature), /nothing is attached/);
  await signImage(store, digest, release.seal);
  for (const [authorities, question, code] of [
    [[], signatures, 'trust/no-authority'],
    [[release.authority], { signatures: false, attestations: [] }, 'trust/no-question'],
  ] as const) {
    await assert.rejects(verifyImage(store, { digest }, authorities, question), { name: 'PlimsollError', code });
  }
  const verification = await verifyImage(store, { digest }, [release.authority], signatures);
  assert.equal(answerTo(verification, sbom).kind, 'not-verified');
});

test('an attestation by a trusted key is no signature, and a signature no attestation', async () => {
  const { store, digest } = await storeWithImage();
  const { referrer } = await attest(store, digest, release.seal, { type: 'cyclonedx', predicate }, { legacy: true });
  for (const question of [everything, signatures]) {
    await assertNotVerified(ask(store, digest, signature, question), /has no signature by anybody trusted/);
  }
  assert.equal((await ask(store, digest, sbom)).kind, 'verified');
  await assertNotVerified(ask(store, digest, { kind: 'attestation', type: 'spdx' }), /of the type spdx/);

  // Annotations are not signed. Neither another claim nor none makes an attestation a signature.
  const lying = await exchangeReferrer(store, referrer, {
    manifest: (json) => json.replace('https://cyclonedx.org/bom', signaturePredicateType),
  });
  await assertNotVerified(
    ask(store, digest, signature),
    /annotations beside it say .*sign\/v1; what is signed is .*bom/,
  );
  await exchangeReferrer(store, lying, {
    manifest: (json) => json.replace(bundleAnnotations.predicateType, 'something.else'),
  });
  store.tags.clear();
  await assertNotVerified(ask(store, digest, signature, signatures), /of other types: https:\/\/cyclonedx.org\/bom/);
  assert.equal((await ask(store, digest, sbom, sboms)).kind, 'verified');
});

test('a signature of another image counts for that image only', async () => {
  const { store, digest } = await storeWithImage();
  const other = await store.push(imageNamed('other'));
  const [signed] = await signImage(store, other.digest, release.seal, { legacy: true });
  await attest(store, other.digest, release.seal, { type: 'cyclonedx', predicate }, { legacy: true });
  const all = [...store.manifests.values()].filter(({ bytes }) => bytes.includes(`"subject":{`));
  for (const { bytes } of all) {
    await store.putManifest(Buffer.from(bytes.toString().replaceAll(other.digest, digest)), 'application/json');
  }
  for (const suffix of ['sig', 'att']) {
    const from = store.tags.get(`${other.digest.replace(':', '-')}.${suffix}`) ?? '';
    store.tags.set(`${digest.replace(':', '-')}.${suffix}`, from);
  }
  assert.ok(signed !== undefined && all.length === 2);
  const verification = await verifyImage(store, { digest }, [release.authority], everything);
  assert.deepEqual(verification.verified, []);
  assert.deepEqual(
    verification.rejected.map(({ error }) => error.code),
    Array(4).fill('trust/other-subject'),
  );
  assert.equal((await ask(store, other.digest, signature)).kind, 'verified');
});

test('a referrer that a registry lists for an image must name the image itself', async () => {
  const { store, digest } = await storeWithImage();
  const other = await store.push(imageNamed('other'));
  await signImage(store, other.digest, release.seal);
  const lying = { ...store, referrers: () => store.referrers(other.digest) };
  await assertNotVerified(ask(lying, digest, signature), /its subject is sha256:[0-9a-f]+, not sha256:/);
});

test('one of many subjects is enough, under its very digest and algorithm', async () => {
  const { store, digest } = await storeWithImage();
  const hex = digest.slice('sha256:'.length);
  const { referrer } = await attest(store, digest, release.seal, { type: 'cyclonedx', predicate });
  const bundleOver = async (digests: readonly Readonly<Record<string, string>>[]) => {
    const subjects = digests.map((each) => ({ digest: each }));
    const payload = statementBytes({ subjects, predicateType: 'https://cyclonedx.org/bom', predicate });
    return release.seal({ kind: 'envelope', payloadType: statementPayloadType, payload });
  };
  let place = referrer;
  for (const [digests, verified] of [
    [[{ sha256: 'a'.repeat(64) }, { sha512: 'b', sha256: hex }], true],
    [[{ sha256: 'a'.repeat(64) }], false],
    [[{ sha512: hex }], false],
    [[{ sha256: hex.slice(0, 63) }], false],
    [[{ sha256: hex.toUpperCase() }], false],
    [[{}], false],
  ] as const) {
    const bundle = await bundleOver(digests);
    place = await exchangeReferrer(store, place, { bundle: () => bundle });
    const answer = await ask(store, digest, sbom);
    assert.equal(answer.kind === 'verified', verified, JSON.stringify(digests));
    if (!verified) assert.match(reasonOf(answer), /has no subject that is/);
  }
});

test('a statement that was signed as something else is none', async () => {
  const { store, digest } = await storeWithImage();
  const [signed] = await signImage(store, digest, release.seal);
  const subjects = [{ digest: { sha256: digest.slice('sha256:'.length) } }];
  const payload = statementBytes({ subjects, predicateType: signaturePredicateType, predicate: {} });
  const bundle = await release.seal({ kind: 'envelope', payloadType: 'text/plain', payload });
  await exchangeReferrer(store, signed?.referrer ?? '', { bundle: () => bundle });
  await assertNotVerified(ask(store, digest, signature), /its payloadType is text\/plain/);
});

test('what was learned of a tag is not kept for what it names later', async () => {
  const { store, digest } = await storeWithImage();
  await signImage(store, digest, release.seal, { legacy: true });
  assert.equal((await ask(store, digest, signature)).kind, 'verified');
  await store.push(imageNamed('evil'), 'v1');
  const moved = await store.manifest('v1');
  assert.ok(moved !== undefined && moved.digest !== digest);
  await assertNotVerified(ask(store, moved.digest, signature), /nothing is attached/);
});

test('a registry that answers with other bytes than were asked for proves nothing', async () => {
  const { store, digest } = await storeWithImage();
  await signImage(store, digest, release.seal);
  const [genuine] = await store.referrers(digest);
  const evil = await store.push(imageNamed('evil'));
  await signImage(store, evil.digest, stranger.seal);
  const [forged] = await store.referrers(evil.digest);
  assert.ok(genuine !== undefined && forged !== undefined);
  const answering: ImageStore = {
    ...store,
    manifest: (wanted) => store.manifest(wanted === genuine.digest ? forged.digest : wanted),
  };
  await assertNotVerified(ask(answering, digest, signature), /it has the digest sha256:[0-9a-f]+, not/);
});

test('the image of a signed index is told apart from the index, and must be in it', async () => {
  const store = memoryStore();
  const [amd64, arm64, stray] = await Promise.all(
    ['amd64', 'arm64', 'stray'].map((name) => store.push(imageNamed(name))),
  );
  assert.ok(amd64 && arm64 && stray);
  const inner = await store.push({ schemaVersion: 2, manifests: [arm64] });
  const index = await store.push({ schemaVersion: 2, manifests: [amd64, inner] });
  await signImage(store, index.digest, release.seal, { recursive: false });
  const about = (digest: string) =>
    verifyImage(store, { digest, index: index.digest }, [release.authority], signatures);

  for (const { digest } of [amd64, arm64]) {
    await assertNotVerified(ask(store, digest, signature), /nothing is attached/);
    const verification = await about(digest);
    assert.equal(answerTo(verification, signature, digest).kind, 'not-verified');
    assert.equal(answerTo(verification, signature, index.digest).kind, 'verified');
    assert.deepEqual(
      verification.verified.map(({ subject }) => subject),
      [index.digest],
    );
  }
  await assert.rejects(about(stray.digest), { code: 'trust/not-in-index' });
  await assert.rejects(about(index.digest.replace(/.$/, (last) => (last === '0' ? '1' : '0'))), {
    code: 'trust/not-in-index',
  });

  await signImage(store, index.digest, release.seal);
  for (const { digest } of [amd64, arm64, inner, index]) {
    assert.equal((await ask(store, digest, signature)).kind, 'verified');
  }
  await assertNotVerified(ask(store, stray.digest, signature), /nothing is attached/);
});

test('an index of endlessly many indexes is not searched', async () => {
  const store = memoryStore();
  const image = await store.push(imageNamed('app'));
  const inner = Array.from({ length: limits.manifestsRead }, (_, index) => {
    return store.push({ schemaVersion: 2, manifests: [], annotations: { index } });
  });
  const index = await store.push({ schemaVersion: 2, manifests: await Promise.all(inner) });
  const asked = { digest: image.digest, index: index.digest };
  await assert.rejects(verifyImage(store, asked, [release.authority], signatures), { code: 'trust/index-too-large' });
});

test('an index that is an image at once, or another index to some readers, is not followed', async () => {
  const store = memoryStore();
  const child = await store.push(imageNamed('child'));
  for (const other of [imageNamed('both'), { schemaVersion: 2, Manifests: [] }]) {
    const both = await store.push({ ...other, manifests: [child] });
    const image = { digest: child.digest, index: both.digest };
    await assert.rejects(verifyImage(store, image, [release.authority], signatures), { code: 'trust/bad-manifest' });
  }
});

test('annotations that are asked for must be signed, each with its value', async () => {
  const { store, digest } = await storeWithImage();
  await signImage(store, digest, release.seal, { legacy: true, annotations: { stage: 'prod', build: '7' } });
  for (const [annotations, why] of [
    [{ stage: 'prod' }, undefined],
    [{ stage: 'prod', build: '7' }, undefined],
    [{ stage: 'test' }, /"stage" of the signature is "prod", not "test"/],
    [{ stage: 'prod', other: 'x' }, /"other" of the signature is missing, not "x"/],
    [{ toString: 'x' }, /"toString" of the signature is missing/],
  ] as const) {
    const answer = await ask(store, digest, signature, { ...signatures, annotations });
    assert.equal(answer.kind, why === undefined ? 'verified' : 'not-verified');
    if (why !== undefined) assert.match(reasonOf(answer), why);
  }
});

test('what cannot be read is unknown, and hides nothing that can', async () => {
  const { store, digest } = await storeWithImage();
  await signImage(store, digest, release.seal, { legacy: true });
  const lost = new PlimsollError('image/connection-lost', 'The registry hung up', {
    hint: 'Try again.',
    kind: 'unavailable',
  });
  const without: ImageStore = { ...store, referrers: () => Promise.reject(lost) };
  const verification = await verifyImage(without, { digest }, [release.authority], everything);
  assert.deepEqual(
    verification.verified.map(({ source }) => source.form),
    ['legacy'],
  );
  assert.deepEqual(
    verification.rejected.map(({ source, error }) => [source.form, error]),
    [['bundle', lost]],
  );
  assert.equal(answerTo(verification, signature).kind, 'verified');
  assert.equal(answerTo(verification, sbom).kind, 'unknown');

  const neither: ImageStore = { ...without, manifest: () => Promise.reject(lost) };
  const answer = await ask(neither, digest, signature);
  assert.equal(answer.kind, 'unknown');
  assert.match(reasonOf(answer), /not all could be read: The registry hung up/);
  const defect: ImageStore = { ...store, referrers: () => Promise.reject(new TypeError('a defect')) };
  await assert.rejects(ask(defect, digest, signature), TypeError);
});

test('signatures of keys of every kind are verified', async () => {
  for (const pair of [
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ]) {
    const signer = testSigner('key', pair);
    const { store, digest } = await storeWithImage();
    await signImage(store, digest, signer.seal, { legacy: true });
    const verification = await verifyImage(store, { digest }, [signer.authority], signatures);
    assert.equal(verification.verified.length, 2, pair.publicKey.asymmetricKeyType);
    assert.equal((await ask(store, digest, signature)).kind, 'not-verified');
  }
});
