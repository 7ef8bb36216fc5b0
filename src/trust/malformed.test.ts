import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { decodeBase64 } from './base64.ts';
import { keyBundleBytes, readBundle } from './bundle.ts';
import { envelopeJson, preAuthEncoding, readEnvelope, statementPayloadType } from './dsse.ts';
import { parseSigned } from './malformed.ts';
import { readCarrier, readChildren } from './manifest.ts';
import { readSimpleSigning, simpleSigningBytes } from './simple-signing.ts';
import { readStatement, statementBytes } from './statement.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'x', digest: { sha256: 'a'.repeat(64) } }],
  predicateType: 'https://spdx.dev/Document',
  predicate: {},
};
const envelope = envelopeJson(statementPayloadType, Buffer.from(JSON.stringify(statement)), Buffer.from('signature'));
const descriptor = { mediaType: 'x/y', digest, size: 1 };

const readers: readonly [name: string, genuine: object, read: (bytes: Buffer) => unknown][] = [
  ['bundle', JSON.parse(keyBundleBytes({ dsseEnvelope: envelope }, 'hint').toString()), readBundle],
  ['envelope', envelope, (bytes) => readEnvelope(parseSigned(bytes, 'envelope', limits.bundleParts))],
  ['statement', statement, readStatement],
  [
    'payload',
    JSON.parse(simpleSigningBytes({ reference: 'x', digest, annotations: { a: 'b' } }).toString()),
    readSimpleSigning,
  ],
  ['manifest', { layers: [descriptor], subject: descriptor, annotations: { a: 'b' }, artifactType: 'x' }, readCarrier],
  ['index', { manifests: [descriptor] }, readChildren],
];

for (const [name, genuine, read] of readers) {
  test(`whatever stands in place of a part of a ${name}, or of its bytes, only a Plimsoll error comes of it`, () => {
    const text = JSON.stringify(genuine);
    read(Buffer.from(text));
    const places = [...text.matchAll(/"[^"]*"|\d+|[{[]/g)].map(({ index, 0: part }) => ({ index, part }));
    const exchanged = fc.tuple(fc.constantFrom(...places), fc.json()).map(([{ index, part }, json]) => {
      return Buffer.from(text.slice(0, index) + json + text.slice(index + part.length));
    });
    const flipped = fc.tuple(fc.nat(text.length - 1), fc.nat(255)).map(([at, byte]) => {
      return Buffer.from(text).fill(byte, at, at + 1);
    });
    const bytes = fc.oneof(
      exchanged,
      flipped,
      fc.json().map((json) => Buffer.from(json)),
      fc.uint8Array().map((each) => Buffer.from(each)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        try {
          read(given);
        } catch (error) {
          if (!(error instanceof PlimsollError)) throw error;
          assert.match(error.code, /^trust\/bad-/);
        }
      }),
      { numRuns: 400 },
    );
  });
}

test('what is empty, endless or of an unknown version is refused', () => {
  const bytes = (json: unknown) => Buffer.from(JSON.stringify(json));
  const subjects = (count: number) => Array(count).fill(statement.subject[0]);
  readStatement(bytes({ ...statement, subject: subjects(1024) }));
  readStatement(bytes({ ...statement, _type: 'https://in-toto.io/Statement/v0.1' }));
  readEnvelope({ ...envelope, signatures: Array(32).fill(envelope.signatures[0]) });
  const refused: readonly [() => unknown, RegExp][] = [
    [() => readStatement(bytes({ ...statement, subject: subjects(1025) })), /1025 subjects, over 1024/],
    [() => readStatement(bytes({ ...statement, subject: [] })), /it has no subject/],
    [() => readStatement(bytes({ ...statement, subject: undefined })), /it has no subject/],
    [() => readStatement(bytes({ ...statement, subject: [{ name: 'x' }] })), /a subject has no digest/],
    [() => readStatement(bytes({ ...statement, _type: 'https://in-toto.io/Statement/v2' })), /_type/],
    [() => readStatement(bytes({ ...statement, predicateType: 'x'.repeat(2000) })), /predicateType is not a URI/],
    [() => readEnvelope({ ...envelope, signatures: Array(33).fill(envelope.signatures[0]) }), /33 signatures, over 32/],
    [() => readEnvelope({ ...envelope, signatures: [] }), /no signatures/],
    [() => readChildren(bytes({ manifests: Array(1001).fill(descriptor) })), /1001 manifests, over 1000/],
    [() => readCarrier(bytes({ layers: Array(1001).fill(descriptor) })), /1001 layers, over 1000/],
    [() => readSimpleSigning(Buffer.alloc(2 * 1024 * 1024)), /over 1048576/],
    [
      () => parseSigned(Buffer.from(`[${'[],'.repeat(600_000)}1]`), 'bundle', limits.bundleParts),
      /more than 1000000 values/,
    ],
    [() => parseSigned(Buffer.from('"\xff"', 'latin1'), 'bundle', 10), /not UTF-8/],
  ];
  for (const [read, why] of refused) assert.throws(read, { name: 'PlimsollError', message: why });
});

test('base64 is of one text for its bytes: either alphabet, with or without padding, and nothing beside', () => {
  for (const text of ['', '+/8=', '+/8', '-_8', '-_8=', 'QUJD', 'QUI=', 'QQ==']) {
    assert.deepEqual(decodeBase64(text), Buffer.from(text, 'base64'), text);
  }
  for (const text of [
    '+_8=',
    'QR==',
    'QUJ=',
    'Q',
    'QUJD\n',
    ' QUJD',
    'QU.JD',
    'QUJD=',
    'QQ=',
    'QUJD====',
    'Ä',
    'QUJD\u0000',
  ]) {
    assert.equal(decodeBase64(text), undefined, text);
  }
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeBase64(Buffer.from(bytes).toString('base64')), Buffer.from(bytes));
      assert.deepEqual(decodeBase64(Buffer.from(bytes).toString('base64url')), Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'AQw+/=-_ \n') }), (text) => {
      const bytes = decodeBase64(text);
      if (bytes !== undefined) assert.match(text, /^[A-Za-z0-9+/]*={0,2}$|^[A-Za-z0-9_-]*={0,2}$/);
    }),
  );
});

test('what is signed for a payload is its type and itself, each with its length in bytes', () => {
  const encoded = (type: string, payload: string) => preAuthEncoding(type, Buffer.from(payload)).toString();
  // DSSE v1.0, "Test Vectors".
  assert.equal(
    encoded('http://example.com/HelloWorld', 'hello world'),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
  assert.equal(encoded('ä', 'é'), 'DSSEv1 2 ä 2 é');
  const read = readEnvelope(envelopeJson('ä', Buffer.from('é'), Buffer.from('s')));
  assert.equal(read.signedBytes.toString(), 'DSSEv1 2 ä 2 é');
  assert.equal(read.payload.toString(), 'é');
});

test('a payload of a simple signature is read whatever the case of its names, unless one is there twice', () => {
  const genuine = simpleSigningBytes({ reference: 'r', digest, annotations: { a: 'b' } }).toString();
  const upper = genuine
    .replace('critical', 'Critical')
    .replace('image', 'Image')
    .replace('docker-manifest-digest', 'Docker-manifest-digest');
  assert.deepEqual(readSimpleSigning(Buffer.from(upper)), { reference: 'r', digest, annotations: { a: 'b' } });
  const twice = genuine.replace('"image":{', `"Image":{"docker-manifest-digest":"sha256:${'b'.repeat(64)}"},"image":{`);
  assert.throws(() => readSimpleSigning(Buffer.from(twice)), /"image" is there twice/);
});

test('names out of JSON reach nothing but themselves', () => {
  const hostile = JSON.stringify(statement).replace(
    '"sha256":',
    '"__proto__":{"sha256":"x"},"constructor":"y","sha256":',
  );
  const [subject] = readStatement(Buffer.from(hostile)).subjects;
  assert.deepEqual(Object.keys(subject?.digest ?? {}).sort(), ['constructor', 'sha256']);
  assert.equal(Object.getPrototypeOf(subject?.digest), Object.prototype);
  assert.equal(statementBytes({ subjects: [], predicateType: 'x', predicate: 1 }).includes('__proto__'), false);
});
