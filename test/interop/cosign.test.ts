/** Signatures, statements and keys of cosign 3, which writes both forms: Sigstore bundles, and the older one under tags. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRegistry } from '../../src/image/testing-registry.ts';
import { workspace } from '../command-line.ts';
import { startDistribution } from './distribution.ts';
import { peer } from './peer.ts';
import { call, image, other, ours, oursRefuses, push, release } from './signing.ts';

const registry = peer('docker-registry');
const cosign = peer('cosign');

const predicate = join(workspace, 'predicate.json');
writeFileSync(predicate, '{"bomFormat":"CycloneDX","specVersion":"1.6"}');
const statement = ['--type', 'cyclonedx', '--predicate', predicate];

/** Without any service of Sigstore's. */
const offline = {
  sign: ['--use-signing-config=false', '--tlog-upload=false', '--yes'],
  verify: ['--insecure-ignore-tlog=true'],
};

async function accepts(...args: readonly string[]): Promise<void> {
  const { failed, said } = await call(cosign, ...args);
  assert.equal(failed, false, `${args.join(' ')}: ${said}`);
}

async function refuses(reason: RegExp, ...args: readonly string[]): Promise<void> {
  const { failed, said } = await call(cosign, ...args);
  assert.ok(failed, `${args.join(' ')}: ${said}`);
  assert.match(said, reason);
}

const forms = [
  { form: 'in bundles', flag: '--new-bundle-format=true', written: 'bundle', legacy: [] },
  { form: 'under tags', flag: '--new-bundle-format=false', written: 'legacy', legacy: ['--legacy'] },
];
const registries = [
  {
    kind: 'without the referrers API',
    start: () => startDistribution(registry, mkdtempSync(join(workspace, 'registry-'))),
  },
  { kind: 'with the referrers API', start: () => startRegistry({ referrers: true }) },
];
const cyclonedx = ['verify-attestation', '--type', 'cyclonedx'];

for (const { form, flag, written, legacy } of forms) {
  for (const { kind, start } of registries) {
    test(`cosign verifies what we sign and attest ${form}, and we what it does, in a registry ${kind}`, {
      skip: registry.skip || cosign.skip,
    }, async () => {
      await using server = await start();
      const { host } = server;
      const common = [flag, '--allow-insecure-registry'];
      const verify = (key: string) => ['--key', `${key}.pub`, ...offline.verify, ...common];

      const mine = await push(host, 'team/ours');
      await refuses(/no signatures found/, 'verify', ...verify(release), mine);
      await ours('sign', mine, '--key', `${release}.key`, ...legacy);
      await accepts('verify', ...verify(release), mine);
      await refuses(/no matching/, 'verify', ...verify(other), mine);
      await refuses(/no(ne of the| matching) attestations/, ...cyclonedx, ...verify(release), mine);
      await ours('attest', mine, '--key', `${release}.key`, ...statement, ...legacy);
      await accepts(...cyclonedx, ...verify(release), mine);
      await refuses(/no matching/, ...cyclonedx, ...verify(other), mine);

      const theirs = (await push(host, 'team/theirs')).replace(':1', `@${image.digest}`);
      const sign = ['--key', `${release}.key`, ...offline.sign, ...common];
      await accepts('attest', ...sign, ...statement, theirs);
      await oursRefuses('verify', theirs, '--key', `${release}.pub`);
      await accepts('sign', ...sign, theirs);
      const asked = ['--require-type', 'cyclonedx', '-o', 'json'];
      const { out } = await ours('verify', theirs, '--key', `${release}.pub`, ...asked);
      assert.equal(out.match(new RegExp(`"form": "${written}"`, 'g'))?.length, 2);
      await oursRefuses('verify', theirs, '--key', `${other}.pub`);
      await oursRefuses('verify-attestation', theirs, '--key', `${other}.pub`, '--type', 'cyclonedx');
    });
  }
}

test('each opens the key files of the other', { skip: cosign.skip }, async () => {
  const made = join(workspace, 'made');
  await accepts('generate-key-pair', '--output-key-prefix', made);
  const shown = await call(cosign, 'public-key', '--key', `${release}.key`);
  assert.match(shown.said, new RegExp(readFileSync(`${release}.pub`, 'utf8').trim().replaceAll(/[+/]/g, '\\$&')));
  const file = join(workspace, 'signed-by-made');
  writeFileSync(file, 'text');
  await ours('sign-blob', file, '--key', `${made}.key`);
  await ours('verify-blob', file, '--key', `${made}.pub`);
  await accepts('verify-blob', ...offline.verify, '--key', `${made}.pub`, '--bundle', `${file}.sigstore.json`, file);
});

interface KeyKind {
  readonly generate: () => KeyObject;
  /** What cosign has to be told to verify, whoever signed. */
  readonly hash?: string;
  /** Whether what it signs holds: with Ed25519 it does not verify its own signatures. */
  readonly signs?: false;
}

const kinds: Readonly<Record<string, KeyKind>> = {
  'ECDSA P-256': { generate: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
  'ECDSA P-384': { generate: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, hash: 'sha384' },
  'ECDSA P-521': { generate: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, hash: 'sha512' },
  Ed25519: { generate: () => generateKeyPairSync('ed25519').privateKey, signs: false },
  'RSA 2048': { generate: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey },
};

for (const [name, { generate, hash, signs }] of Object.entries(kinds)) {
  test(`cosign verifies files and statements about them that we sign with ${name}, and we its`, {
    skip: cosign.skip,
  }, async () => {
    const key = join(workspace, name.replaceAll(' ', '-'));
    writeFileSync(`${key}.pem`, generate().export({ type: 'pkcs8', format: 'pem' }));
    await ours('keys', 'import', `${key}.pem`, key);
    const [file, changed] = [`${key}.txt`, `${key}.changed`];
    writeFileSync(file, 'text');
    writeFileSync(changed, 'Text');
    const bundle = ['--bundle', `${key}.sigstore.json`];
    const sign = ['--key', `${key}.key`, ...bundle];
    const verify = ['--key', `${key}.pub`, ...bundle];
    const attested = ['verify-blob-attestation', '--type', 'cyclonedx'];
    const theirs = [
      ...offline.verify,
      ...verify,
      ...(hash === undefined ? [] : ['--signature-digest-algorithm', hash]),
    ];

    await ours('sign-blob', file, ...sign);
    await accepts('verify-blob', ...theirs, file);
    await refuses(/could not verify message/, 'verify-blob', ...theirs, changed);
    await ours('attest-blob', file, ...statement, ...sign);
    await accepts(...attested, ...theirs, file);
    await refuses(/digests do not match/, ...attested, ...theirs, changed);

    if (signs === false) return;
    await accepts('sign-blob', ...offline.sign, ...sign, file);
    await ours('verify-blob', ...verify, file);
    await oursRefuses('verify-blob', ...verify, changed);
    await accepts('attest-blob', ...offline.sign, ...statement, ...sign, file);
    await ours(...attested, ...verify, file);
    await oursRefuses(...attested, ...verify, changed);
  });
}
