/** Provenance from the command line: written in a build, signed, and verified against what somebody expects. */
import assert from 'node:assert/strict';
import { createHash, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore, parseTarget } from '../src/image/index.ts';
import { attest, attestBlob, type Statement, statementBytes } from '../src/trust/index.ts';
import { commit, githubProvenance, npmProvenance, npmPublish } from '../src/trust/provenance/testing.ts';
import { imageNamed, type TestSigner, testSigner } from '../src/trust/testing.ts';
import { newHome, plimsoll, workspace } from './command-line.ts';

const build = testSigner('build');
const registry = testSigner('registry');
const stranger = testSigner('stranger');
for (const [name, { authority }] of Object.entries({ build, registry, stranger })) {
  writeFileSync(`${name}.pub`, pemOf(authority.key));
}

const github = newHome({
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/app',
  GITHUB_WORKFLOW_REF: 'acme/app/.github/workflows/release.yml@refs/tags/v1.2.0',
  GITHUB_REF: 'refs/tags/v1.2.0',
  GITHUB_SHA: commit,
  GITHUB_RUN_ID: '1',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_EVENT_NAME: 'push',
  RUNNER_ENVIRONMENT: 'github-hosted',
});
const described = [
  ...['--source', 'https://git.example/acme/app', '--ref', 'refs/heads/main', '--commit', commit],
  ...['--builder', 'https://ci.example/builders/1'],
];

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

function sealed(statement: Statement, file: string, signer: TestSigner = build): Promise<Buffer> {
  const digest = { sha512: createHash('sha512').update(readFileSync(file)).digest('hex') };
  const payload = statementBytes({ ...statement, subjects: statement.subjects.map((each) => ({ ...each, digest })) });
  return signer.seal({ kind: 'envelope', payloadType: 'application/vnd.in-toto+json', payload });
}

const verify = (artifact: string, ...options: readonly string[]) =>
  plimsoll(['provenance', 'verify', artifact, '--key', 'build.pub', ...options]);

async function image(
  name: string,
  more: object = {},
): Promise<{ target: string; digest: string; attest: (predicate: unknown) => Promise<void> }> {
  const target = `oci:${name}:latest`;
  const options = { env: {}, create: true };
  const { store } = await openStore(await parseTarget(target), options);
  const bytes = Buffer.from(JSON.stringify({ ...imageNamed(name), ...more }));
  const { digest } = await store.putManifest(bytes, 'application/vnd.oci.image.manifest.v1+json', 'latest');
  return {
    target,
    digest,
    attest: async (predicate) => {
      await attest(store, digest, build.seal, { type: 'slsaprovenance1', predicate });
    },
  };
}

test('provenance of a build on GitHub, signed with a key, is verified on the image', async () => {
  const { target, digest, attest } = await image('built');
  const written = await plimsoll(['provenance', 'create', '-o', 'predicate=provenance.json'], github);
  assert.equal(written.code, 0, written.err);
  await attest(JSON.parse(readFileSync('provenance.json', 'utf8')));

  const good = await verify(target, '--source', 'github.com/acme/app', '--tag', 'v1.2.0');
  assert.equal(good.code, 0, good.err + good.out);
  assert.match(good.out, /^VERIFIED {2}oci:built:latest {2}sha256:/);
  assert.match(good.out, /ok +source +built from https:\/\/github\.com\/acme\/app\n/);
  assert.match(good.out, /ok +ref +built from refs\/tags\/v1\.2\.0\n/);

  const json = await verify(target, '--source', 'github.com/acme/app', '-o', 'json');
  const answer = JSON.parse(json.out);
  assert.deepEqual(
    [answer.digest, answer.outcome, answer.provenance.length, answer.provenance[0].signer.name, answer.rejected],
    [digest, 'holds', 1, 'build.pub', []],
  );
});

test('provenance is signed straight onto an image, with the base image that its manifest names', async () => {
  const base = { name: 'docker.io/library/node:22', digest: `sha256:${'cd'.repeat(32)}` };
  const annotations = {
    'org.opencontainers.image.base.name': base.name,
    'org.opencontainers.image.base.digest': base.digest,
  };
  const { target, digest } = await image('signed', { annotations });
  writeFileSync('build.key', build.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const made = await plimsoll(
    ['keys', 'import', 'build.key', 'sealed'],
    newHome({ PLIMSOLL_KEY_PASSPHRASE: 'secret' }),
  );
  assert.equal(made.code, 0, made.err);
  writeFileSync('passphrase', 'secret\n');
  const signing = ['--attest', target, '--key', 'sealed.key', '--passphrase-file', 'passphrase', '--legacy'];
  const written = await plimsoll(['provenance', 'create', ...signing, '-o', 'predicate=attested.json'], github);
  assert.equal(written.code, 0, written.err);
  assert.match(
    written.err,
    new RegExp(`warning: .* what is attested is ${digest}\nattached sha256:\\w+ to ${digest}\n`),
  );
  const [, material] = JSON.parse(readFileSync('attested.json', 'utf8')).buildDefinition.resolvedDependencies;
  assert.deepEqual([material.name, material.digest], ['base image', { sha256: 'cd'.repeat(32) }]);
  const answer = await verify(target, '--source', 'github.com/acme/app', '--tag', 'v1.2.0', '-o', 'json');
  assert.equal(answer.code, 0, answer.err);
  assert.equal(JSON.parse(answer.out).provenance.length, 2, 'as a bundle, and under the legacy tag');

  const keyless = await plimsoll(['provenance', 'create', '--attest', target], github);
  assert.deepEqual([keyless.code, /cli\/nothing-to-sign-with/.test(keyless.err)], [2, true]);
});

test('an image built from something else is not verified, and what cannot be told is not known', async () => {
  const { target, attest } = await image('other');
  const { out } = await plimsoll(['provenance', 'create', ...described]);
  await attest(JSON.parse(out));
  const source = ['--source', 'git.example/acme/app'];
  const cases: readonly [readonly string[], number, RegExp][] = [
    [source, 0, /^VERIFIED/],
    [[...source, '--branch', 'main'], 0, /^VERIFIED/],
    [[...source, '--builder', 'https://ci.example/builders/1'], 0, /^VERIFIED/],
    [[...source, '--builder-pattern', 'https://ci\\.example/.*'], 0, /^VERIFIED/],
    [
      ['--source', 'git.example/acme/ap'],
      1,
      /^NOT VERIFIED[\s\S]*no +source +built from .*, not from git\.example\/acme\/ap/,
    ],
    [[...source, '--branch', 'mai'], 1, /^NOT VERIFIED[\s\S]*no +ref/],
    [[...source, '--tag', 'main'], 1, /^NOT VERIFIED[\s\S]*no +ref/],
    [[...source, '--builder', 'https://ci.example/builders/2'], 1, /^NOT VERIFIED[\s\S]*no +builder/],
    [[...source, '--builder-pattern', 'ci\\.example'], 1, /^NOT VERIFIED[\s\S]*no +builder/],
    [[...source, '--level', '1'], 3, /^NOT KNOWN[\s\S]*\? +level/],
    [[...source, '--level', '2', '--trust-builder', 'https://ci.example/builders/1=2'], 0, /^VERIFIED/],
    [
      [...source, '--level', '3', '--trust-builder', 'https://ci.example/builders/1=2'],
      1,
      /^NOT VERIFIED[\s\S]*no +level/,
    ],
    [[...source, '--package', 'app@1.0.0'], 1, /^NOT VERIFIED[\s\S]*no +package/],
  ];
  for (const [options, code, text] of cases) {
    const answer = await verify(target, ...options);
    assert.equal(answer.code, code, `${options.join(' ')}: ${answer.err}`);
    assert.match(answer.out, text);
  }
});

test('an image without provenance, or with one by somebody else, is not verified', async () => {
  const bare = await image('bare');
  const none = await verify(bare.target, '--source', 'github.com/acme/app');
  assert.equal(none.code, 1);
  assert.match(none.out, /There is no provenance of it by anybody trusted/);

  const { target, attest } = await image('foreign');
  await attest(githubProvenance().predicate);
  const args = ['provenance', 'verify', target, '--key', 'stranger.pub', '--source', 'github.com/acme/app'];
  const other = await plimsoll(args);
  assert.equal(other.code, 1);
  assert.match(other.out, /Not taken into account\n {2}sha256:\w+: The signature is by none of the trusted keys/);
});

test('a file is verified with the attestations beside it, among them npm’s', async () => {
  writeFileSync('app.tgz', 'the package');
  const provenance = await sealed(npmProvenance(), 'app.tgz');
  const published = await sealed(npmPublish(), 'app.tgz', registry);
  const npm = { attestations: [published, provenance].map((bundle) => ({ bundle: JSON.parse(bundle.toString()) })) };
  writeFileSync('npm.json', JSON.stringify(npm));
  writeFileSync('app.jsonl', `${provenance}\n`);
  const source = ['--source', 'github.com/acme/app'];

  const alone = await verify('app.tgz', '--bundle', 'app.jsonl', ...source);
  assert.equal(alone.code, 0, alone.err + alone.out);
  const withNpm = ['--bundle', 'npm.json', '--key', 'registry.pub', '--package', '@acme/app@1.4.3', ...source];
  const both = await verify('app.tgz', ...withNpm);
  assert.equal(both.code, 0, both.err + both.out);
  assert.match(both.out, /ok +package +published at https:\/\/registry\.example as @acme\/app@1\.4\.3/);

  const unvouched = await verify('app.tgz', '--bundle', 'npm.json', ...source);
  assert.equal(unvouched.code, 0);
  assert.match(unvouched.out, /Not taken into account\n {2}npm\.json, no\. 1: The signature is by none/);

  const other = await verify('app.tgz', '--bundle', 'app.jsonl', '--package', '@acme/app@1.4.4', ...source);
  assert.equal(other.code, 1);

  writeFileSync('app.tgz', 'another package');
  const changed = await verify('app.tgz', '--bundle', 'app.jsonl', ...source);
  assert.equal(changed.code, 1);
  assert.match(changed.out, /has no subject that is sha/);
});

test('a publish attestation that contradicts itself or the provenance vouches for nothing', async () => {
  writeFileSync('lib.tgz', 'a library');
  const lines = async (publish: Statement) =>
    `${await sealed(npmProvenance(), 'lib.tgz')}\n${await sealed(publish, 'lib.tgz', registry)}\n`;
  const options = ['--bundle', 'lib.jsonl', '--key', 'registry.pub', '--source', 'github.com/acme/app'];
  writeFileSync('lib.jsonl', await lines(npmPublish({ name: '@evil/app' })));
  const selfish = await verify('lib.tgz', ...options);
  assert.match(
    selfish.out,
    /lib\.jsonl, no\. 2: It says that something was published, and names its subject otherwise/,
  );

  const elsewhere = npmPublish({ name: '@evil/app' });
  const renamed = { ...elsewhere, subjects: [{ name: 'pkg:npm/%40evil/app@1.4.3', digest: {} }] };
  writeFileSync('lib.jsonl', await lines(renamed));
  const contradicting = await verify('lib.tgz', ...options);
  assert.equal(contradicting.code, 1);
  assert.match(contradicting.out, /no +package +published at .* as @evil\/app@1\.4\.3/);
});

test('a statement about files can be signed by anything that signs statements', async () => {
  writeFileSync('tool', 'the tool');
  const { out, code } = await plimsoll(['provenance', 'create', ...described, '--subject', 'tool', '-o', 'statement']);
  assert.equal(code, 0);
  const statement = JSON.parse(out);
  assert.deepEqual(statement.subject, [
    { name: 'tool', digest: { sha256: createHash('sha256').update('the tool').digest('hex') } },
  ]);
  const file = { name: 'tool', digest: `sha256:${statement.subject[0].digest.sha256}` };
  writeFileSync(
    'tool.json',
    await attestBlob([file], build.seal, { type: 'slsaprovenance1', predicate: statement.predicate }),
  );
  assert.equal((await verify('tool', '--bundle', 'tool.json', '--source', 'git.example/acme/app')).code, 0);
});

test('lock files and base images that an SBOM names are what the build was made of', async () => {
  const folder = join(workspace, 'source');
  mkdirSync(folder);
  const lock = JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/lodash': { version: '4.17.21' } } });
  writeFileSync(join(folder, 'package-lock.json'), lock);
  assert.equal((await plimsoll(['sbom', folder, '-o', 'cyclonedx-json=source.json'])).code, 0);
  const digest = `sha256:${'ab'.repeat(32)}`;
  const options = ['--sbom', 'source.json', '--base-image', `node:22@${digest}`];
  const { out, err } = await plimsoll(['provenance', 'create', ...described, ...options, '--source-folder', folder]);
  assert.deepEqual(JSON.parse(out).buildDefinition.resolvedDependencies.slice(1), [
    {
      name: 'base image',
      uri: `pkg:oci/node@${digest}?repository_url=docker.io%2Flibrary%2Fnode&tag=22`,
      digest: { sha256: 'ab'.repeat(32) },
    },
    {
      name: 'package-lock.json',
      uri: 'git+https://git.example/acme/app@refs/heads/main#package-lock.json',
      digest: { sha256: createHash('sha256').update(lock).digest('hex') },
    },
  ]);
  assert.equal(err, '');
  const elsewhere = await plimsoll(['provenance', 'create', ...described, ...options, '--source-folder', 'nowhere']);
  assert.match(elsewhere.err, /warning: package-lock\.json, which the SBOM names, is not in nowhere and is left out/);
});

test('calls that leave something open say what to do', async () => {
  writeFileSync('file', 'a file');
  const { target } = await image('open');
  const source = ['--source', 'github.com/acme/app'];
  const cases: readonly [readonly string[], number, RegExp][] = [
    [['create'], 2, /cli\/no-build/],
    [['create', '--ref', 'refs/heads/main'], 2, /cli\/no-source/],
    [['create', '--source', 'https://git.example/acme/app'], 2, /cli\/no-builder/],
    [['create', ...described, '-o', 'statement'], 2, /cli\/no-subject/],
    [['create', ...described, '--sbom', 'file'], 2, /sbom\/not-json/],
    [['create', ...described, '--lock-file', 'nothing'], 2, /cli\/unreadable-file/],
    [['create', ...described, '--base-image', 'node:22'], 2, /trust\/base-image/],
    [['create', ...described, '--parameter', 'x'], 2, /NAME=VALUE/],
    [['verify', target, '--key', 'build.pub'], 2, /cli\/nothing-expected/],
    [['verify', target, '--key', 'build.pub', '--level', '3'], 2, /cli\/nothing-expected/],
    [['verify', target, ...source, '--tuf-mirror', 'http://127.0.0.1:9'], 2, /trust\/tuf/],
    [['verify', target, '--source', 'git.example/acme/app'], 2, /cli\/nobody-trusted/],
    [['verify', target, '--key', 'file', ...source], 2, /trust\/(?:broken-key|not-a-public-key)/],
    [['verify', target, '--key', 'build.pub', ...source, '--branch', 'a', '--tag', 'b'], 2, /cli\/expected-twice/],
    [['verify', target, '--key', 'build.pub', '--source', 'acme/app'], 2, /trust\/bad-repository/],
    [['verify', 'file', '--key', 'build.pub', ...source], 2, /cli\/no-bundle/],
    [['verify', 'file', '--bundle', 'file', '--key', 'build.pub', ...source], 2, /trust\/bad-bundle/],
    [['verify', target, '--key', 'build.pub', ...source, '--trust-builder', 'x=4'], 2, /ID=LEVEL/],
    [['verify', target, '--key', 'build.pub', ...source, '--level', '4'], 2, /one of: 1, 2, 3/],
  ];
  for (const [args, code, text] of cases) {
    const answer = await plimsoll(['provenance', ...args]);
    assert.equal(answer.code, code, `${args.join(' ')}: ${answer.err}`);
    assert.match(answer.err, text);
  }
});
