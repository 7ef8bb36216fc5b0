/** Keys from the command line: made, imported and shown, and never lost. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { keyHint, parsePlainPrivateKey, sealPrivateKey } from '../src/trust/index.ts';
import { assertRefused, newHome, plimsoll, plimsollProcess } from './command-line.ts';

const secret = newHome({ PLIMSOLL_KEY_PASSPHRASE: 'secret' });
const nobody = newHome();
writeFileSync('secret.txt', 'secret\n');

const pkcs8 = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

async function fingerprintOf(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await plimsoll(['keys', 'show', ...args, '-o', 'json'], nobody);
  assert.equal(code, 0, err);
  return JSON.parse(out).fingerprint;
}

test('keys create makes a private key for its owner alone, and a public one for everyone', async () => {
  const { code, out, err } = await plimsoll(['keys', 'create', 'release'], secret);
  assert.equal(code, 0, err);
  assert.equal(out, '');
  assert.match(err, /release\.key/);
  assert.deepEqual([modeOf('release.key'), modeOf('release.pub')], ['600', '644']);
  const text = readFileSync('release.key', 'utf8');
  assert.match(text, /^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n/);
  const content = JSON.parse(Buffer.from(text.replace(/-----.*-----|\n/g, ''), 'base64').toString());
  assert.deepEqual(content.kdf.params, { N: 65_536, r: 8, p: 1 });
  assert.match(readFileSync('release.pub', 'utf8'), /^-----BEGIN PUBLIC KEY-----\n/);
  const fingerprint = await fingerprintOf('release.pub');
  assert.equal(await fingerprintOf('release.key', '--passphrase-file', 'secret.txt'), fingerprint);
});

test('a key that is there already is never written over, nor half of a pair left', async () => {
  mkdirSync('there');
  for (const [name, file] of [
    ['private', 'private.key'],
    ['public', 'public.pub'],
  ] as const) {
    writeFileSync(`there/${file}`, 'mine');
    assertRefused(await plimsoll(['keys', 'create', `there/${name}`], secret), 2, /There is a file there\/\S+ already/);
    assert.equal(readFileSync(`there/${file}`, 'utf8'), 'mine');
  }
  symlinkSync('elsewhere', 'there/link.key');
  assertRefused(await plimsoll(['keys', 'create', 'there/link'], secret), 2, /There is a file there\/link.key already/);
  assert.deepEqual(readdirSync('there').sort(), ['link.key', 'private.key', 'public.pub']);
  assertRefused(await plimsoll(['keys', 'create', 'no-folder/a'], secret), 2, /cannot be written/);
});

test('where nobody can be asked for the passphrase, no key is made', async () => {
  assertRefused(await plimsollProcess(['keys', 'create', 'unasked'], { env: nobody }), 2, /nobody to ask/);
  assert.equal(existsSync('unasked.key'), false);
  const argument = await plimsoll(['keys', 'create', 'unasked', '--passphrase', 'secret'], nobody);
  assert.equal(argument.code, 2);
  assert.equal(existsSync('unasked.key'), false);
});

test('keys import takes keys in the usual forms and keeps them as keys create does', async () => {
  for (const [name, pair, algorithm] of [
    ['p256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ecdsa-p256'],
    ['ed25519', generateKeyPairSync('ed25519'), 'ed25519'],
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'rsa'],
  ] as const) {
    writeFileSync('old.pem', pkcs8(pair.privateKey));
    const { code, err } = await plimsoll(['keys', 'import', 'old.pem', name], secret);
    assert.equal(code, 0, err);
    const shown = await plimsoll(['keys', 'show', `${name}.key`, '-o', 'json'], secret);
    const facts = JSON.parse(shown.out);
    assert.deepEqual([facts.algorithm, facts.fingerprint], [algorithm, keyHint(pair.publicKey)]);
    assert.equal(modeOf(`${name}.key`), '600');
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const options = { env: secret, stdin: Buffer.from(pkcs8(privateKey)) };
  const piped = await plimsollProcess(['keys', 'import', '-', 'piped'], options);
  assert.equal(piped.code, 0, piped.err);
  assert.equal(await fingerprintOf('piped.pub'), keyHint(publicKey));
});

test('keys that would not be safe, or are none, are not imported', async () => {
  const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    ...{ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'a' },
  });
  for (const [content, says] of [
    [pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), /1024 bits/],
    [pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).privateKey), /too small/],
    [pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), /does not use/],
    [pkcs8(generateKeyPairSync('ed448').privateKey), /does not use/],
    [encrypted, /encrypted in a form that is not read/],
    [readFileSync('release.pub', 'utf8'), /a public key, not a private key/],
    ['nothing', /no PEM file/],
    ['x'.repeat(100_000), /over the limit/],
  ] as const) {
    writeFileSync('bad.pem', content);
    assertRefused(await plimsoll(['keys', 'import', 'bad.pem', 'bad'], secret), 2, says);
  }
  assert.equal(existsSync('bad.key'), false);
  assertRefused(await plimsoll(['keys', 'import', 'release.key', 'bad'], secret), 2, /can be signed with as it is/);
});

test('keys show tells the public key in every form, and what cannot be shown', async () => {
  const table = await plimsoll(['keys', 'show', 'release.pub'], nobody);
  const pem = readFileSync('release.pub', 'utf8');
  assert.match(table.out, /^release\.pub\n {2}algorithm {4}ecdsa-p256\n {2}fingerprint {2}[\w+/]{43}=\n\n/);
  assert.ok(table.out.endsWith(pem));
  assert.equal((await plimsoll(['keys', 'show', 'release.pub', '-o', 'pem'], nobody)).out, pem);
  assert.equal((await plimsoll(['keys', 'show', 'env://KEY', '-o', 'pem'], { ...nobody, KEY: pem })).out, pem);
  const whole = readFileSync('release.key');
  writeFileSync('cut.key', whole.subarray(0, whole.length / 2));
  const sealed = await sealPrivateKey(parsePlainPrivateKey(readFileSync('old.pem'), 'old.pem'), Buffer.from('secret'));
  const label = 'ENCRYPTED SIGSTORE PRIVATE KEY';
  const content = Buffer.from(sealed.replace(/-----.*-----|\n/g, ''), 'base64').toString();
  const huge = Buffer.from(content.replace('"N":65536', '"N":1073741824')).toString('base64');
  writeFileSync('huge.key', `-----BEGIN ${label}-----\n${huge}\n-----END ${label}-----\n`);
  const wrong = newHome({ COSIGN_PASSWORD: 'wrong' });
  for (const [key, env, code, says] of [
    ['release.key', wrong, 2, /The passphrase does not open release\.key/],
    ['cut.key', secret, 2, /cut off or damaged/],
    ['huge.key', secret, 2, /N = 1073741824.* not computed/],
    ['none.pub', secret, 2, /cannot be read/],
    ['env://NONE', secret, 2, /holds no key/],
    ['ftp://a/b', secret, 2, /kept where no key is read from/],
    ['hashivault://a', { ...nobody, VAULT_ADDR: 'http://127.0.0.1:9', VAULT_TOKEN: 'a' }, 3, /cannot be reached/],
  ] as const) {
    assertRefused(await plimsoll(['keys', 'show', key], env), code, says);
  }
});
