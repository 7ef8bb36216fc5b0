/** Signatures in the distribution project's registry, and those of skopeo and podman, which share one library for them (containers/image). */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { workspace } from '../command-line.ts';
import { startDistribution } from './distribution.ts';
import { type Peer, peer } from './peer.ts';
import { call, other, ours, oursRefuses, push, release } from './signing.ts';

const registry = peer('docker-registry');

const policy = join(workspace, 'policy.json');
const anything = join(workspace, 'anything.json');
const passphraseFile = join(workspace, 'passphrase');
const signing = ['--sign-by-sigstore-private-key', `${release}.key`, '--sign-passphrase-file', passphraseFile];

before(() => {
  const settings = join(workspace, '.config', 'containers', 'registries.d');
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'default.yaml'), 'default-docker:\n  use-sigstore-attachments: true\n');
  const keyPath = `${release}.pub`;
  const requirement = { type: 'sigstoreSigned', keyPath, signedIdentity: { type: 'matchRepository' } };
  writeFileSync(policy, JSON.stringify({ default: [requirement] }));
  writeFileSync(anything, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  writeFileSync(passphraseFile, 'secret');
});

test('a registry without the referrers API keeps what several signers attach at once', {
  skip: registry.skip,
}, async () => {
  await using server = await startDistribution(registry, join(workspace, 'one'));
  const target = await push(server.host, 'team/app', 'index');
  await Promise.all(
    [release, release, other, other].map((key) => ours('sign', target, '--key', `${key}.key`, '--legacy')),
  );
  const keys = ['--key', `${release}.pub`, '--key', `${other}.pub`];
  const tree = await ours('tree', target, '-o', 'json', ...keys);
  // Of the index and of its image: four bundles and four legacy signatures each.
  assert.equal(tree.out.match(/"verified": \[/g)?.length, 16);
  const copied = await push(server.host, 'prod/app');
  await ours('copy', target, copied);
  const again = await ours('tree', copied, '-o', 'json', ...keys);
  assert.equal(again.out.match(/"verified": \[/g)?.length, 16);
});

interface Program extends Pick<Peer, 'skip'> {
  /** Fetches an image if the policy allows it. */
  readonly pull: (from: string, policy: string) => ReturnType<typeof call>;
  /** Signs an image that was fetched from `from`, for `to`. */
  readonly sign: (from: string, to: string) => ReturnType<typeof call>;
}

function skopeo(): Program {
  const program = peer('skopeo');
  const copy = (rules: string, ...args: readonly string[]) =>
    call(program, '--policy', rules, 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', ...args);
  return {
    skip: program.skip,
    pull: (from, rules) => copy(rules, `docker://${from}`, `dir:${join(workspace, 'pulled')}`),
    sign: (from, to) => copy(anything, ...signing, `docker://${from}`, `docker://${to}`),
  };
}

function podman(): Program {
  const program = peer('podman');
  const [root, runroot] = [join(workspace, 'storage'), join(workspace, 'run')];
  const run = (command: string, ...args: readonly string[]) =>
    call(program, '--storage-driver=vfs', '--root', root, '--runroot', runroot, command, '--tls-verify=false', ...args);
  return {
    skip: process.platform === 'linux' ? program.skip : 'podman keeps images in a machine of its own here',
    pull: (from, rules) => run('pull', '--signature-policy', rules, from),
    sign: (from, to) => run('push', ...signing, from, `docker://${to}`),
  };
}

for (const [name, program] of Object.entries({ skopeo: skopeo(), podman: podman() })) {
  test(`${name} takes what we signed and refuses what we did not; what it signs we verify`, {
    skip: registry.skip || program.skip,
  }, async (context) => {
    await using server = await startDistribution(registry, join(workspace, `for-${name}`));
    const { host } = server;
    const signed = await push(host, 'team/signed');
    const unsigned = await push(host, 'team/unsigned');
    const byAnother = await push(host, 'team/another');
    await ours('sign', signed, '--key', `${release}.key`, '--legacy');
    await ours('sign', byAnother, '--key', `${other}.key`, '--legacy');
    const first = await program.pull(signed, policy);
    // Debian's change to both. skopeo cannot be had from the Go module proxy: a podman from there, which .ci/run
    // builds, speaks for the library of both.
    const demanded = name === 'podman' && process.env['PLIMSOLL_REQUIRE_PEERS'] === '1';
    if (first.said.includes('sigstore disabled') && !demanded) {
      return context.skip(`this ${name} is built with Sigstore switched off, as Debian\u2019s is`);
    }
    assert.equal(first.failed, false, first.said);
    assert.match((await program.pull(unsigned, policy)).said, /A signature was required, but no signature exists/);
    assert.match((await program.pull(byAnother, policy)).said, /Source image rejected/);

    const theirs = `${host}/team/theirs:1`;
    assert.equal((await program.pull(unsigned, anything)).failed, false);
    const copied = await program.sign(unsigned, theirs);
    assert.equal(copied.failed, false, copied.said);
    await ours('verify', theirs, '--key', `${release}.pub`);
    await oursRefuses('verify', theirs, '--key', `${other}.pub`);
  });
}
