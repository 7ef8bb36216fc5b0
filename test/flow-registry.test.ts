/** Images out of a registry on loopback: who may pull, which platform, by which name. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { testImage, testIndex } from '../src/image/testing-image.ts';
import { startRegistry, type TestRegistry, type TestRegistryOptions } from '../src/image/testing-registry.ts';
import { assertPlain, assertRefused, findingsIn, newHome, plimsoll, resultsIn, workspace } from './command-line.ts';
import { sampleDatabase, sampleFindings, sampleImage } from './sample.ts';

let database = '';
before(async () => {
  database = await sampleDatabase();
});

const image = sampleImage();
const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
const index = testIndex(
  platforms.map((platform) => ({
    platform,
    image:
      platform.architecture === 'arm64'
        ? sampleImage({ platform })
        : testImage({ platform, layers: [{ 'etc/hostname': 'other' }] }),
  })),
);

async function startFull(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  registry.push('team/web', '1', image);
  registry.push('team/web', 'zstd', sampleImage({ compression: 'zstd' }));
  registry.push('team/web', 'docker', sampleImage({ docker: true, compression: 'none' }));
  registry.push('team/web', 'latest', index);
  return registry;
}

const scan = (target: string, home = newHome(), ...more: readonly string[]) =>
  plimsoll(['scan', target, '--db', database, '-o', 'json', ...more], home);

/** With a credential file that has `entry` for the registry, where Podman or Docker look for it. */
function homeFor(host: string, entry: object): ReturnType<typeof newHome> {
  const file = join(workspace, `auth-${host.replace(/\W/g, '-')}.json`);
  writeFileSync(file, JSON.stringify({ auths: { [host]: entry } }));
  return newHome({ REGISTRY_AUTH_FILE: file });
}

describe('an image in a registry', () => {
  it('is found by tag, by digest and in every form that layers have', async () => {
    await using registry = await startFull();
    const { host } = registry;
    for (const name of [
      `team/web:1`,
      `team/web@${image.digest}`,
      `team/web:1@${image.digest}`,
      'team/web:zstd',
      'team/web:docker',
    ]) {
      for (const target of [`${host}/${name}`, `registry:${host}/${name}`]) {
        const answer = await scan(target);
        assert.equal(answer.code, 0, answer.err);
        assert.equal(answer.err, '');
        assert.deepEqual(resultsIn(answer.out).map(findingsIn), [sampleFindings], target);
      }
    }
  });

  it('is the one for the platform that was asked for, and the same as in a layout', async () => {
    await using registry = await startFull();
    const [arm] = resultsIn((await scan(`${registry.host}/team/web`, newHome(), '--platform', 'linux/arm64')).out);
    assert.ok(arm?.artifact.kind === 'image');
    assert.deepEqual(findingsIn(arm), sampleFindings);
    assert.deepEqual([arm.artifact.platform, arm.artifact.indexDigest], ['linux/arm64', index.digest]);
    const [amd] = resultsIn((await scan(`${registry.host}/team/web`, newHome(), '--platform', 'linux/amd64')).out);
    assert.deepEqual(amd?.findings, []);
    const other = await scan(`${registry.host}/team/web`, newHome(), '--platform', 'linux/s390x');
    assertRefused(other, 2, /linux\/s390x/);
  });

  it('that is not there is told as that, apart from a registry that is not there', async () => {
    await using registry = await startFull();
    const { host } = registry;
    assertRefused(await scan(`${host}/team/web:2`), 3, /team\/web:2|manifest unknown/);
    await registry[Symbol.asyncDispose]();
    assertRefused(await scan(`${host}/team/web:1`), 3, /cannot be reached: nothing listens there/);
  });
});

describe('a registry that wants to know who asks', () => {
  const password = { username: 'user', password: 'pass' };
  const auth = Buffer.from('user:pass').toString('base64');
  const cases: readonly (readonly [what: string, options: TestRegistryOptions, entry: object | undefined])[] = [
    ['a token for everybody', { auth: { kind: 'token' } }, undefined],
    ['a token for a password', { auth: { kind: 'token', ...password } }, { auth }],
    ['a token for an identity', { auth: { kind: 'token', ...password, identity: 'me' } }, { identitytoken: 'me' }],
    ['a password', { auth: { kind: 'basic', ...password } }, password],
  ];
  for (const [what, options, entry] of cases) {
    it(`gets ${what}`, async () => {
      await using registry = await startFull(options);
      const home = entry === undefined ? newHome() : homeFor(registry.host, entry);
      const answer = await scan(`${registry.host}/team/web:1`, home);
      assert.equal(answer.code, 0, answer.err);
      assert.deepEqual(resultsIn(answer.out).map(findingsIn), [sampleFindings]);
      assert.equal(answer.err, '');
    });
  }

  it('and does not get it, is told so with what to do', async () => {
    for (const kind of ['token', 'basic'] as const) {
      await using registry = await startFull({ auth: { kind, ...password } });
      assertRefused(await scan(`${registry.host}/team/web:1`), 3, /hint: .*log ?in/i);
      const wrong = await scan(
        `${registry.host}/team/web:1`,
        homeFor(registry.host, { ...password, password: 'secret' }),
      );
      assertRefused(wrong, 3, /credentials|401/);
      assert.doesNotMatch(wrong.err, /secret/);
    }
  });

  it('is asked without credentials where their file cannot be read, with a warning', async () => {
    await using registry = await startFull();
    const file = join(workspace, 'broken-auth.json');
    writeFileSync(file, '{');
    const answer = await scan(`${registry.host}/team/web:1`, newHome({ REGISTRY_AUTH_FILE: file }));
    assertPlain(answer);
    assert.equal(answer.code, 0);
    assert.match(answer.err, /^warning: .*broken-auth\.json cannot be read/);
    assert.deepEqual(resultsIn(answer.out).map(findingsIn), [sampleFindings]);
  });
});
