import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { algorithmOf, hashOf, verifyPayload } from './algorithm.ts';
import { sealPrivateKey } from './key-file.ts';
import type { KmsClients } from './kms.ts';
import { openPublicKey, openSigner } from './open-key.ts';
import { keyHint, publicKeyPem } from './public-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const passphrase = Buffer.from('secret');
const ask = async () => passphrase;
const nobody = async () => assert.fail('nobody is asked');
const payload = Buffer.from('payload');

const pairs = {
  'ecdsa-p256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ecdsa-p384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'ecdsa-p521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
  'rsa-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

/** Vault's transit engine (HTTP API, "Transit Secrets Engine"), as far as it signs. */
async function startVault(answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (answer(request, response)) return;
    const [, kind, name = '', hash] =
      /^\/v1\/transit\/(keys|sign)\/([\w-]+)(?:\/([\w-]+))?$/.exec(request.url ?? '') ?? [];
    const pair = Object.entries(pairs).find(([each]) => each === name)?.[1];
    if (request.headers['x-vault-token'] !== 'token') return send(response, 403, { errors: ['permission denied'] });
    if (pair === undefined) return send(response, 404, { errors: [] });
    if (kind === 'keys')
      return send(response, 200, {
        data: { type: name, latest_version: 3, keys: { 3: { public_key: vaultPublicKey(name, pair.publicKey) } } },
      });
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const asked = JSON.parse(body);
      const input = Buffer.from(asked.input, 'base64');
      assert.equal(asked.key_version, 3);
      assert.equal(asked.prehashed, name === 'ed25519' ? undefined : true);
      assert.equal(hash, name === 'ed25519' ? undefined : hash);
      const signature =
        name === 'ed25519' ? sign(null, input, pair.privateKey) : sign(...prehashed(payload, pair.privateKey));
      send(response, 200, { data: { signature: `vault:v3:${signature.toString('base64')}` } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    env: { VAULT_ADDR: `http://127.0.0.1:${port}`, VAULT_TOKEN: 'token' },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Node hashes by itself: what a service signs that is given the hash of `bytes`. */
function prehashed(bytes: Buffer, key: KeyObject): [string | undefined, Buffer, KeyObject] {
  return [hashOf(algorithmOf(key, 'it')), bytes, key];
}

function vaultPublicKey(name: string, key: KeyObject): string {
  if (name !== 'ed25519') return publicKeyPem(key);
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

test('a key file and an environment variable sign', async () => {
  const { privateKey, publicKey } = pairs['ecdsa-p256'];
  const sealed = await sealPrivateKey(privateKey, passphrase);
  const path = join(folder, 'release.key');
  writeFileSync(path, sealed);
  writeFileSync(join(folder, 'release.pub'), publicKeyPem(publicKey));
  const env = { RELEASE_KEY: sealed, RELEASE_PUB: publicKeyPem(publicKey) };
  for (const name of [path, 'env://RELEASE_KEY']) {
    const signer = await openSigner(name, ask, { env });
    assert.ok(verifyPayload(publicKey, payload, await signer.sign(payload)), name);
    assert.equal(keyHint(await signer.publicKey()), keyHint(publicKey));
  }
  for (const name of [join(folder, 'release.pub'), 'env://RELEASE_PUB']) {
    assert.equal(keyHint(await openPublicKey(name, { env })), keyHint(publicKey), name);
  }
});

test('names of keys that lead nowhere are told as that', async () => {
  const rows: readonly (readonly [string, string])[] = [
    [join(folder, 'none.key'), 'trust/no-such-key'],
    [folder, 'trust/no-such-key'],
    ['env://NONE', 'trust/no-such-key'],
    ['k8s://team/key', 'trust/unknown-key-service'],
    ['hashivault://a/b', 'trust/bad-key-name'],
    ['awskms://alias', 'trust/bad-key-name'],
    ['gcpkms://projects/a', 'trust/bad-key-name'],
    ['azurekms://a', 'trust/bad-key-name'],
  ];
  for (const [name, code] of rows) {
    await assert.rejects(openSigner(name, nobody, { env: {} }), { code }, name);
    await assert.rejects(openPublicKey(name, { env: {} }), { code }, name);
  }
});

test('keys of every kind that Vault keeps sign', async () => {
  await using vault = await startVault();
  for (const [name, { publicKey }] of Object.entries(pairs)) {
    const signer = await openSigner(`hashivault://${name}`, nobody, vault);
    assert.ok(verifyPayload(publicKey, payload, await signer.sign(payload)), name);
    assert.equal(keyHint(await openPublicKey(`hashivault://${name}`, vault)), keyHint(publicKey), name);
  }
});

test('a Vault that refuses, lies, redirects or talks without end is told as that', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forged = sign('sha256', payload, other.privateKey).toString('base64');
  /** `keys`: it answers so where it is asked for the key already. */
  const rows: readonly (readonly [string, 'keys' | 'sign', (response: ServerResponse) => void])[] = [
    ['it refuses', 'keys', (response) => send(response, 403, { errors: ['permission denied'] })],
    ['it has no such key', 'keys', (response) => send(response, 404, { errors: [] })],
    ['it is no Vault', 'keys', (response) => void response.end('<html>')],
    ['it redirects', 'keys', (response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()],
    ['its answer is long', 'keys', (response) => void response.end(Buffer.alloc(2_000_000, ' '))],
    [
      'it signs with another key',
      'sign',
      (response) => send(response, 200, { data: { signature: `vault:v3:${forged}` } }),
    ],
    ['it gives no signature', 'sign', (response) => send(response, 200, { data: {} })],
  ];
  for (const [name, where, answer] of rows) {
    await using vault = await startVault(({ url }, response) => {
      if (where === 'sign' && url?.includes('/keys/') === true) return false;
      answer(response);
      return true;
    });
    const signer = await openSigner('hashivault://ecdsa-p256', nobody, vault);
    await assert.rejects(signer.sign(payload), { code: 'trust/key-service', kind: 'unavailable' }, name);
  }
});

test('a token for Vault goes over TLS, or stays on this machine', async () => {
  const rows: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
    ['no address', { VAULT_TOKEN: 'token' }, 'trust/vault-address'],
    ['no TLS', { VAULT_ADDR: 'http://vault.example:8200', VAULT_TOKEN: 'token' }, 'trust/vault-address'],
    ['another protocol', { VAULT_ADDR: 'file:///etc/passwd', VAULT_TOKEN: 'token' }, 'trust/vault-address'],
    ['no token', { VAULT_ADDR: 'https://vault.example:8200', HOME: folder }, 'trust/vault-token'],
  ];
  for (const [name, env, code] of rows)
    await assert.rejects(openSigner('hashivault://a', nobody, { env }), { code }, name);
});

test('keys that AWS, Google and Azure keep sign, each in the service’s own way', async () => {
  const asked: string[] = [];
  for (const [name, { publicKey, privateKey }] of Object.entries(pairs)) {
    const signature = () => sign(...prehashed(payload, privateKey));
    const clients: KmsClients = {
      aws: async (endpoint) => ({
        getPublicKey: async () => ({ PublicKey: publicKey.export({ format: 'der', type: 'spki' }) }),
        async sign({ KeyId, SigningAlgorithm, MessageType }) {
          asked.push(`${endpoint} ${KeyId} ${SigningAlgorithm} ${MessageType}`);
          return { Signature: signature() };
        },
      }),
      google: async () => ({
        versions: async (key) => [`${key}/cryptoKeyVersions/9`, `${key}/cryptoKeyVersions/10`],
        publicKeyPem: async () => publicKeyPem(publicKey),
        async sign(version, request) {
          asked.push(`${version.slice(-2)} ${Object.keys(request.digest ?? request)}`);
          return signature();
        },
      }),
      azure: async (url, key, version) => ({
        publicJwk: async () => ({
          ...publicKey.export({ format: 'jwk' }),
          kty: name.startsWith('rsa') ? 'RSA-HSM' : 'EC-HSM',
        }),
        async sign(algorithm) {
          asked.push(`${url} ${key} ${version} ${algorithm}`);
          const [hash, bytes, own] = prehashed(payload, privateKey);
          return sign(hash, bytes, { key: own, dsaEncoding: 'ieee-p1363' });
        },
      }),
    };
    const names = ['awskms:///alias/release', 'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k'];
    for (const key of name === 'ed25519' ? names : [...names, 'azurekms://team.vault.azure.net/release']) {
      const signer = await openSigner(key, nobody, { env: {}, clients });
      assert.ok(verifyPayload(publicKey, payload, await signer.sign(payload)), `${key} ${name}`);
    }
  }
  assert.deepEqual(asked, [
    'undefined alias/release ECDSA_SHA_256 DIGEST',
    '10 sha256',
    'https://team.vault.azure.net release undefined ES256',
    'undefined alias/release ECDSA_SHA_384 DIGEST',
    '10 sha384',
    'https://team.vault.azure.net release undefined ES384',
    'undefined alias/release ECDSA_SHA_512 DIGEST',
    '10 sha512',
    'https://team.vault.azure.net release undefined ES512',
    'undefined alias/release ED25519_SHA_512 RAW',
    '10 data',
    'undefined alias/release RSASSA_PKCS1_V1_5_SHA_256 DIGEST',
    '10 sha256',
    'https://team.vault.azure.net release undefined RS256',
  ]);
});

test('AWS’s own library is spoken to as it takes it', async () => {
  const { publicKey, privateKey } = pairs['ecdsa-p256'];
  const targets: unknown[] = [];
  const server = createServer((request, response) => {
    targets.push(request.headers['x-amz-target']);
    request.resume();
    const isKey = targets.length === 1;
    send(
      response,
      200,
      isKey
        ? { PublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') }
        : { Signature: sign('sha256', payload, privateKey).toString('base64') },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const signer = await openSigner('awskms:///alias/release', nobody, { env: {} });
  assert.ok(verifyPayload(publicKey, payload, await signer.sign(payload)));
  assert.deepEqual(targets, ['TrentService.GetPublicKey', 'TrentService.Sign']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
