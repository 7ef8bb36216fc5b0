import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attest, signImage } from './sign.ts';
import { exchangeReferrer, imageNamed, type MemoryStore, memoryStore, testSigner } from './testing.ts';
import { type Asked, answerTo, verifyImage } from './verify.ts';

const { seal, authority } = testSigner('release.pub');

interface Signed {
  readonly store: MemoryStore;
  readonly digest: string;
  /** The referrer with the signature or the attestation. */
  readonly referrer: string;
  readonly tag: string;
}

const asked = {
  signature: { kind: 'signature' },
  attestation: { kind: 'attestation', type: 'cyclonedx' },
} as const satisfies Record<string, Asked>;
type What = keyof typeof asked;

/** In both forms; what is not to be tampered with is taken away. */
async function signed(what: What, form: 'bundle' | 'legacy'): Promise<Signed> {
  const store = memoryStore();
  const { digest } = await store.push(imageNamed('app'), 'v1');
  const options = { legacy: true, annotations: { stage: 'prod' }, now: new Date(0) };
  const predicate = { bomFormat: 'CycloneDX', components: [{ name: 'left-pad' }] };
  const [attachment] =
    what === 'signature'
      ? await signImage(store, digest, seal, options)
      : [await attest(store, digest, seal, { type: 'cyclonedx', predicate }, options)];
  const { referrer = '', legacyTag = '' } = attachment ?? {};
  if (form === 'bundle') store.tags.delete(legacyTag);
  else store.manifests.delete(referrer);
  return { store, digest, referrer, tag: legacyTag };
}

async function reasonFor({ store, digest }: Signed, what: What): Promise<string> {
  const question = { signatures: true, attestations: 'all', annotations: { stage: 'prod' } } as const;
  const answer = answerTo(await verifyImage(store, { digest }, [authority], question), asked[what]);
  return answer.kind === 'verified' ? 'verified' : answer.error.message;
}

const bytesChanged = /did not sign these bytes/;
const signerUnknown = /by none of the trusted keys/;

/** A change of the bundle's JSON text, or of what is in its payload. */
const bundleChanges: readonly [field: string, change: (json: string) => string, why: RegExp][] = [
  ['payload, digest of the subject', inPayload(/(?<="sha256":")./, 'x'), bytesChanged],
  ['payload, annotation of the subject', inPayload('prod', 'test'), bytesChanged],
  ['payload, predicate type', inPayload('predicateType":"https', 'predicateType":"httpS'), bytesChanged],
  ['payload, predicate', inPayload(/"predicate":\{/, '"predicate":{"x":1,'), bytesChanged],
  ['payload, statement type', inPayload('Statement/v1', 'Statement/v0.1'), bytesChanged],
  ['payload, white space at its end', inPayload(/$/, ' '), bytesChanged],
  ['payload, cut off', inPayload(/.$/, ''), bytesChanged],
  ['payload, no base64', (json) => json.replace('"payload":"', '"payload":"*'), /payload is not base64/],
  ['payloadType', (json) => json.replace('vnd.in-toto+json', 'vnd.in-toto+jsoN'), bytesChanged],
  ['payloadType, empty', (json) => json.replace('application/vnd.in-toto+json', ''), /payloadType is not a media type/],
  ['signature', inSignature((bytes) => withByteChanged(bytes, 40)), bytesChanged],
  ['signature, cut off', inSignature((bytes) => bytes.subarray(1)), bytesChanged],
  ['signature, empty', inSignature(() => Buffer.alloc(0)), /a signature is not base64/],
  ['signature, of zeros', inSignature(() => Buffer.from('3006020100020100', 'hex')), bytesChanged],
  ['signature, bytes behind it', inSignature((bytes) => Buffer.concat([bytes, Buffer.from('x')])), bytesChanged],
  ['signatures, none', (json) => json.replace(/"signatures":\[.*?\]/, '"signatures":[]'), /it has no signatures/],
  [
    'signatures, two',
    (json) => json.replace(/"signatures":\[(.*?)\]/, '"signatures":[$1,$1]'),
    /more than one signature/,
  ],
  [
    'signatures, 33',
    (json) => json.replace(/"signatures":\[(.*?)\]/, `"signatures":[${'$1,'.repeat(32)}$1]`),
    /33 signatures/,
  ],
  [
    'key hint and signature',
    (json) => inSignature((bytes) => bytes.subarray(1))(json.replace(/"hint":"[^"]*"/, '"hint":"A"')),
    signerUnknown,
  ],
  ['mediaType', (json) => json.replace('bundle.v0.3+json', 'bundle.v0.4+json'), /mediaType is not that of a bundle/],
  [
    'verificationMaterial',
    (json) => json.replace('verificationMaterial', 'verificationmaterial'),
    /no verificationMaterial/,
  ],
  [
    'verificationMaterial, two',
    (json) => json.replace('"publicKey"', '"certificate":{},"publicKey"'),
    /not exactly one of a key/,
  ],
  ['content, none', (json) => json.replace('dsseEnvelope', 'dsseenvelope'), /neither a dsseEnvelope nor/],
  ['content, two', (json) => json.replace('"dsseEnvelope"', '"messageSignature":{},"dsseEnvelope"'), /at once/],
  ['envelope', (json) => json.replace(/"dsseEnvelope":.*/, '"dsseEnvelope":[]}'), /it is not an object/],
  ['log entries, 33', withMaterial(`"tlogEntries":[${'{},'.repeat(32)}{}]`), /33 log entries, over 32/],
  ['log entries, no list', withMaterial('"tlogEntries":{}'), /its log entries are not a list/],
  [
    'timestamps, 33',
    withMaterial(`"timestampVerificationData":{"rfc3161Timestamps":[${'{},'.repeat(32)}{}]}`),
    /33 timestamps, over 32/,
  ],
  ['JSON', (json) => json.slice(0, -1), /it is not JSON/],
];

/** Of what an image is signed with, so that the digests above it fit. */
const manifestChanges: readonly [field: string, change: (json: string) => string, why: RegExp][] = [
  ['subject', (json) => json.replace(/("subject":.*?sha256:)./, '$1x'), /nothing is attached|is not a descriptor/],
  [
    'artifactType',
    (json) => json.replace(/"artifactType":"[^"]*"/, '"artifactType":"text/plain"'),
    /nothing is attached/,
  ],
  ['layers', (json) => json.replace('"layers"', '"Layers"'), /it has no layers/],
  ['layers, none', (json) => json.replace(/"layers":\[.*?\]/, '"layers":[]'), /not exactly one layer/],
  ['layers, two', (json) => json.replace(/"layers":\[(.*?)\]/, '"layers":[$1,$1]'), /not exactly one layer/],
  ['layer, mediaType', (json) => json.replace(/("layers":\[\{"mediaType":")/, '$1x'), /not exactly one layer/],
  ['layer, digest', (json) => json.replace(/("layers":.*?sha256:)[0-9a-f]{8}/, '$100000000'), /is not there/],
  ['layer, size', (json) => json.replace(/("layers":.*?"size":)/, '$11'), /bytes/],
  [
    'annotation, content',
    (json) => json.replace('dsse-envelope', 'message-signature'),
    /bundle.content says message-signature/,
  ],
  [
    'annotation, type',
    (json) => json.replace(/(bundle.predicateType":")[^"]*/, '$1urn:x'),
    /annotations beside it say that it is urn:x/,
  ],
];

for (const what of ['signature', 'attestation'] as const) {
  test(`a bundle of which nothing was changed: the ${what} is verified`, async () => {
    assert.equal(await reasonFor(await signed(what, 'bundle'), what), 'verified');
    assert.equal(await reasonFor(await signed(what, 'legacy'), what), 'verified');
  });

  for (const [field, change, why] of bundleChanges) {
    if (field.includes('annotation') && what === 'attestation') continue;
    test(`${what} in a changed bundle is refused, naming the part: ${field}`, async () => {
      const given = await signed(what, 'bundle');
      await exchangeReferrer(given.store, given.referrer, { bundle: (json) => changed(json, change) });
      assert.match(await reasonFor(given, what), why);
    });
  }

  for (const [field, change, why] of manifestChanges) {
    test(`${what} with a changed manifest around its bundle is refused, naming the part: ${field}`, async () => {
      const given = await signed(what, 'bundle');
      await exchangeReferrer(given.store, given.referrer, { manifest: (json) => changed(json, change) });
      assert.match(await reasonFor(given, what), why);
    });
  }

  test(`any one changed byte of the payload or signature is noticed: ${what}`, async () => {
    for (const field of ['payload', 'sig'] as const) {
      const given = await signed(what, 'bundle');
      let { referrer } = given;
      let length = 1;
      for (let at = 0; at < length; at++) {
        let original = '';
        const flip = (json: string) => {
          original = json;
          return inBase64(field, (bytes) => {
            length = bytes.length;
            return withByteChanged(bytes, at);
          })(json);
        };
        referrer = await exchangeReferrer(given.store, referrer, { bundle: flip });
        assert.match(await reasonFor(given, what), bytesChanged, `byte ${at} of the ${field}`);
        referrer = await exchangeReferrer(given.store, referrer, { bundle: () => original });
      }
      assert.ok(length > 60);
      assert.equal(await reasonFor(given, what), 'verified');
    }
  });
}

test('any byte changed where it is stored is noticed by its digest', async () => {
  const given = await signed('signature', 'bundle');
  const { store } = given;
  const manifest = store.manifests.get(given.referrer);
  const [bundleDigest, bundle] = [...store.blobs].find(([, bytes]) => bytes.includes('dsseEnvelope')) ?? [
    '',
    Buffer.alloc(0),
  ];
  assert.ok(manifest !== undefined && bundle.length > 0);
  for (let at = 0; at < bundle.length; at += 7) {
    store.blobs.set(bundleDigest, withByteChanged(bundle, at));
    assert.match(await reasonFor(given, 'signature'), /It has the digest sha256:/);
  }
  store.blobs.set(bundleDigest, bundle);
  store.manifests.set(given.referrer, {
    ...manifest,
    bytes: withByteChanged(manifest.bytes, manifest.bytes.indexOf('created')),
  });
  assert.match(await reasonFor(given, 'signature'), /It has the digest sha256:/);
});

/** Changes of the manifest under a legacy tag, of the payload, or of the envelope. */
const legacyChanges: readonly [
  what: What,
  field: string,
  part: 'manifest' | 'blob',
  change: (text: string) => string,
  why: RegExp,
][] = [
  ['signature', 'payload, digest', 'blob', (text) => text.replace(/sha256:./, 'sha256:x'), signerUnknown],
  ['signature', 'payload, repository', 'blob', (text) => text.replace('acme/app', 'acme/apq'), signerUnknown],
  ['signature', 'payload, annotation', 'blob', (text) => text.replace('prod', 'test'), signerUnknown],
  ['signature', 'payload, type', 'blob', (text) => text.replace('container image', 'container imagE'), signerUnknown],
  ['signature', 'payload, white space', 'blob', (text) => `${text}\n`, signerUnknown],
  ['signature', 'signature', 'manifest', (text) => text.replace(/(cosign\/signature":"M.{20})./, '$1/'), signerUnknown],
  [
    'signature',
    'signature, missing',
    'manifest',
    (text) => text.replace('cosign/signature', 'cosign/signaturE'),
    /is not a signature in base64/,
  ],
  [
    'signature',
    'signature, no base64',
    'manifest',
    (text) => text.replace('cosign/signature":"', 'cosign/signature":"*'),
    /is not a signature in base64/,
  ],
  [
    'signature',
    'layer, media type',
    'manifest',
    (text) => text.replace('simplesigning.v1', 'simplesigning.v2'),
    /nothing is attached/,
  ],
  [
    'signature',
    'layer, digest',
    'manifest',
    (text) => text.replace(/("layers":.*?sha256:)[0-9a-f]{8}/, '$100000000'),
    /is not there/,
  ],
  ['signature', 'manifest', 'manifest', (text) => text.slice(1), /it is not JSON/],
  ['attestation', 'predicate', 'blob', inBase64('payload', replaced('left-pad', 'left-paD')), signerUnknown],
  ['attestation', 'signature', 'blob', inSignature((bytes) => bytes.subarray(1)), signerUnknown],
  ['attestation', 'payloadType', 'blob', (text) => text.replace('in-toto+json', 'in-toto+jsoN'), signerUnknown],
  ['attestation', 'envelope', 'blob', (text) => text.slice(1), /it is not JSON/],
  [
    'attestation',
    'annotation',
    'manifest',
    (text) => text.replace('cyclonedx.org/bom', 'spdx.dev/Document'),
    /annotations beside it say that it is https:\/\/spdx/,
  ],
];

for (const [what, field, part, change, why] of legacyChanges) {
  test(`a changed legacy ${what} is refused, naming the part: ${field}`, async () => {
    const given = await signed(what, 'legacy');
    const { store, tag } = given;
    let manifest = (await store.manifest(tag))?.bytes.toString() ?? '';
    if (part === 'manifest') manifest = changed(manifest, change);
    else {
      const [, digest = ''] = /"layers":\[\{[^}]*?"digest":"([^"]*)"/.exec(manifest) ?? [];
      const text = changed(store.blobs.get(digest)?.toString() ?? '', change);
      const blob = await store.putBlob(Buffer.from(text));
      manifest = manifest.replace(
        /("layers":\[\{[^}]*?"digest":")[^"]*("[^}]*?"size":)\d+/,
        `$1${blob.digest}$2${blob.size}`,
      );
    }
    await store.putManifest(Buffer.from(manifest), 'application/json', tag);
    assert.match(await reasonFor(given, what), why);
  });
}

test('a payload that a trusted key signed as something else is no image signature', async () => {
  const given = await signed('signature', 'legacy');
  const { store, digest, tag } = given;
  const genuine = (await store.manifest(tag))?.bytes.toString() ?? '';
  const payloads: readonly [string, RegExp][] = [
    [
      JSON.stringify({ critical: { image: { 'docker-manifest-digest': digest } } }),
      /its type is not that of an image signature/,
    ],
    [digest, /it is not JSON/],
    ['{}', /its type is not/],
    ['\u00ff', /it is not JSON/],
  ];
  for (const [payload, why] of payloads) {
    const blob = await store.putBlob(Buffer.from(payload));
    const message = JSON.parse((await seal({ kind: 'message', bytes: Buffer.from(payload) })).toString());
    const manifest = genuine
      .replace(/("layers":\[\{[^}]*?"digest":")[^"]*("[^}]*?"size":)\d+/, `$1${blob.digest}$2${blob.size}`)
      .replace(/(cosign\/signature":")[^"]*/, `$1${message.messageSignature.signature}`);
    await store.putManifest(Buffer.from(manifest), 'application/json', tag);
    assert.match(await reasonFor(given, 'signature'), why);
  }
});

function changed(text: string, change: (text: string) => string): string {
  const after = change(text);
  assert.notEqual(after, text, 'the test has to change something');
  return after;
}

function inPayload(from: string | RegExp, to: string): (json: string) => string {
  return inBase64('payload', replaced(from, to));
}

function inSignature(change: (bytes: Buffer) => Buffer): (json: string) => string {
  return inBase64('sig', change);
}

function inBase64(field: 'payload' | 'sig', change: (bytes: Buffer) => Buffer): (json: string) => string {
  return (json) =>
    json.replace(new RegExp(`(?<="${field}":")[^"]*`), (text) =>
      change(Buffer.from(text, 'base64')).toString('base64'),
    );
}

function replaced(from: string | RegExp, to: string): (bytes: Buffer) => Buffer {
  return (bytes) => Buffer.from(bytes.toString().replace(from, to));
}

function withMaterial(field: string): (json: string) => string {
  return (json) => json.replace('"verificationMaterial":{', `"verificationMaterial":{${field},`);
}

function withByteChanged(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}
