/** Signing, attesting, verifying and copying from the command line: in an OCI layout and in registries, offline and not. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { json, layoutOf, testIndex, writeFiles } from '../src/image/testing-image.ts';
import { startRegistry } from '../src/image/testing-registry.ts';
import { assertPlain, assertRefused, newHome, plimsoll, type Variables } from './command-line.ts';
import { sampleImage } from './sample.ts';

const home = newHome({ COSIGN_PASSWORD: 'secret' });
const run = (...args: readonly string[]) => plimsoll(args, home);

await run('keys', 'create', 'release');
await run('keys', 'create', 'other');

const image = sampleImage();
const arm64 = sampleImage({ platform: { os: 'linux', architecture: 'arm64' } });
const index = testIndex([
  { image, platform: { os: 'linux', architecture: 'amd64' } },
  { image: arm64, platform: { os: 'linux', architecture: 'arm64' } },
]);
let layouts = 0;

async function newLayout(entry = image): Promise<string> {
  const folder = `layout-${++layouts}`;
  mkdirSync(folder);
  await writeFiles(folder, layoutOf([{ image: entry, name: 'app:1' }]));
  return `oci:${folder}`;
}

/** What `verify` says, with its exit code. */
async function verify(target: string, ...options: readonly string[]) {
  const answer = await run('verify', target, '-o', 'json', ...options);
  assertPlain(answer);
  return { code: answer.code, answer: JSON.parse(answer.out) };
}

test('keys are made once, for their owner alone, and are never written over', async () => {
  assert.equal(statSync('release.key').mode & 0o777, 0o600);
  const before = readFileSync('release.key');
  assertRefused(await run('keys', 'create', 'release'), 2, /There is a file release\.key already/);
  assert.ok(readFileSync('release.key').equals(before));
  const shown = await run('keys', 'show', 'release.key', '-o', 'json');
  assert.equal(JSON.parse(shown.out).publicKey, readFileSync('release.pub', 'utf8'));
  assertRefused(await plimsoll(['keys', 'create', 'third'], newHome()), 2, /nobody to ask for the passphrase/);
});

test('an image in a layout is signed and verified, offline, in both forms', async () => {
  const target = await newLayout();
  const signed = await run('sign', target, '--key', 'release.key', '--legacy', '-a', 'build=7');
  assert.equal(signed.code, 0);
  assert.match(signed.err, /warning: .* names no digest/);
  const { code, answer } = await verify(target, '--key', 'release.pub', '-a', 'build=7');
  assert.deepEqual([code, answer.outcome, answer.digest], [0, 'verified', image.digest]);
  assert.deepEqual(
    answer.answers[0].verified.map(({ form }: { form: string }) => form),
    ['bundle', 'legacy'],
  );
  assert.deepEqual((await verify(target, '--key', 'other.pub')).code, 1);
  assert.deepEqual((await verify(target, '--key', 'other.pub', '--key', 'release.pub')).code, 0);
  assert.deepEqual((await verify(target, '--key', 'release.pub', '-a', 'build=8')).code, 1);
  assert.deepEqual((await verify(await newLayout(), '--key', 'release.pub')).code, 1);
});

test('by its short name a type is found under every URI that it stands for, and a URI finds itself alone', async () => {
  const target = await newLayout();
  await run('sign', target, '--key', 'release.key');
  writeFileSync('stated.json', '{}');
  for (const type of ['https://spdx.dev/Document/v2.3', 'https://in-toto.io/attestation/vulns']) {
    await run('attest', target, '--type', type, '--predicate', 'stated.json', '--key', 'release.key');
  }
  const rows: readonly (readonly [string, number])[] = [
    ['spdx', 0],
    ['https://spdx.dev/Document/v2.3', 0],
    ['https://spdx.dev/Document', 1],
    ['vuln', 0],
    ['https://cosign.sigstore.dev/attestation/vuln/v1', 1],
    ['cyclonedx', 1],
  ];
  for (const [type, code] of rows) {
    assert.equal((await verify(target, '--key', 'release.pub', '--require-type', type)).code, code, type);
    const stated = await run('verify-attestation', target, '--key', 'release.pub', '--type', type);
    assert.equal(stated.code, code, type);
  }
});

test('a digest that is named is signed without a warning', async () => {
  const target = `${await newLayout()}@${image.digest}`;
  const signed = await run('sign', target, '--key', 'release.key');
  assert.deepEqual([signed.code, signed.err], [0, '']);
});

test('an index is signed with its images, or alone', async () => {
  const target = await newLayout(index);
  await run('sign', target, '--key', 'release.key');
  for (const digest of [index.digest, image.digest, arm64.digest]) {
    assert.equal((await verify(`${target}@${digest}`, '--key', 'release.pub')).code, 0);
  }
  const alone = await newLayout(index);
  await run('sign', alone, '--key', 'release.key', '--no-recursive');
  assert.equal((await verify(alone, '--key', 'release.pub')).code, 0);
  assert.equal((await verify(`${alone}@${image.digest}`, '--key', 'release.pub')).code, 1);
  const { code, answer } = await verify(alone, '--key', 'release.pub', '--platform', 'linux/arm64');
  assert.deepEqual([code, answer.digest, answer.index], [0, arm64.digest, index.digest]);
  assert.equal(answer.answers[0].verified[0].subject, index.digest);
});

test('statements are attested and required by their type; none of them is a signature', async () => {
  const target = await newLayout();
  writeFileSync('vex.json', '{"@context":"https://openvex.dev/ns"}');
  for (const made of [['--sbom'], ['--scan', '--db', 'starter'], ['--type', 'openvex', '--predicate', 'vex.json']]) {
    const { code, err } = await run('attest', target, '--key', 'release.key', ...made);
    assert.equal(code, 0, err);
  }
  assert.equal((await verify(target, '--key', 'release.pub')).code, 1);
  await run('sign', target, '--key', 'release.key');
  const types = ['--require-type', 'cyclonedx', '--require-type', 'vuln', '--require-type', 'openvex'];
  assert.equal((await verify(target, '--key', 'release.pub', ...types)).code, 0);
  assert.equal((await verify(target, '--key', 'release.pub', '--require-type', 'spdx')).code, 1);
  const sbom = await run(
    'verify-attestation',
    target,
    '--type',
    'cyclonedx',
    '--key',
    'release.pub',
    '-o',
    'statement',
  );
  assert.equal(sbom.code, 0);
  const statement = JSON.parse(sbom.out);
  assert.equal(statement.predicate.bomFormat, 'CycloneDX');
  assert.equal(`sha256:${statement.subject[0].digest.sha256}`, image.digest);
  const scan = await run('verify-attestation', target, '--type', 'vuln', '--key', 'release.pub', '-o', 'statement');
  assert.equal(JSON.parse(scan.out).predicate.scanner.result.format, 'plimsoll-report');
  const none = await run('verify-attestation', target, '--type', 'vuln', '--key', 'other.pub', '-o', 'statement');
  assert.deepEqual([none.code, none.out], [1, '']);
  assert.match(none.err, /NOT VERIFIED/);
});

test('files are signed and attested beside them', async () => {
  writeFileSync('app.tgz', 'archive');
  writeFileSync('predicate.json', '{"a":1}');
  const signed = await run('sign-blob', 'app.tgz', '--key', 'release.key', '--signature', 'app.sig');
  assert.equal(signed.code, 0);
  const check = async (...args: readonly string[]) => (await run(...args)).code;
  assert.equal(await check('verify-blob', 'app.tgz', '--key', 'release.pub'), 0);
  assert.equal(await check('verify-blob', 'app.tgz', '--key', 'release.pub', '--signature', 'app.sig'), 0);
  assert.equal(await check('verify-blob', 'app.tgz', '--key', 'other.pub'), 1);
  assert.equal(await check('verify-blob-attestation', 'app.tgz', '--key', 'release.pub', '--type', 'vuln'), 1);
  const attested = ['--type', 'https://example.com/a', '--predicate', 'predicate.json', '--bundle', 'a.json'];
  assert.equal(await check('attest-blob', 'app.tgz', '--key', 'release.key', ...attested), 0);
  const asked = ['verify-blob-attestation', 'app.tgz', '--bundle', 'a.json', '--key', 'release.pub', '--type'];
  assert.equal(await check(...asked, 'https://example.com/a'), 0);
  assert.equal(await check(...asked, 'https://example.com/b'), 1);
  assert.equal(await check('verify-blob', 'app.tgz', '--bundle', 'a.json', '--key', 'release.pub'), 1);
  writeFileSync('app.tgz', 'changed');
  assert.equal(await check('verify-blob', 'app.tgz', '--key', 'release.pub'), 1);
  assert.equal(await check('verify-blob', 'app.tgz', '--key', 'release.pub', '--signature', 'app.sig'), 1);
  assert.equal(await check(...asked, 'https://example.com/a'), 1);
});

for (const referrers of [true, false]) {
  test(`an image in a registry ${referrers ? 'with' : 'without'} the referrers API is signed, shown, copied, saved and loaded`, async () => {
    await using registry = await startRegistry({ referrers });
    registry.push('team/app', '1', index);
    const target = `${registry.host}/team/app:1`;
    assert.equal((await run('sign', target, '--key', 'release.key', '--legacy')).code, 0);
    assert.equal((await run('attest', target, '--sbom', '--platform', 'linux/arm64', '--key', 'release.key')).code, 0);
    const tree = await run('tree', target);
    assertPlain(tree);
    assert.match(tree.out, /index of 2 images/);
    assert.match(tree.out, /linux\/arm64 .*\n(?:.*\n)*?.*attestation cyclonedx {2}sha256:[0-9a-f]{12} {2}by the key/);
    assert.match(tree.out, /7 attachments\. Who signed is what they claim/);
    const verified = await run('tree', target, '--key', 'release.pub', '-o', 'json');
    assert.equal(verified.out.match(/"verified": \[/g)?.length, 7);
    const doubted = await run('tree', target, '--key', 'other.pub');
    assert.equal(doubted.out.match(/not verified/g)?.length, 7);
    const archive = `app-${referrers}.tar`;
    assert.equal((await run('copy', target, `${registry.host}/prod/app:2`)).code, 0);
    assert.equal((await run('save', `${registry.host}/prod/app:2`, archive)).code, 0);
    assertRefused(await run('save', target, archive), 2, /There is a file/);
    assert.equal((await run('load', archive, `oci:loaded-${referrers}:3`)).code, 0);
    for (const place of [`${registry.host}/prod/app:2`, `oci-archive:${archive}`, `oci:loaded-${referrers}:3`]) {
      const asked = ['--key', 'release.pub', '--platform', 'linux/arm64', '--require-type', 'cyclonedx'];
      const { code, answer } = await verify(place, ...asked);
      assert.equal(code, 0, place);
      assert.equal(answer.answers[0].verified.length, 4, place);
    }
    assertRefused(await run('sign', `oci-archive:${archive}`, '--key', 'release.key'), 2, /nothing can be added to/);
  });
}

test('what a layout of two names holds is not mixed up', async () => {
  const folder = 'several';
  mkdirSync(folder);
  await writeFiles(
    folder,
    layoutOf([
      { image, name: 'a:1' },
      { image: arm64, name: 'b:1' },
    ]),
  );
  await run('sign', `oci:${folder}:a:1`, '--key', 'release.key');
  assert.equal((await verify(`oci:${folder}:a:1`, '--key', 'release.pub')).code, 0);
  assert.equal((await verify(`oci:${folder}:b:1`, '--key', 'release.pub')).code, 1);
  assertRefused(await run('sign', `oci:${folder}`, '--key', 'release.key'), 2, /several images/);
});

const misuse: readonly (readonly [args: readonly string[], code: 2 | 3, says: RegExp, env?: Variables])[] = [
  [['sign', 'oci:layout-1', '--key', 'release.key'], 2, /does not open/, newHome({ COSIGN_PASSWORD: 'wrong' })],
  [['sign', 'oci:layout-1'], 2, /With what to sign is not said/],
  [['sign', 'oci:layout-1', '--key', 'release.pub'], 2, /public key/],
  [['sign', 'oci:layout-1', '--key', 'none.key'], 2, /cannot be read/],
  [['sign', 'oci:layout-1', '--key', 'cut.key'], 2, /cut off or damaged/],
  [['sign', 'oci:layout-1', '--key', 'huge.key'], 2, /N = 1073741824/],
  [['sign', 'oci:layout-1', '--key', 'gcpkms://nonsense'], 2, /names no key/],
  [['sign', '.', '--key', 'release.key'], 2, /no place for signatures/],
  [['sign', 'oci:none', '--key', 'release.key'], 2, /no OCI image layout/],
  [['attest', 'oci:layout-1', '--key', 'release.key'], 2, /has to be said in one way/],
  [
    ['verify-attestation', 'oci:layout-1', '--key', 'release.pub', '--type', 'https://sigstore.dev/cosign/sign/v1'],
    2,
    /that of signatures, which "plimsoll verify" verifies/,
  ],
  [['attest', 'oci:layout-1', '--key', 'release.key', '--sbom', '--scan'], 2, /in one way/],
  [['attest', 'oci:layout-1', '--key', 'release.key', '--type', 'vuln'], 2, /in one way/],
  [['attest', 'oci:layout-1', '--key', 'release.key', '--type', 'vuln', '--predicate', 'release.pub'], 2, /not JSON/],
  [['attest', 'oci:layout-1', '--key', 'release.key', '--type', 'vulns', '--predicate', 'p.json'], 2, /not the type/],
  [['verify', 'oci:layout-1'], 2, /Nobody is trusted/],
  [['verify', 'oci:layout-1', '--key', 'release.key'], 2, /private key/],
  [['verify', 'oci:layout-1', '--key', 'release.pub', '--require-type', 'sbom'], 2, /not the type/],
  [['verify', 'oci:layout-1', '--identity', 'a'], 2, /only one of them is named/],
  [['verify', '127.0.0.1:9/app:1', '--key', 'release.pub'], 3, /127\.0\.0\.1:9/],
  [['tree', 'oci:none'], 2, /no OCI image layout/],
  [['copy', 'oci:layout-1', '127.0.0.1:9/app:1'], 3, /127\.0\.0\.1:9/],
  [['copy', 'oci:layout-1', `oci:new@sha256:${'0'.repeat(64)}`], 2, /names another image/],
  [['load', 'release.pub', 'oci:new'], 2, /./],
];

for (const [args, code, says, env] of misuse) {
  test(`plimsoll ${args.join(' ')} is refused with ${code}`, async () => {
    writeFileSync('p.json', '{}');
    const key = readFileSync('release.key', 'utf8');
    writeFileSync('cut.key', key.slice(0, key.length / 2));
    const [, body = ''] = /KEY-----\n([^-]*)-----/.exec(key) ?? [];
    const content = JSON.parse(Buffer.from(body, 'base64').toString());
    content.kdf.params.N = 2 ** 30;
    const huge = json(content).toString('base64');
    const label = 'ENCRYPTED SIGSTORE PRIVATE KEY';
    writeFileSync('huge.key', `-----BEGIN ${label}-----\n${huge}\n-----END ${label}-----\n`);
    assertRefused(await plimsoll(args, env ?? home), code, says);
  });
}

test('registries that forget, lie or talk without end do not make an image verified', async () => {
  const rows: readonly (readonly [string, Parameters<typeof startRegistry>[0], number, RegExp])[] = [
    ['it forgets manifests', { forgets: (path) => path.includes('/manifests/') }, 3, /does not have it now/],
    ['it forgets blobs', { forgets: (path) => path.includes('/blobs/') }, 3, /does not have it now/],
  ];
  for (const [name, options, code, says] of rows) {
    await using registry = await startRegistry(options);
    registry.push('team/app', '1', image);
    const answer = await run('sign', `${registry.host}/team/app:1`, '--key', 'release.key');
    assert.equal(answer.code, code, name);
    assert.match(answer.err, says, name);
  }
});

test('a list of 100,000 referrers, and one that breaks off, is not known instead of not verified', async () => {
  const entry = { mediaType: image.mediaType, digest: image.digest, size: 1 };
  const bodies = {
    'too long': json({ schemaVersion: 2, mediaType: index.mediaType, manifests: Array(100_000).fill(entry) }),
    'no list': Buffer.from('{"schemaVersion":2,"manifests":[{}]}'),
  };
  for (const [name, body] of Object.entries(bodies)) {
    await using registry = await startRegistry({
      misbehave: ({ path }, response) => {
        if (!path.includes('/referrers/')) return false;
        response.writeHead(200, { 'content-type': 'application/vnd.oci.image.index.v1+json' });
        response.end(body);
        return true;
      },
    });
    registry.push('team/app', '1', image);
    const { code, answer } = await verify(`${registry.host}/team/app:1`, '--key', 'release.pub');
    assert.equal(answer.outcome === 'verified', false, name);
    assert.notEqual(code, 0, name);
    assert.match(JSON.stringify(answer.rejected), /too-many-referrers|bad-index/, name);
  }
});

test('whether a signature holds that is listed and not there is not known, in a layout as in a registry', async () => {
  const target = await newLayout();
  const folder = target.slice('oci:'.length);
  const blobs = () => readdirSync(`${folder}/blobs/sha256`);
  const before = new Set(blobs());
  await run('sign', target, '--key', 'release.key');
  for (const name of blobs().filter((each) => !before.has(each))) {
    const path = `${folder}/blobs/sha256/${name}`;
    const bytes = readFileSync(path);
    rmSync(path);
    const { code, answer } = await verify(target, '--key', 'release.pub');
    const isEmpty = bytes.length === 2;
    assert.deepEqual(
      [code, answer.outcome],
      isEmpty ? [0, 'verified'] : [3, 'unknown'],
      bytes.toString().slice(0, 200),
    );
    writeFileSync(path, bytes);
  }
});

test('a bundle of 200 MB is not read', async () => {
  const target = await newLayout();
  const folder = target.slice('oci:'.length);
  await run('sign', target, '--key', 'release.key');
  const listed = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8'));
  const file = (digest: string) => `${folder}/blobs/${digest.replace(':', '/')}`;
  const referrer = listed.manifests[1];
  const manifest = JSON.parse(readFileSync(file(referrer.digest), 'utf8'));
  manifest.layers[0].size = 200 * 1024 * 1024;
  const bytes = json(manifest);
  const { sha256Of } = await import('../src/image/digest.ts');
  writeFileSync(file(sha256Of(bytes)), bytes);
  listed.manifests[1] = { ...referrer, digest: sha256Of(bytes), size: bytes.length };
  writeFileSync(`${folder}/index.json`, JSON.stringify(listed));
  const { code, answer } = await verify(target, '--key', 'release.pub');
  assert.equal(code, 1);
  assert.match(answer.rejected[0].reason, /200|209715200/);
});
