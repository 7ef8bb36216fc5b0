import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyPayload } from './algorithm.ts';
import { sealPrivateKey } from './key-file.ts';
import { openPublicKey, openSigner } from './open-key.ts';
import { keyHint, publicKeyPem } from './public-key.ts';
import { pairNamed, payload } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const passphrase = Buffer.from('secret');
const ask = async () => passphrase;
const nobody = async () => assert.fail('nobody is asked');

test('a key file and an environment variable sign', async () => {
  const { privateKey, publicKey } = pairNamed('ecdsa-p256');
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

test('of a private key the public half is given to whoever can open it', async () => {
  const { privateKey, publicKey } = pairNamed('ecdsa-p256');
  const env = { RELEASE_KEY: await sealPrivateKey(privateKey, passphrase), RELEASE_PUB: publicKeyPem(publicKey) };
  assert.equal(keyHint(await openPublicKey('env://RELEASE_KEY', { env }, ask)), keyHint(publicKey));
  assert.equal(keyHint(await openPublicKey('env://RELEASE_PUB', { env }, nobody)), keyHint(publicKey));
  await assert.rejects(openPublicKey('env://RELEASE_KEY', { env }), { code: 'trust/not-a-public-key' });
});

test('a file that is too large for a key is refused, by both', async () => {
  const path = join(folder, 'large.pub');
  writeFileSync(path, Buffer.alloc(1_000_000, ' '));
  await assert.rejects(openSigner(path, nobody, { env: {} }), { code: 'trust/broken-key', message: /larger than/ });
  await assert.rejects(openPublicKey(path, { env: {} }), { code: 'trust/broken-key', message: /larger than/ });
});
