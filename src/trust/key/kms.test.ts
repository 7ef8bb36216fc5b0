import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { verifyPayload } from './algorithm.ts';
import type { KmsClients } from './kms.ts';
import { type GoogleClient, openAzure, openGoogle } from './kms-client.ts';
import { openPublicKey, openSigner } from './open-key.ts';
import { keyHint, publicKeyPem } from './public-key.ts';
import {
  type Asked,
  type KeyPair,
  pairNamed,
  pairs,
  payload,
  signatureOver,
  startService,
  type Told,
} from './testing.ts';

const nobody = async () => assert.fail('nobody is asked');
const awsKey = 'awskms:///alias/release';
const googleKey = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';

async function assertSigns(name: string, { publicKey }: KeyPair, clients?: KmsClients): Promise<void> {
  const signer = await openSigner(name, nobody, { env: {}, clients });
  assert.ok(verifyPayload(publicKey, payload, await signer.sign(payload)), name);
  assert.equal(keyHint(await openPublicKey(name, { env: {}, clients })), keyHint(publicKey));
}

/** AWS KMS API. */
function aws({ headers, body }: Asked, pair: KeyPair): Told {
  const request = JSON.parse(body);
  assert.equal(request.KeyId, 'alias/release');
  if (headers['x-amz-target'] === 'TrentService.GetPublicKey') {
    const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
    return { body: { PublicKey: spki.toString('base64') } };
  }
  assert.equal(headers['x-amz-target'], 'TrentService.Sign');
  const signature = signatureOver(Buffer.from(request.Message, 'base64'), pair);
  return { body: { Signature: signature.toString('base64') } };
}

function awsAt(url: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_KMS: url,
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
}

test('keys that AWS keeps sign, through its library', async () => {
  const algorithms: string[] = [];
  for (const [name, pair] of pairs) {
    await using service = await startService((asked) => aws(asked, pair));
    awsAt(service.url);
    await assertSigns(awsKey, pair);
    const { SigningAlgorithm, MessageType } = JSON.parse(service.asked[1]?.body ?? '');
    algorithms.push(`${name} ${SigningAlgorithm} ${MessageType}`);
  }
  assert.deepEqual(algorithms, [
    'ecdsa-p256 ECDSA_SHA_256 DIGEST',
    'ecdsa-p384 ECDSA_SHA_384 DIGEST',
    'ecdsa-p521 ECDSA_SHA_512 DIGEST',
    'ed25519 ED25519_SHA_512 RAW',
    'rsa RSASSA_PKCS1_V1_5_SHA_256 DIGEST',
  ]);
});

/** Google Cloud KMS API, REST. */
function google({ method, path, headers, body }: Asked, pair: KeyPair): Told {
  assert.match(headers.authorization ?? '', /^Bearer /);
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  if (pathname === `/v1/${googleKey}/cryptoKeyVersions`) {
    assert.equal(searchParams.get('filter'), 'state=ENABLED');
    return {
      body: { cryptoKeyVersions: [9, 10, 1].map((each) => ({ name: `${googleKey}/cryptoKeyVersions/${each}` })) },
    };
  }
  if (pathname === `/v1/${googleKey}/cryptoKeyVersions/10/publicKey`)
    return { body: { pem: publicKeyPem(pair.publicKey) } };
  if (method !== 'POST' || pathname !== `/v1/${googleKey}/cryptoKeyVersions/10:asymmetricSign`) return { status: 404 };
  const { digest, data } = JSON.parse(body);
  const [input] = digest === undefined ? [data] : Object.values(digest);
  return { body: { signature: signatureOver(Buffer.from(String(input), 'base64'), pair).toString('base64') } };
}

function googleAt(port: number): KmsClients {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const credentials = {
    client_email: 'build@acme.example',
    private_key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
  return {
    google: () => openGoogle({ credentials, fallback: true, apiEndpoint: '127.0.0.1', port, protocol: 'http' }),
  };
}

test('keys that Google keeps sign, through its library: the latest version that is enabled, or the one that is named', async () => {
  const asked: string[] = [];
  for (const [name, pair] of pairs) {
    await using service = await startService((each) => google(each, pair));
    const clients = googleAt(service.port);
    await assertSigns(`gcpkms://${googleKey}`, pair, clients);
    await assertSigns(`gcpkms://${googleKey}/cryptoKeyVersions/10`, pair, clients);
    await assertSigns(`gcpkms://${googleKey}/versions/10`, pair, clients);
    const { digest, data } = JSON.parse(service.asked.find(({ method }) => method === 'POST')?.body ?? '');
    asked.push(`${name} ${Object.keys(digest ?? { data })}`);
  }
  assert.deepEqual(asked, [
    'ecdsa-p256 sha256',
    'ecdsa-p384 sha384',
    'ecdsa-p521 sha512',
    'ed25519 data',
    'rsa sha256',
  ]);
});

/** Azure Key Vault API. */
function azure({ path, headers, body }: Asked, name: string, pair: KeyPair, url: string): Told {
  if (headers.authorization === undefined) {
    const challenge = 'Bearer authorization="https://login.example/tenant", resource="https://vault.azure.net"';
    return { status: 401, headers: { 'www-authenticate': challenge } };
  }
  assert.equal(headers.authorization, 'Bearer token');
  const { pathname } = new URL(path, url);
  const kid = `${url}/keys/release/0a1b`;
  if (['/keys/release/', '/keys/release/0a1b'].includes(pathname)) {
    const { kty, ...members } = pair.publicKey.export({ format: 'jwk' });
    return {
      body: { key: { kid, kty: `${kty}-HSM`, key_ops: ['sign', 'verify'], ...members }, attributes: { enabled: true } },
    };
  }
  assert.equal(pathname, '/keys/release/0a1b/sign');
  const { alg, value } = JSON.parse(body);
  const algorithms = new Map([
    ['ecdsa-p256', 'ES256'],
    ['ecdsa-p384', 'ES384'],
    ['ecdsa-p521', 'ES512'],
    ['rsa', 'RS256'],
  ]);
  assert.equal(alg, algorithms.get(name));
  const signature = signatureOver(Buffer.from(value, 'base64url'), pair, 'ieee-p1363');
  return { body: { kid, value: signature.toString('base64url') } };
}

function azureAt(url: string, named: (vaultUrl: string) => void = () => {}): KmsClients {
  const credential = { getToken: async () => ({ token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const client = { allowInsecureConnection: true, disableChallengeResourceVerification: true };
  return {
    azure: (vaultUrl, key, version) => {
      named(vaultUrl);
      return openAzure(url, key, version, { credential, client });
    },
  };
}

test('keys that Azure keeps sign, through its library, but for Ed25519, which it does not have', async () => {
  const named: string[] = [];
  for (const [name, pair] of pairs) {
    if (name === 'ed25519') continue;
    await using service = await startService((asked) => azure(asked, name, pair, service.url));
    const clients = azureAt(service.url, (vaultUrl) => named.push(vaultUrl));
    await assertSigns('azurekms://team.vault.azure.net/release', pair, clients);
    await assertSigns('azurekms://team.vault.azure.net/release/0a1b', pair, clients);
  }
  assert.deepEqual([...new Set(named)], ['https://team.vault.azure.net']);
});

test('a service that refuses, or lies, is told as that', async () => {
  const [pair, other] = [pairNamed('ecdsa-p256'), pairNamed('ecdsa-p384')];
  const rows: readonly (readonly [string, GoogleClient, RegExp])[] = [
    ['no version is enabled', { ...honest(pair), versions: async () => [] }, /no version that is enabled/],
    ['no public key', { ...honest(pair), publicKeyPem: async () => undefined }, /no public key/],
    ['a broken public key', { ...honest(pair), publicKeyPem: async () => 'x' }, /unsupported|PEM/],
    ['no signature', { ...honest(pair), sign: async () => undefined }, /own public key/],
    [
      'a signature by another key',
      { ...honest(pair), publicKeyPem: async () => publicKeyPem(other.publicKey) },
      /own public key/,
    ],
    ['it fails', { ...honest(pair), sign: () => Promise.reject(new Error('PERMISSION_DENIED')) }, /PERMISSION_DENIED/],
  ];
  for (const [name, client, message] of rows) {
    const signer = await openSigner(`gcpkms://${googleKey}`, nobody, {
      env: {},
      clients: { google: async () => client },
    });
    await assert.rejects(signer.sign(payload), { code: 'trust/key-service', kind: 'unavailable', message }, name);
  }
});

test('a service that does not answer is not waited for without end', async (t) => {
  await using service = await startService(() => undefined);
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  t.mock.method(AbortSignal, 'timeout', (ms: number) => timeout(ms / 1_000));
  awsAt(service.url);
  for (const name of [awsKey, 'azurekms://team.vault.azure.net/release']) {
    const signer = await openSigner(name, nobody, { env: {}, clients: azureAt(service.url) });
    await assert.rejects(signer.publicKey(), { code: 'trust/key-service', kind: 'unavailable' }, name);
  }
});

function honest(pair: KeyPair): GoogleClient {
  return {
    versions: async (key) => [`${key}/cryptoKeyVersions/1`],
    publicKeyPem: async () => publicKeyPem(pair.publicKey),
    sign: async (_, { digest }) => signatureOver(Buffer.from(digest?.['sha256'] ?? []), pair),
  };
}
