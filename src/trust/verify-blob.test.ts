import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { signaturePredicateType } from '../sbom/index.ts';
import { keyAuthority } from './authority.ts';
import { statementPayloadType } from './dsse.ts';
import { attestBlob, signBlob } from './sign.ts';
import { statementBytes } from './statement.ts';
import { digestOf, testSigner } from './testing.ts';
import { verifyBlob, verifyBlobAttestation } from './verify-blob.ts';

const release = testSigner('release.pub');
const stranger = testSigner('stranger.pub');
const bytes = Buffer.from('what was built');
const digest = digestOf(bytes);
const trusted = [stranger.authority, release.authority];

async function attested(type = 'slsaprovenance1', files = [{ name: 'app.tgz', digest }]): Promise<Buffer> {
  return attestBlob(files, release.seal, { type, predicate: { buildType: 'x' } });
}

async function detachedSignature(): Promise<string> {
  return JSON.parse((await signBlob(bytes, release.seal)).toString()).messageSignature.signature;
}

function changed(bundle: Buffer, from: string | RegExp, to: string): Buffer {
  const text = bundle.toString().replace(from, to);
  assert.notEqual(text, bundle.toString());
  return Buffer.from(text);
}

test('a file is verified with a bundle, or with the signature alone', async () => {
  const bundle = await signBlob(bytes, release.seal);
  const signature = await detachedSignature();
  for (const given of [
    { kind: 'bundle', bundle },
    { kind: 'detached', signature: Buffer.from(signature) },
    { kind: 'detached', signature: Buffer.from(`${signature}\n`) },
  ] as const) {
    const signers = await verifyBlob(bytes, given, trusted);
    assert.deepEqual(
      signers.map(({ name }) => name),
      ['release.pub'],
    );
    await assert.rejects(verifyBlob(bytes, given, [stranger.authority]), { code: 'trust/signature' });
    await assert.rejects(verifyBlob(bytes, given, []), { code: 'trust/no-authority' });
    await assert.rejects(verifyBlob(Buffer.from('what was built.'), given, trusted), {
      code: given.kind === 'bundle' ? 'trust/other-subject' : 'trust/signature',
    });
  }
});

test('the digest in a bundle is not signed: it does not stand for the bytes', async () => {
  const other = Buffer.from('something else');
  const [own, others] = [bytes, other].map((each) => Buffer.from(digestOf(each).slice(7), 'hex').toString('base64'));
  const bundle = changed(await signBlob(bytes, release.seal), own ?? '', others ?? '');
  await assert.rejects(verifyBlob(other, { kind: 'bundle', bundle }, trusted), { code: 'trust/signature' });
  await assert.rejects(verifyBlob(bytes, { kind: 'bundle', bundle }, trusted), { code: 'trust/other-subject' });
});

test('a changed or broken bundle of a file is refused', async () => {
  const bundle = await signBlob(bytes, release.seal);
  for (const [from, to, why] of [
    [/(?<="signature":"M.{30})../, '//', /did not sign these bytes/],
    [/"signature":"[^"]*"/, '"signature":""', /signature is not base64/],
    ['SHA2_256', 'MD5', /unknown algorithm MD5/],
    [/"digest":"/, '"digest":"*', /messageDigest is not a digest/],
    ['messageDigest', 'messagedigest', /no messageDigest/],
    [/\}$/, '', /not JSON/],
  ] as const) {
    const given = { kind: 'bundle', bundle: changed(bundle, from, to) } as const;
    await assert.rejects(verifyBlob(bytes, given, trusted), { name: 'PlimsollError', message: why });
  }
  for (const text of ['', '*', 'not base64!', '\u0000']) {
    const given = { kind: 'detached', signature: Buffer.from(text) } as const;
    await assert.rejects(verifyBlob(bytes, given, trusted), { code: 'trust/bad-payload' });
  }
});

test('an attestation of a file has the type that is asked for and is about that file', async () => {
  const bundle = await attested();
  const { signers, statement } = await verifyBlobAttestation([digest], bundle, trusted, 'slsaprovenance1');
  assert.deepEqual(
    signers.map(({ name }) => name),
    ['release.pub'],
  );
  assert.deepEqual(statement.predicate, { buildType: 'x' });
  await verifyBlobAttestation([digest], bundle, trusted, 'https://slsa.dev/provenance/v1');
  for (const [asked, given, authorities, code] of [
    [digest, 'spdx', trusted, 'trust/other-type'],
    [digestOf(Buffer.from('other')), 'slsaprovenance1', trusted, 'trust/other-subject'],
    [digest, 'slsaprovenance1', [stranger.authority], 'trust/signature'],
  ] as const) {
    await assert.rejects(verifyBlobAttestation([asked], bundle, authorities, given), { name: 'PlimsollError', code });
  }
});

test('an attestation of a file may name it by another digest than SHA-256', async () => {
  const sha512 = createHash('sha512').update(bytes).digest('hex');
  const subjects = [{ digest: { sha512 } }];
  const payload = statementBytes({ subjects, predicateType: 'https://slsa.dev/provenance/v1', predicate: {} });
  const bundle = await release.seal({ kind: 'envelope', payloadType: statementPayloadType, payload });
  await verifyBlobAttestation([digest, `sha512:${sha512}`], bundle, trusted, 'slsaprovenance1');
  const other = [digest, `sha512:${'0'.repeat(128)}`];
  await assert.rejects(verifyBlobAttestation(other, bundle, trusted, 'slsaprovenance1'), {
    code: 'trust/other-subject',
    message: new RegExp(`about sha512:${sha512.slice(0, 20)}.*no subject that is ${digest}`),
  });
});

test('an attestation is no signature of a file, and a signature no attestation', async () => {
  const bundle = await attested();
  await assert.rejects(verifyBlob(bytes, { kind: 'bundle', bundle }, trusted), { code: 'trust/other-type' });
  const signature = await signBlob(bytes, release.seal);
  await assert.rejects(verifyBlobAttestation([digest], signature, trusted, 'spdx'), { code: 'trust/other-type' });
  const subjects = [{ digest: { sha256: digest.slice('sha256:'.length) } }];
  const payload = statementBytes({ subjects, predicateType: signaturePredicateType, predicate: {} });
  const statement = await release.seal({ kind: 'envelope', payloadType: statementPayloadType, payload });
  assert.equal((await verifyBlob(bytes, { kind: 'bundle', bundle: statement }, trusted)).length, 1);
  await assert.rejects(verifyBlobAttestation([digest], statement, trusted, signaturePredicateType), {
    code: 'trust/other-type',
  });
});

test('signers who take SHA-256 whatever their curve are verified', async () => {
  for (const namedCurve of ['P-384', 'P-521']) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const authority = keyAuthority(publicKey, namedCurve);
    for (const [hash, holds] of [
      ['sha256', true],
      ['sha1', false],
    ] as const) {
      const signature = Buffer.from(sign(hash, bytes, privateKey).toString('base64'));
      const verified = verifyBlob(bytes, { kind: 'detached', signature }, [authority]);
      if (holds) assert.equal((await verified).length, 1);
      else await assert.rejects(verified, { code: 'trust/signature' });
    }
  }
});
