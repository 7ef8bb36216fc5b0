/** Signatures that other tools accept, and theirs: skopeo and podman (containers/image), cosign, the distribution project's registry. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { layoutOf, testImage, testIndex, writeFiles } from '../../src/image/testing-image.ts';
import { newHome, plimsoll } from '../command-line.ts';
import { startDistribution } from './distribution.ts';
import { optionalPeer, type Peer, peer } from './peer.ts';

const registry = peer('docker-registry');
const skopeo = peer('skopeo');
const cosign = optionalPeer('cosign');

const root = mkdtempSync(join(tmpdir(), 'plimsoll-interop-'));
after(() => rmSync(root, { recursive: true, force: true }));
const home = newHome({ COSIGN_PASSWORD: 'secret' });
const run = (...args: readonly string[]) => plimsoll(args, home);
const key = join(root, 'release');
const image = testImage();
const index = testIndex([{ image, platform: { os: 'linux', architecture: 'amd64' } }]);
const noSigstore = 'this build of it has Sigstore switched off, as Debian\u2019s has';

before(async () => {
  await run('keys', 'create', key);
  await run('keys', 'create', join(root, 'other'));
  await writeFiles(join(root, 'image'), layoutOf([{ image, name: 'app:1' }]));
  await writeFiles(join(root, 'index'), layoutOf([{ image: index, name: 'app:1' }]));
  mkdirSync(join(root, 'registries.d'));
  writeFileSync(join(root, 'registries.d', 'default.yaml'), 'default-docker:\n  use-sigstore-attachments: true\n');
  writeFileSync(join(root, 'passphrase'), 'secret');
});

async function call({ path }: Peer, ...args: readonly string[]): Promise<{ failed: boolean; said: string }> {
  assert.ok(path !== undefined);
  const env = { ...process.env, COSIGN_PASSWORD: 'secret', HOME: root };
  try {
    const { stdout, stderr } = await promisify(execFile)(path, args, { cwd: root, env });
    return { failed: false, said: `${stdout}${stderr}` };
  } catch (thrown) {
    const said = thrown instanceof Error && 'stderr' in thrown ? String(thrown.stderr) : '';
    return { failed: true, said: `${String(thrown)}${said}` };
  }
}

async function push(host: string, name: string, layout = 'image'): Promise<string> {
  const target = `${host}/${name}`;
  assert.equal((await run('copy', `oci:${join(root, layout)}`, target)).code, 0);
  return target;
}

test('a registry without the referrers API keeps what several signers attach at once', {
  skip: registry.skip,
}, async () => {
  await using server = await startDistribution(registry, join(root, 'one'));
  const target = await push(server.host, 'team/app:1', 'index');
  const signers = ['release', 'other'].flatMap((name) => [name, name]);
  const codes = await Promise.all(
    signers.map(async (name) => (await run('sign', target, '--key', join(root, `${name}.key`), '--legacy')).code),
  );
  assert.deepEqual(codes, [0, 0, 0, 0]);
  const tree = await run('tree', target, '-o', 'json', '--key', `${key}.pub`, '--key', join(root, 'other.pub'));
  // Of the index and of its image: four bundles and four legacy signatures each.
  assert.equal(tree.out.match(/"verified": \[/g)?.length, 16);
  const copied = await push(server.host, 'prod/app:2');
  assert.equal((await run('copy', target, copied)).code, 0);
  const again = await run('tree', copied, '-o', 'json', '--key', `${key}.pub`, '--key', join(root, 'other.pub'));
  assert.equal(again.out.match(/"verified": \[/g)?.length, 16);
});

test('skopeo takes what we signed and refuses what we did not; what it signs we verify', {
  skip: registry.skip || skopeo.skip,
}, async (context) => {
  await using server = await startDistribution(registry, join(root, 'skopeo'));
  const { host } = server;
  const requirement = { type: 'sigstoreSigned', keyPath: `${key}.pub`, signedIdentity: { type: 'matchRepository' } };
  const policy = join(root, 'policy.json');
  writeFileSync(
    policy,
    JSON.stringify({ default: [{ type: 'reject' }], transports: { docker: { [host]: [requirement] } } }),
  );
  const anything = join(root, 'anything.json');
  writeFileSync(anything, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const [signed, unsigned, byAnother] = [
    await push(host, 'team/signed:1'),
    await push(host, 'team/unsigned:1'),
    await push(host, 'team/another:1'),
  ];
  await run('sign', signed, '--key', `${key}.key`, '--legacy');
  await run('sign', byAnother, '--key', join(root, 'other.key'), '--legacy');
  const reading = ['--registries.d', join(root, 'registries.d'), 'copy', '--src-tls-verify=false'];
  const pull = (target: string, to: string) =>
    call(skopeo, '--policy', policy, ...reading, `docker://${target}`, `dir:${join(root, to)}`);
  const first = await pull(signed, 'signed');
  if (/sigstore disabled/i.test(first.said)) return context.skip(noSigstore);
  assert.equal(first.failed, false, first.said);
  assert.equal((await pull(unsigned, 'unsigned')).failed, true);
  assert.equal((await pull(byAnother, 'another')).failed, true);
  const theirs = `${host}/team/theirs:1`;
  const copied = await call(
    skopeo,
    ...['--policy', anything, ...reading, '--dest-tls-verify=false'],
    ...['--sign-by-sigstore-private-key', `${key}.key`, '--sign-passphrase-file', join(root, 'passphrase')],
    ...[`docker://${unsigned}`, `docker://${theirs}`],
  );
  assert.equal(copied.failed, false, copied.said);
  assert.equal((await run('verify', theirs, '--key', `${key}.pub`)).code, 0);
  assert.equal((await run('verify', theirs, '--key', join(root, 'other.pub'))).code, 1);
});

test('cosign 3 verifies what we sign and attest, and we what it does', {
  skip: registry.skip || cosign.skip,
}, async () => {
  await using server = await startDistribution(registry, join(root, 'cosign'));
  const { host } = server;
  const ours = await push(host, 'team/ours:1');
  const verify = ['--key', `${key}.pub`, '--insecure-ignore-tlog=true', '--allow-insecure-registry'];
  assert.equal((await call(cosign, 'verify', ...verify, ours)).failed, true);
  writeFileSync(join(root, 'predicate.json'), '{"bomFormat":"CycloneDX","specVersion":"1.6"}');
  const predicate = ['--type', 'cyclonedx', '--predicate', join(root, 'predicate.json')];
  await run('sign', ours, '--key', `${key}.key`, '--legacy');
  await run('attest', ours, '--key', `${key}.key`, '--legacy', ...predicate);
  const verified = await call(cosign, 'verify', ...verify, ours);
  assert.equal(verified.failed, false, verified.said);
  const stated = await call(cosign, 'verify-attestation', '--type', 'cyclonedx', ...verify, ours);
  assert.equal(stated.failed, false, stated.said);
  const other = ['--key', join(root, 'other.pub'), '--insecure-ignore-tlog=true', '--allow-insecure-registry'];
  assert.equal((await call(cosign, 'verify', ...other, ours)).failed, true);

  const theirs = `${await push(host, 'team/theirs:1')}@${image.digest}`.replace(':1@', '@');
  const offline = ['--use-signing-config=false', '--tlog-upload=false'];
  const sign = ['--key', `${key}.key`, ...offline, '--allow-insecure-registry', '--yes'];
  const signed = await call(cosign, 'sign', ...sign, theirs);
  assert.equal(signed.failed, false, signed.said);
  assert.equal((await call(cosign, 'attest', ...sign, ...predicate, theirs)).failed, false);
  const answer = await run('verify', theirs, '--key', `${key}.pub`, '--require-type', 'cyclonedx');
  assert.equal(answer.code, 0, answer.out);
  assert.equal((await run('verify', theirs, '--key', join(root, 'other.pub'))).code, 1);
});
