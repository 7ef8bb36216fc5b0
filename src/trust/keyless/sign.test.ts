import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { limits } from '../../limits.ts';
import { keylessSealer, type SigningServices } from './sign.ts';
import { type Answer, identityToken, startSigstore, type TestingSigstore } from './testing-sigstore.ts';

const toSeal = { kind: 'message', bytes: Buffer.from('a file') } as const;
const certificatePath = '/api/v2/signingCert';
let sigstore: TestingSigstore;
before(async () => {
  sigstore = await startSigstore();
});
after(() => sigstore.close());

function sign(rekorVersion: 1 | 2 = 1) {
  const { url } = sigstore;
  const services = { kind: 'urls', fulcio: url, rekor: { url, version: rekorVersion }, tsa: url } as const;
  return keylessSealer({ env: {}, token: identityToken() }, services).then((seal) => seal(toSeal));
}

/** Counts what was taken of it. */
function endless(piece: Uint8Array) {
  const sent = { bytes: 0 };
  function* pieces() {
    for (;;) {
      sent.bytes += piece.length;
      yield piece;
    }
  }
  return { sent, body: pieces() };
}

const paths = [
  [certificatePath, /gave no certificate/, 1],
  ['/api/v1/log/entries', /took no entry/, 1],
  ['/api/v2/log/entries', /took no entry/, 2],
  ['/api/v1/timestamp', /gave no timestamp/, 1],
] as const;

async function assertFails(path: string, answer: Answer, version: 1 | 2, ...says: readonly RegExp[]) {
  sigstore.override(path, answer);
  try {
    await assert.rejects(sign(version), (error: Error & { code?: string; kind?: string }) => {
      assert.deepEqual([error.code, error.kind], ['trust/signing-service', 'unavailable'], error.stack);
      for (const each of says) assert.match(error.message, each);
      return true;
    });
  } finally {
    sigstore.restore(path);
  }
}

for (const [path, says, version] of paths) {
  test(`an answer without end of ${path} is given up, whatever its status, before it takes room`, async () => {
    for (const status of [201, 400]) {
      const { sent, body } = endless(Buffer.alloc(64 * 1024, ' '));
      await assertFails(path, { status, body }, version, says, /too long/);
      // The buffers of the connection take some megabytes that nobody reads.
      assert.ok(sent.bytes < limits.signingServiceAnswerBytes + 64 * 1024 * 1024, `${sent.bytes} bytes were sent`);
    }
  });

  test(`an answer of ${path} that is small only while it is packed is refused`, async () => {
    const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    assert.ok(body.length < 100_000);
    await assertFails(path, { status: 201, body, headers: { 'content-encoding': 'gzip' } }, version, says, /too long/);
  });

  test(`what ${path} is sent is sent nowhere else`, async () => {
    const elsewhere = await startSigstore();
    try {
      for (const status of [302, 307, 308]) {
        const headers = { location: `${elsewhere.url}${path}` };
        await assertFails(path, { status, body: '', headers }, version, says, /redirect/);
      }
      assert.deepEqual(elsewhere.asked, []);
    } finally {
      await elsewhere.close();
    }
  });
}

test('an answer of another shape is refused', async () => {
  const rows: readonly (readonly [string, string, 1 | 2])[] = [
    ...['[]', '{}', 'null', '<html>'].flatMap((body) =>
      paths.slice(0, 3).map(([path, , v]) => [path, body, v] as const),
    ),
    [certificatePath, '{"signedCertificateEmbeddedSct":{"chain":{"certificates":[]}}}', 1],
    [certificatePath, '{"signedCertificateEmbeddedSct":{"chain":{"certificates":["x"]}}}', 1],
    ['/api/v1/log/entries', '{"a":{"body":"e30=","integratedTime":1,"logID":"00","logIndex":1,"verification":{}}}', 1],
    ['/api/v1/log/entries', '{"a":{"body":"!","integratedTime":1,"logID":"00","logIndex":1,"verification":{}}}', 1],
    ['/api/v2/log/entries', '{"logId":{"keyId":1},"kindVersion":{},"logIndex":{}}', 2],
  ];
  for (const [path, body, version] of rows) {
    await assertFails(path, { status: 201, body }, version, /not what such a service answers/);
  }
});

test('a service that repeats the identity token does not get it into a message', async () => {
  const body = JSON.stringify({ message: `bad token ${identityToken()}` });
  await assertFails(certificatePath, { status: 400, body }, 1, /answered 400: bad token TOKEN$/);
});

test('a service that is out of order for a moment is asked again', async () => {
  const before = sigstore.asked.length;
  sigstore.override(certificatePath, { status: 503, body: '' });
  setTimeout(() => sigstore.restore(certificatePath), limits.httpBackoffMs / 2);
  assert.ok((await sign()).length > 0);
  assert.deepEqual(sigstore.asked.slice(before).filter((path) => path === certificatePath).length, 2);
});

test('of a signing configuration those services are asked that are in use now, by the API that is known', async () => {
  const { url } = sigstore;
  const gone = 'http://127.0.0.1:9';
  const [past, future] = [new Date(Date.now() - 3600_000), new Date(Date.now() + 3600_000)];
  const service = (where: string, majorApiVersion: number, start: Date, end?: Date) => ({
    url: where,
    majorApiVersion,
    operator: 'acme',
    validFor: { start, ...(end !== undefined && { end }) },
  });
  const all = (version: number) => [
    service(gone, version, new Date(0)),
    service(gone, version + 1, past),
    service(url, version, past),
    service(gone, version, future),
    service(gone, version, past, past),
  ];
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: all(1),
    rekorTlogUrls: all(2),
    tsaUrls: all(1),
    rekorTlogConfig: { selector: 'ANY' },
    tsaConfig: { selector: 'ANY' },
  };
  const seal = (changes: object) => {
    const content = Buffer.from(JSON.stringify({ ...config, ...changes }));
    const services: SigningServices = { kind: 'config', content, name: 'services.json' };
    return keylessSealer({ env: {}, token: identityToken() }, services).then((sealer) => sealer(toSeal));
  };
  const bundle = JSON.parse((await seal({})).toString());
  assert.equal(bundle.verificationMaterial.tlogEntries[0].kindVersion.version, '0.0.2');
  assert.equal(bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps.length, 1);

  const rows: readonly (readonly [object, string])[] = [
    [{ caUrls: [] }, 'trust/signing-config'],
    [{ caUrls: [service(url, 1, future)] }, 'trust/signing-config'],
    [{ tsaUrls: [service(url, 2, past)] }, 'trust/signing-config'],
    [{ rekorTlogConfig: { selector: 'ALL' } }, 'trust/signing-config'],
    [{ tsaConfig: undefined }, 'trust/no-witness'],
    [{ caUrls: [service('http://fulcio.example', 1, past)] }, 'trust/service-url'],
    [{ mediaType: 'application/json' }, 'trust/signing-config'],
  ];
  for (const [changes, code] of rows) await assert.rejects(seal(changes), { code }, JSON.stringify(changes));
});
