import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyPayload } from './algorithm.ts';
import { openPublicKey, openSigner } from './open-key.ts';
import { keyHint, publicKeyPem } from './public-key.ts';
import { type Asked, pairNamed, pairs, payload, signatureOver, startService, type Told } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const nobody = async () => assert.fail('nobody is asked');
const { publicKey } = pairNamed('ecdsa-p256');
const hashes = new Map([
  ['ecdsa-p256', 'sha2-256'],
  ['ecdsa-p384', 'sha2-384'],
  ['ecdsa-p521', 'sha2-512'],
  ['rsa', 'sha2-256'],
]);

/** Vault's transit engine (HTTP API, "Transit Secrets Engine"), as far as it signs. */
function transit({ method, path, headers, body }: Asked): Told {
  if (headers['x-vault-token'] !== 'token') return { status: 403, body: { errors: ['permission denied'] } };
  const [, kind, name = '', hash] = /^\/v1\/transit\/(keys|sign)\/([\w-]+)(?:\/([\w-]+))?$/.exec(path) ?? [];
  const pair = pairs.get(name);
  if (pair === undefined) return { status: 404, body: { errors: [] } };
  if (kind === 'keys' && method === 'GET') {
    const keys = { 2: { public_key: 'older' }, 3: { public_key: vaultPublicKey(name, pair.publicKey) } };
    return { body: { data: { type: name, latest_version: 3, keys } } };
  }
  const { input, ...how } = JSON.parse(body);
  assert.deepEqual(how, {
    key_version: 3,
    ...(name !== 'ed25519' && { prehashed: true }),
    ...(name.startsWith('ecdsa') && { marshaling_algorithm: 'asn1' }),
    ...(name === 'rsa' && { signature_algorithm: 'pkcs1v15' }),
  });
  assert.equal(hash, hashes.get(name));
  const signature = signatureOver(Buffer.from(input, 'base64'), pair);
  return { body: { data: { signature: `vault:v3:${signature.toString('base64')}` } } };
}

/** Of Ed25519 it is the bare key. */
function vaultPublicKey(name: string, key: KeyObject): string {
  if (name !== 'ed25519') return publicKeyPem(key);
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}

test('keys of every kind that Vault keeps sign', async () => {
  await using vault = await startService(transit);
  const env = { VAULT_ADDR: vault.url, VAULT_TOKEN: 'token' };
  for (const [name, pair] of pairs) {
    const signer = await openSigner(`hashivault://${name}`, nobody, { env });
    assert.ok(verifyPayload(pair.publicKey, payload, await signer.sign(payload)), name);
    assert.equal(keyHint(await openPublicKey(`hashivault://${name}`, { env })), keyHint(pair.publicKey), name);
  }
});

test('the token of "vault login", a namespace and another mount are used', async () => {
  await using vault = await startService((asked) =>
    transit({ ...asked, path: asked.path.replace('/team%20a/signing/', '/transit/') }),
  );
  writeFileSync(join(folder, '.vault-token'), 'token\n');
  const env = {
    VAULT_ADDR: vault.url,
    HOME: folder,
    VAULT_NAMESPACE: 'acme',
    TRANSIT_SECRET_ENGINE_PATH: '/team a/signing/',
  };
  assert.equal(keyHint(await openPublicKey('hashivault://ecdsa-p256', { env })), keyHint(publicKey));
  assert.deepEqual(
    vault.asked.map(({ path, headers }) => [path, headers['x-vault-namespace'], headers['x-vault-request']]),
    [['/v1/team%20a/signing/keys/ecdsa-p256', 'acme', 'true']],
  );
});

test('a Vault that refuses, lies, redirects or talks without end is told as that', async () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forged = sign('sha256', payload, other.privateKey).toString('base64');
  const weak = publicKeyPem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const keyData = (data: object) => ({ body: { data } });
  const rows: readonly (readonly [string, 'keys' | 'sign', Told, RegExp, string?])[] = [
    ['it refuses', 'keys', { status: 403, body: { errors: ['permission denied'] } }, /answered 403: permission denied/],
    ['it has no such key', 'keys', { status: 404, body: { errors: [] } }, /answered 404$/],
    ['it is no Vault', 'keys', { body: Buffer.from('<html>') }, /no public key/],
    [
      'it redirects',
      'keys',
      { status: 307, headers: { location: 'http://127.0.0.1:9/' } },
      /redirects elsewhere, which is not followed/,
    ],
    ['its answer is long', 'keys', { body: Buffer.alloc(2_000_000, ' ') }, /too long/],
    [
      'its key is for encrypting',
      'keys',
      keyData({ type: 'aes256-gcm96', latest_version: 1, keys: { 1: 1 } }),
      /cannot sign/,
    ],
    [
      'its key is broken',
      'keys',
      keyData({ latest_version: 1, keys: { 1: { public_key: '-----' } } }),
      /unsupported|PEM/,
    ],
    ['its version is a trick', 'keys', keyData({ latest_version: '__proto__', keys: {} }), /no public key/],
    [
      'its key is weak',
      'keys',
      keyData({ type: 'rsa-1024', latest_version: 1, keys: { 1: { public_key: weak } } }),
      /1024 bits/,
      'trust/weak-key',
    ],
    ['it signs with another key', 'sign', { body: { data: { signature: `vault:v3:${forged}` } } }, /own public key/],
    ['it gives no signature', 'sign', { body: { data: {} } }, /no signature/],
    ['it gives nonsense', 'sign', { body: { data: { signature: 'vault:v3:&&' } } }, /no signature/],
  ];
  for (const [name, where, told, message, code = 'trust/key-service'] of rows) {
    await using vault = await startService((asked) => (asked.path.includes(`/${where}/`) ? told : transit(asked)));
    const env = { VAULT_ADDR: vault.url, VAULT_TOKEN: 'token' };
    const signer = await openSigner('hashivault://ecdsa-p256', nobody, { env });
    await assert.rejects(signer.sign(payload), { code, message }, name);
  }
});

test('a Vault that is not there is told as that', async () => {
  const vault = await startService(transit);
  const { url } = vault;
  await vault[Symbol.asyncDispose]();
  const signer = await openSigner('hashivault://a', nobody, { env: { VAULT_ADDR: url, VAULT_TOKEN: 'token' } });
  await assert.rejects(signer.publicKey(), { code: 'trust/key-service', kind: 'unavailable', message: /ECONNREFUSED/ });
});

test('a Vault that does not answer is not waited for without end', async (t) => {
  await using vault = await startService(() => undefined);
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  t.mock.method(AbortSignal, 'timeout', (ms: number) => timeout(ms / 1_000));
  const env = { VAULT_ADDR: vault.url, VAULT_TOKEN: 'token' };
  const signer = await openSigner('hashivault://a', nobody, { env });
  await assert.rejects(signer.publicKey(), { code: 'trust/key-service', message: /timeout/ });
});

test('a token for Vault goes over TLS, or stays on this machine', async () => {
  const rows: readonly (readonly [string, NodeJS.ProcessEnv, string])[] = [
    ['no address', { VAULT_TOKEN: 'token' }, 'trust/vault-address'],
    ['no TLS', { VAULT_ADDR: 'http://vault.example:8200', VAULT_TOKEN: 'token' }, 'trust/vault-address'],
    ['another protocol', { VAULT_ADDR: 'file:///etc/passwd', VAULT_TOKEN: 'token' }, 'trust/vault-address'],
    ['no token', { VAULT_ADDR: 'https://vault.example:8200', HOME: join(folder, 'none') }, 'trust/vault-token'],
  ];
  for (const [name, env, code] of rows)
    await assert.rejects(openSigner('hashivault://a', nobody, { env }), { code }, name);
});
