import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject, scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { secretbox } from '@noble/ciphers/salsa.js';
import fc from 'fast-check';
import { PlimsollError } from '../../error.ts';
import { algorithmOf, signPayload, verifyPayload } from './algorithm.ts';
import { isSealedKey, openPrivateKey, parsePlainPrivateKey, sealPrivateKey } from './key-file.ts';
import { keyHint, parsePublicKey, publicKeyPem } from './public-key.ts';

const passphrase = Buffer.from('correct horse');
const ask = async () => passphrase;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function pem(label: string, content: unknown): Buffer {
  const base64 = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64');
  return Buffer.from(`-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`);
}

/** A key as cosign writes it, made here from the description of the format. */
function cosignKey(
  key: KeyObject,
  change: (content: ReturnType<typeof contentOf>) => unknown = (same) => same,
  cost = 65_536,
) {
  return pem('ENCRYPTED SIGSTORE PRIVATE KEY', change(contentOf(key, cost)));
}

const salt = Buffer.alloc(32, 1);
/** By cost: each takes a while. */
const derivedKeys = new Map<number, Buffer>();

function derivedKey(cost: number): Buffer {
  const known = derivedKeys.get(cost);
  const derived = known ?? scryptSync(passphrase, salt, 32, { N: cost, r: 8, p: 1, maxmem: 200 * 1024 * 1024 });
  derivedKeys.set(cost, derived);
  return derived;
}

function contentOf(key: KeyObject, cost: number) {
  const nonce = Buffer.alloc(24, 2);
  const derived = derivedKey(cost);
  const ciphertext = secretbox(derived, nonce).seal(key.export({ format: 'der', type: 'pkcs8' }));
  return {
    kdf: { name: 'scrypt', params: { N: cost, r: 8, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  };
}

test('keys of every kind are sealed and opened again', async () => {
  const rows: readonly (readonly [string, KeyObject])[] = [
    ['ecdsa-p256', p256.privateKey],
    ['ecdsa-p384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['ecdsa-p521', generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey],
    ['ed25519', generateKeyPairSync('ed25519').privateKey],
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ];
  for (const [algorithm, key] of rows) {
    const sealed = Buffer.from(await sealPrivateKey(key, passphrase));
    assert.ok(isSealedKey(sealed));
    const opened = await openPrivateKey(sealed, 'a.key', ask);
    assert.equal(algorithmOf(opened, 'it'), algorithm);
    const payload = Buffer.from('payload');
    assert.deepEqual(opened.export({ format: 'jwk' }), key.export({ format: 'jwk' }));
    const signature = signPayload(opened, payload, 'it');
    const publicKey = parsePublicKey(Buffer.from(publicKeyPem(opened)), 'a.pub');
    assert.ok(verifyPayload(publicKey, payload, signature), algorithm);
    assert.equal(verifyPayload(publicKey, Buffer.from('other'), signature), false, algorithm);
  }
});

test('keys as cosign writes them are opened, by either name and with every cost it has had', async () => {
  for (const cost of [32_768, 65_536, 131_072]) {
    const opened = await openPrivateKey(cosignKey(p256.privateKey, undefined, cost), 'cosign.key', ask);
    assert.equal(keyHint(opened), keyHint(p256.publicKey));
  }
  const older = cosignKey(p256.privateKey).toString().replaceAll('SIGSTORE', 'COSIGN');
  assert.equal(keyHint(await openPrivateKey(Buffer.from(older), 'cosign.key', ask)), keyHint(p256.publicKey));
});

test('what is no sealed key is refused with the reason, and before a passphrase is asked for', async () => {
  const whole = cosignKey(p256.privateKey);
  const spki = p256.publicKey.export({ format: 'pem', type: 'spki' });
  const pkcs8 = p256.privateKey.export({ format: 'pem', type: 'pkcs8' });
  const params = (change: object) =>
    cosignKey(p256.privateKey, (key) => ({ ...key, kdf: { ...key.kdf, params: { ...key.kdf.params, ...change } } }));
  const rows: readonly (readonly [string, string | Buffer, string])[] = [
    ['an empty file', '', 'trust/not-a-private-key'],
    ['a public key', spki, 'trust/not-a-private-key'],
    ['a private key that is not encrypted', pkcs8, 'trust/plain-key'],
    ['a file cut off in the middle', whole.subarray(0, whole.length / 2), 'trust/broken-key'],
    ['a file without its end', whole.subarray(0, whole.length - 40), 'trust/broken-key'],
    ['two keys', Buffer.concat([whole, whole]), 'trust/several-keys'],
    ['64 KiB and more', Buffer.concat([whole, Buffer.alloc(70_000, ' ')]), 'trust/broken-key'],
    ['no JSON', pem('ENCRYPTED SIGSTORE PRIVATE KEY', 'no'), 'trust/broken-key'],
    ['a huge cost', params({ N: 2 ** 30 }), 'trust/refused-encryption'],
    ['a cost that is no power of two', params({ N: 65_537 }), 'trust/refused-encryption'],
    ['a tiny cost', params({ N: 2 }), 'trust/refused-encryption'],
    ['a huge block size', params({ r: 2 ** 20 }), 'trust/refused-encryption'],
    ['huge parallelism', params({ p: 2 ** 20 }), 'trust/refused-encryption'],
    [
      'another derivation',
      cosignKey(p256.privateKey, (key) => ({ ...key, kdf: { ...key.kdf, name: 'pbkdf2' } })),
      'trust/refused-encryption',
    ],
    [
      'another cipher',
      cosignKey(p256.privateKey, (key) => ({ ...key, cipher: { ...key.cipher, name: 'aes' } })),
      'trust/refused-encryption',
    ],
    [
      'a short salt',
      cosignKey(p256.privateKey, (key) => ({ ...key, kdf: { ...key.kdf, salt: 'AAAA' } })),
      'trust/broken-key',
    ],
    ['no ciphertext', cosignKey(p256.privateKey, (key) => ({ ...key, ciphertext: '' })), 'trust/broken-key'],
  ];
  for (const [name, content, code] of rows) {
    const open = openPrivateKey(Buffer.from(content), 'a.key', async () => assert.fail('nobody is asked'));
    await assert.rejects(open, { code }, name);
  }
});

test('a wrong passphrase, and a key that was changed, do not open', async () => {
  const sealed = cosignKey(p256.privateKey);
  await assert.rejects(
    openPrivateKey(sealed, 'a.key', async () => Buffer.from('wrong')),
    { code: 'trust/wrong-passphrase' },
  );
  const changed = cosignKey(p256.privateKey, (key) => {
    const ciphertext = Buffer.from(key.ciphertext, 'base64');
    ciphertext.writeUInt8(ciphertext.readUInt8(30) ^ 1, 30);
    return { ...key, ciphertext: ciphertext.toString('base64') };
  });
  await assert.rejects(openPrivateKey(changed, 'a.key', ask), { code: 'trust/wrong-passphrase' });
});

test('keys that are too weak, or of unknown algorithms, are not used', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rows: readonly (readonly [string, { publicKey: KeyObject; privateKey: KeyObject }, string])[] = [
    ['RSA with 1024 bits', weak, 'trust/weak-key'],
    [
      'RSA with the exponent 3',
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
      'trust/weak-key',
    ],
    ['the curve of Bitcoin', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'trust/unknown-algorithm'],
    ['a small curve', generateKeyPairSync('ec', { namedCurve: 'secp224r1' }), 'trust/weak-key'],
    ['Ed448', generateKeyPairSync('ed448'), 'trust/unknown-algorithm'],
    ['X25519', generateKeyPairSync('x25519'), 'trust/unknown-algorithm'],
    ['DSA', generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }), 'trust/unknown-algorithm'],
  ];
  for (const [name, { publicKey, privateKey }, code] of rows) {
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    assert.throws(() => parsePublicKey(spki, 'a.pub'), { code }, name);
    const pkcs8 = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    assert.throws(() => parsePlainPrivateKey(pkcs8, 'a.pem'), { code }, name);
    await assert.rejects(openPrivateKey(cosignKey(privateKey, undefined, 32_768), 'a.key', ask), { code }, name);
  }
});

test('private keys in the usual forms are imported, and encrypted ones are told how', () => {
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['PKCS #8', p256.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), undefined],
    ['SEC 1', p256.privateKey.export({ format: 'pem', type: 'sec1' }).toString(), undefined],
    [
      'PKCS #8, encrypted',
      p256.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'a' }).toString(),
      'trust/other-encryption',
    ],
    [
      'SEC 1, encrypted',
      p256.privateKey.export({ format: 'pem', type: 'sec1', cipher: 'aes-256-cbc', passphrase: 'a' }).toString(),
      'trust/other-encryption',
    ],
    ['ours', cosignKey(p256.privateKey).toString(), 'trust/already-encrypted'],
    ['a certificate', pem('CERTIFICATE', 'abc').toString(), 'trust/not-a-private-key'],
    ['OpenSSH', pem('OPENSSH PRIVATE KEY', 'abc').toString(), 'trust/not-a-private-key'],
  ];
  for (const [name, text, code] of rows) {
    const parse = () => parsePlainPrivateKey(Buffer.from(text), 'a.pem');
    if (code === undefined) assert.equal(keyHint(parse()), keyHint(p256.publicKey), name);
    else assert.throws(parse, { code }, name);
  }
});

test('public keys are read as PEM and DER, and what is none says what it is', () => {
  const spki = p256.publicKey.export({ format: 'der', type: 'spki' });
  assert.equal(
    keyHint(parsePublicKey(spki, 'a')),
    keyHint(createPrivateKey(p256.privateKey.export({ format: 'pem', type: 'pkcs8' }))),
  );
  const privatePem = Buffer.from(p256.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  assert.throws(() => parsePublicKey(privatePem, 'a'), { code: 'trust/not-a-public-key', message: /private key/ });
  assert.throws(() => parsePublicKey(pem('CERTIFICATE', 'a'), 'a'), {
    code: 'trust/not-a-public-key',
    message: /certificate/,
  });
});

test('readers of keys throw nothing but PlimsollError, whatever the bytes', async () => {
  const whole = cosignKey(p256.privateKey);
  const changed = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255))
    .map(([at, byte]) => Buffer.concat([whole.subarray(0, at), Buffer.from([byte]), whole.subarray(at + 1)]));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(whole.length).map((end) => whole.subarray(0, end)),
        changed,
      ),
      async (bytes) => {
        for (const read of [
          // Without computing scrypt: what is asked for the passphrase has been read.
          () =>
            openPrivateKey(bytes, 'a', async () => Promise.reject(new PlimsollError('test/asked', 'a', { hint: 'b' }))),
          async () => parsePublicKey(bytes, 'a'),
          async () => parsePlainPrivateKey(bytes, 'a'),
        ]) {
          await read().then(
            () => undefined,
            (thrown) => assert.ok(thrown instanceof PlimsollError, String(thrown)),
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});
