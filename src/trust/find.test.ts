import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageStore } from '../image/index.ts';
import { limits } from '../limits.ts';
import { attest, signImage } from './sign.ts';
import { exchangeReferrer, imageNamed, type MemoryStore, memoryStore, testSigner } from './testing.ts';
import { type Answer, type Asked, answerTo, type Question, verifyImage } from './verify.ts';

const release = testSigner('release.pub');
const stranger = testSigner('stranger.pub');
const signature: Asked = { kind: 'signature' };
const sbom: Asked = { kind: 'attestation', type: 'cyclonedx' };
const signatures: Question = { signatures: true, attestations: [] };
const sboms: Question = { signatures: false, attestations: ['cyclonedx'] };
const predicate = { bomFormat: 'CycloneDX', specVersion: '1.6' };

async function storeWithImage(name = 'app') {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed(name), 'v1');
  return { store, digest };
}

async function ask(store: ImageStore, digest: string, asked: Asked, question: Question): Promise<Answer> {
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

test('referrers of other kinds are named, and not read', async () => {
  const { store, digest } = await storeWithImage();
  const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1 };
  const document = await store.push({ ...imageNamed('doc'), artifactType: 'application/spdx+json', subject });
  await attest(store, digest, release.seal, { type: 'spdx', predicate: {} });
  store.asked.length = 0;
  const verification = await verifyImage(store, { digest }, [release.authority], sboms);
  assert.deepEqual(
    verification.others.map((each) => each.digest),
    [document.digest],
  );
  assert.deepEqual(
    verification.passedOver.map(({ predicateType }) => predicateType),
    ['https://spdx.dev/Document'],
  );
  assert.deepEqual(
    store.asked.filter((each) => /blob|manifest sha256:/.test(each)),
    [],
  );
});

async function attachMany(store: MemoryStore, digest: string, count: number): Promise<void> {
  const { referrer } = await attest(store, digest, stranger.seal, { type: 'cyclonedx', predicate });
  const manifest = store.manifests.get(referrer)?.bytes.toString() ?? '';
  for (let index = 0; index < count; index++) {
    await store.putManifest(
      Buffer.from(manifest.replace('image.created', `image.created${index}`)),
      'application/json',
    );
  }
}

test('more attachments than anybody needs are not read, and the answer is that nobody knows', async () => {
  const { store, digest } = await storeWithImage();
  await attachMany(store, digest, limits.attachmentsRead + 5);
  store.asked.length = 0;
  const answer = await ask(store, digest, sbom, sboms);
  assert.equal(answer.kind, 'unknown');
  assert.match(reasonOf(answer), /more than 1000 signatures and attestations/);
  assert.equal(store.asked.filter((each) => each.startsWith('blob')).length, limits.attachmentsRead);
});

test('a bundle of 200 MB is refused by its size, before it is fetched', async () => {
  const { store, digest } = await storeWithImage();
  const [signed] = await signImage(store, digest, release.seal);
  await exchangeReferrer(store, signed?.referrer ?? '', {
    manifest: (json) => json.replace(/("layers":.*?"size":)\d+/, `$1${200 * 1024 * 1024}`),
  });
  await assertNotVerified(ask(store, digest, signature, signatures), /over the limit of 134217728/);
});

test('of many large attachments only so much is read as anybody needs', async () => {
  const { store, digest } = await storeWithImage();
  const { referrer } = await attest(store, digest, stranger.seal, { type: 'cyclonedx', predicate });
  const manifest = store.manifests.get(referrer)?.bytes.toString() ?? '';
  for (let index = 0; index < 5; index++) {
    const large = manifest.replace(/("layers":.*?"size":)\d+/, `$1${limits.attachmentBytes - index}`);
    await store.putManifest(Buffer.from(large), 'application/json');
  }
  const { rejected } = await verifyImage(store, { digest }, [release.authority], sboms);
  assert.deepEqual(rejected.map(({ error }) => error.code).sort(), [
    ...Array(3).fill('image/length-mismatch'),
    'trust/signature',
    ...Array(2).fill('trust/too-many-attachments'),
  ]);
});
