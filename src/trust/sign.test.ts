import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { limits } from '../limits.ts';
import { preAuthEncoding, statementPayloadType } from './dsse.ts';
import { attest, attestBlob, signBlob, signImage } from './sign.ts';
import { simpleSigningBytes } from './simple-signing.ts';
import { digestOf, imageNamed, indexMediaType, type MemoryStore, memoryStore, testSigner } from './testing.ts';
import { answerTo, verifyImage } from './verify.ts';

const release = testSigner('release.pub');
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const now = new Date('2026-11-24T00:00:00Z');

function jsonOf(bytes: Buffer | undefined) {
  return JSON.parse(bytes?.toString() ?? 'null');
}

function payloadOf(bundle: { dsseEnvelope: { payload: string } }) {
  return JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
}

function underTag(store: MemoryStore, tag: string | undefined) {
  return jsonOf(store.manifests.get(store.tags.get(tag ?? '') ?? '')?.bytes);
}

/** As anybody's verifier sees it who knows the key. */
function verifiesElsewhere(bundle: unknown, artifact?: Buffer): void {
  const parsed = bundleFromJSON(bundle);
  const material = toTrustMaterial(TrustedRoot.fromJSON({}), () => ({
    publicKey: release.authority.key,
    validFor: () => true,
  }));
  const none = { tlogThreshold: 0, timestampThreshold: 0, ctlogThreshold: 0 };
  new Verifier(material, none).verify(toSignedEntity(parsed, artifact));
}

test('an image is signed by a statement in a bundle that is its referrer', async () => {
  const store = memoryStore();
  const image = await store.push(imageNamed('app'));
  const [signed, ...more] = await signImage(store, image.digest, release.seal, { annotations: { stage: 'prod' }, now });
  assert.deepEqual(more, []);
  const manifest = jsonOf(store.manifests.get(signed?.referrer ?? '')?.bytes);
  const layer = manifest.layers[0];
  assert.deepEqual(manifest, {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: bundleType,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(Buffer.from('{}')), size: 2 },
    layers: [{ mediaType: bundleType, digest: layer.digest, size: store.blobs.get(layer.digest)?.length }],
    subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
      'org.opencontainers.image.created': '2026-11-24T00:00:00.000Z',
    },
  });
  assert.equal(store.blobs.get(manifest.config.digest)?.toString(), '{}');
  const bundle = jsonOf(store.blobs.get(layer.digest));
  assert.deepEqual(Object.keys(bundle).sort(), ['dsseEnvelope', 'mediaType', 'verificationMaterial']);
  assert.deepEqual(bundle.verificationMaterial, { publicKey: { hint: release.authority.fingerprint } });
  assert.equal(bundle.dsseEnvelope.payloadType, 'application/vnd.in-toto+json');
  assert.deepEqual(payloadOf(bundle), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: image.digest.slice(7) }, annotations: { stage: 'prod' } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  });
  verifiesElsewhere(bundle);
  assert.equal(store.tags.size, 0);
});

test('the legacy form of a signature is a layer under the tag of the digest', async () => {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'));
  const [signed] = await signImage(store, digest, release.seal, { legacy: true, reference: 'reg.example/other' });
  assert.equal(signed?.legacyTag, `sha256-${digest.slice(7)}.sig`);
  const manifest = underTag(store, signed?.legacyTag);
  const [layer] = manifest.layers;
  assert.equal(manifest.layers.length, 1);
  assert.equal(manifest.config.mediaType, 'application/vnd.oci.image.config.v1+json');
  assert.deepEqual(jsonOf(store.blobs.get(manifest.config.digest)).rootfs, {
    type: 'layers',
    diff_ids: [layer.digest],
  });
  assert.equal(layer.mediaType, 'application/vnd.dev.cosign.simplesigning.v1+json');
  assert.deepEqual(Object.keys(layer.annotations), ['dev.cosignproject.cosign/signature']);
  assert.deepEqual(jsonOf(store.blobs.get(layer.digest)), {
    critical: {
      identity: { 'docker-reference': 'reg.example/other' },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  });
});

test('the legacy form of an attestation is its envelope, and says its type', async () => {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'));
  const predicate = { spdxVersion: 'SPDX-2.3' };
  const attested = await attest(store, digest, release.seal, { type: 'spdx', predicate }, { legacy: true });
  assert.equal(attested.legacyTag, `sha256-${digest.slice(7)}.att`);
  const [layer] = underTag(store, attested.legacyTag).layers;
  assert.equal(layer.mediaType, 'application/vnd.dsse.envelope.v1+json');
  assert.deepEqual(layer.annotations, {
    'dev.cosignproject.cosign/signature': '',
    predicateType: 'https://spdx.dev/Document',
  });
  const envelope = jsonOf(store.blobs.get(layer.digest));
  assert.deepEqual(payloadOf({ dsseEnvelope: envelope }), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'reg.example/acme/app', digest: { sha256: digest.slice(7) } }],
    predicateType: 'https://spdx.dev/Document',
    predicate,
  });
});

test('what stands under a legacy tag stays: two who sign at once lose nothing, and nothing is there twice', async () => {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'));
  const signers = ['a', 'b', 'c', 'd'].map((name) => testSigner(name));
  await Promise.all(signers.map(({ seal }) => signImage(store, digest, seal, { legacy: true })));
  const tag = `sha256-${digest.slice(7)}.sig`;
  assert.equal(underTag(store, tag).layers.length, 4);
  const { verified } = await verifyImage(
    store,
    { digest },
    signers.map(({ authority }) => authority),
    {
      signatures: true,
      attestations: [],
    },
  );
  assert.deepEqual(verified.map(({ source, signer }) => `${source.form} ${signer.name}`).sort(), [
    'bundle a',
    'bundle b',
    'bundle c',
    'bundle d',
    'legacy a',
    'legacy b',
    'legacy c',
    'legacy d',
  ]);

  const stable = testSigner('ed', generateKeyPairSync('ed25519'));
  for (const _ of [1, 2]) await signImage(store, digest, stable.seal, { legacy: true });
  assert.equal(underTag(store, tag).layers.length, 5);
});

test('an index is signed after all that it holds, or alone; a tag is never looked at', async () => {
  for (const recursive of [undefined, true, false]) {
    const store = memoryStore();
    const one = await store.push(imageNamed('one'), 'one');
    const two = await store.push(imageNamed('two'));
    const inner = await store.push({ schemaVersion: 2, manifests: [two, one] });
    const index = await store.push({ schemaVersion: 2, mediaType: indexMediaType, manifests: [one, inner] }, 'v1');
    store.asked.length = 0;
    const signed = await signImage(store, index.digest, release.seal, {
      ...(recursive !== undefined && { recursive }),
    });
    const all = [one.digest, two.digest, inner.digest, index.digest];
    assert.deepEqual(
      signed.map(({ subject }) => subject),
      recursive === false ? [index.digest] : all,
    );
    assert.ok(
      store.asked.every((each) => each.includes('sha256:')),
      'by digest only',
    );
    for (const digest of all) {
      const verification = await verifyImage(store, { digest }, [release.authority], {
        signatures: true,
        attestations: [],
      });
      const expected = recursive === false && digest !== index.digest ? 'not-verified' : 'verified';
      assert.equal(answerTo(verification, { kind: 'signature' }).kind, expected);
    }
  }
});

test('an index is not signed while something in it is not there, or is too much', async () => {
  const store = memoryStore();
  const missing = { mediaType: indexMediaType, digest: digestOf(Buffer.from('x')), size: 1 };
  const sparse = await store.push({ schemaVersion: 2, manifests: [missing] });
  let deep = await store.push(imageNamed('app'));
  for (let depth = 0; depth <= limits.indexDepth; depth++)
    deep = await store.push({ schemaVersion: 2, manifests: [deep] });
  const wide = await store.push({ schemaVersion: 2, manifests: Array(limits.manifestsPerIndex + 1).fill(deep) });
  for (const [digest, code] of [
    [sparse.digest, 'trust/manifest-missing'],
    [missing.digest, 'trust/manifest-missing'],
    [deep.digest, 'trust/index-too-large'],
    [wide.digest, 'trust/bad-manifest'],
  ] as const) {
    await assert.rejects(signImage(store, digest, release.seal), { name: 'PlimsollError', code });
  }
  assert.equal(store.blobs.size, 0, 'nothing was signed');
});

test('an attestation has a type that is none of a signature, and a size that is read', async () => {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'));
  for (const type of ['', 'sbom', 'https://sigstore.dev/cosign/sign/v1', 'constructor']) {
    await assert.rejects(attest(store, digest, release.seal, { type, predicate: {} }), {
      code: 'trust/predicate-type',
    });
    await assert.rejects(attestBlob([], release.seal, { type, predicate: {} }), { code: 'trust/predicate-type' });
  }
  // In base64 it is larger than what is read.
  const predicate = 'x'.repeat(limits.attachmentBytes * 0.8);
  const large = attest(store, digest, release.seal, { type: 'urn:x', predicate });
  await assert.rejects(large, { code: 'trust/attachment-too-large' });
  assert.equal(store.blobs.size, 0);
});

test('a file that is larger than what is read is not signed', async () => {
  const signed = signBlob(Buffer.alloc(limits.attachmentBytes + 1), release.seal);
  await assert.rejects(signed, { code: 'trust/attachment-too-large' });
});

test('a file that would make an image signature or an attestation when it is signed is not signed', async () => {
  const nobody = async () => assert.fail('nothing is signed');
  const payload = simpleSigningBytes({ reference: 'app', digest: `sha256:${'0'.repeat(64)}`, annotations: {} });
  const text = payload.toString();
  const rows: readonly (readonly [string, Buffer])[] = [
    ['the payload of an image signature', payload],
    ['one in another case', Buffer.from(text.replace('critical', 'CRITICAL').replace('"type"', '"Type"'))],
    ['one that is hidden by a repeated name', Buffer.from(text.replace(/}$/, ',"critical":{}}'))],
    ['one that is hidden by a name in another case', Buffer.from(text.replace(/}$/, ',"Critical":{}}'))],
    ['one with an escape', Buffer.from(text.replace('"cosign', '"\\u0063osign'))],
    ['what is signed of a statement', preAuthEncoding(statementPayloadType, Buffer.from('{}'))],
  ];
  for (const [name, bytes] of rows) await assert.rejects(signBlob(bytes, nobody), { code: 'trust/disguised' }, name);
  for (const other of ['{"critical":3}', '{"critical":{"type":"a"}}', '[]', 'null', '{"a":1,"a":2}', 'DSSE', '']) {
    assert.ok((await signBlob(Buffer.from(other), release.seal)).length > 0, other);
  }
});

test('bundles of files are verified by others', async () => {
  const bytes = Buffer.from('a file');
  const signed = jsonOf(await signBlob(bytes, release.seal));
  assert.equal(signed.mediaType, bundleType);
  verifiesElsewhere(signed, bytes);
  assert.throws(() => verifiesElsewhere(signed, Buffer.from('another')));
  const files = [{ name: 'a.txt', digest: digestOf(bytes) }];
  const attested = jsonOf(await attestBlob(files, release.seal, { type: 'slsaprovenance1', predicate: { x: 1 } }));
  verifiesElsewhere(attested);
  assert.deepEqual(payloadOf(attested).subject, [{ name: 'a.txt', digest: { sha256: digestOf(bytes).slice(7) } }]);
});
