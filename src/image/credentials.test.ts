import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { findCredentials } from './credentials.ts';
import { parseReference } from './reference.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
});
after(() => rm(root, { recursive: true, force: true }));

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const user = (username: string, password = 'secret') => ({ kind: 'password', username, password });

let homes = 0;
/** A home with credential files, and an environment in which nothing else is found. */
async function home(files: Readonly<Record<string, unknown>>, helpers: Readonly<Record<string, string>> = {}) {
  const folder = join(root, `home${homes++}`);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(helpers)) {
    await writeFile(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, `docker-credential-${name}`), 0o755);
  }
  return { HOME: folder, XDG_RUNTIME_DIR: join(folder, 'run'), PATH: `${bin}:/usr/bin:/bin` };
}

const find = async (reference: string, env: NodeJS.ProcessEnv) => findCredentials(parseReference(reference), env);

test('the longest namespace that Podman lists for an image decides', async () => {
  const env = await home({
    'run/containers/auth.json': {
      auths: {
        'quay.io': auth('host:secret'),
        'quay.io/team': auth('team:secret'),
        'quay.io/team/app': auth('app:secret'),
        'quay.io/te': auth('wrong:secret'),
      },
    },
  });
  assert.deepEqual((await find('quay.io/team/app:1', env)).credentials, user('app'));
  assert.deepEqual((await find('quay.io/team/app/sub', env)).credentials, user('app'));
  assert.deepEqual((await find('quay.io/team/other', env)).credentials, user('team'));
  assert.deepEqual((await find('quay.io/teams/app', env)).credentials, user('host'));
  assert.equal((await find('notquay.io/team/app', env)).credentials, undefined);
  assert.equal((await find('quay.io:5000/team/app', env)).credentials, undefined);
});

test("Docker's entries are found under every name they go by", async () => {
  const env = await home({
    '.docker/config.json': {
      auths: {
        'https://index.docker.io/v1/': auth('hub:pass:with:colons'),
        'https://old.example.com/v1/': auth('old:secret'),
        'registry.example.com:5000': { username: 'plain', password: 'secret' },
        'identity.example.com': { ...auth('ignored:x'), identitytoken: 'refresh' },
        'token.example.com': { registrytoken: 'bearer' },
        'empty.example.com': {},
      },
    },
  });
  assert.deepEqual((await find('alpine', env)).credentials, user('hub', 'pass:with:colons'));
  assert.deepEqual((await find('docker.io/team/app', env)).credentials, user('hub', 'pass:with:colons'));
  assert.deepEqual((await find('old.example.com/app', env)).credentials, user('old'));
  assert.deepEqual((await find('registry.example.com:5000/app', env)).credentials, user('plain'));
  assert.deepEqual((await find('identity.example.com/app', env)).credentials, { kind: 'identity', token: 'refresh' });
  assert.deepEqual((await find('token.example.com/app', env)).credentials, { kind: 'token', token: 'bearer' });
  assert.deepEqual(await find('empty.example.com/app', env), { problems: [] });
});

test('the files are asked in the order of containers-auth.json(5), and the first that knows the registry decides', async () => {
  const entry = (name: string) => ({ auths: { 'quay.io': auth(`${name}:secret`) } });
  const files: Record<string, unknown> = {
    'run/containers/auth.json': entry('runtime'),
    '.config/containers/auth.json': entry('config'),
    '.docker/config.json': entry('docker'),
    'explicit.json': entry('explicit'),
    'elsewhere/config.json': entry('elsewhere'),
  };
  const env = await home(files);
  const name = async (more: NodeJS.ProcessEnv) => (await find('quay.io/a/b', { ...env, ...more })).credentials;
  assert.deepEqual(await name({}), user('runtime'));
  assert.deepEqual(await name({ REGISTRY_AUTH_FILE: join(env.HOME, 'explicit.json') }), user('explicit'));
  assert.deepEqual(await name({ XDG_RUNTIME_DIR: join(env.HOME, 'none') }), user('config'));
  const docker = { XDG_RUNTIME_DIR: join(env.HOME, 'none'), XDG_CONFIG_HOME: join(env.HOME, 'none') };
  assert.deepEqual(await name(docker), user('docker'));
  assert.deepEqual(await name({ ...docker, DOCKER_CONFIG: join(env.HOME, 'elsewhere') }), user('elsewhere'));
});

test('helpers are asked for the registry they are set up for, or for all', async () => {
  const env = await home(
    {
      '.docker/config.json': {
        auths: { 'other.example.com': auth('file:secret'), 'gcr.io': auth('file:secret') },
        credHelpers: { 'gcr.io': 'echo', 'token.example.com': 'token' },
        credsStore: 'store',
      },
    },
    {
      // Answers with what it was asked, so that the test sees it.
      echo: 'read server; [ "$1" = get ] && printf \'{"ServerURL":"x","Username":"echo","Secret":"%s"}\' "$server"',
      token: 'printf \'{"Username":"<token>","Secret":"refresh"}\'',
      store:
        'read server; case "$server" in https://index.docker.io/v1/) printf \'{"Username":"store","Secret":"secret"}\';; *) echo "credentials not found in native keychain"; exit 1;; esac',
    },
  );
  assert.deepEqual((await find('gcr.io/a/b', env)).credentials, user('echo', 'gcr.io'));
  assert.deepEqual((await find('token.example.com/a', env)).credentials, { kind: 'identity', token: 'refresh' });
  assert.deepEqual((await find('alpine', env)).credentials, user('store'));
  assert.deepEqual(await find('other.example.com/a', env), { credentials: user('file'), problems: [] });
  assert.deepEqual(await find('unknown.example.com/a', env), { problems: [] });
});

test('helpers that are missing, fail or talk nonsense are told as problems, without their secrets', async () => {
  const helpers = {
    fails: 'echo oops; exit 3',
    nonsense: 'echo "the secret is hunter2"',
    chatty: 'yes',
    hangs: 'sleep 60; echo late',
  };
  const cases: Record<string, RegExp> = {
    '../../bin/sh': /impossible name/,
    '-flag': /impossible name/,
    absent: /docker-credential-absent is not installed/,
    fails: /docker-credential-fails failed with exit code 3/,
    nonsense: /docker-credential-nonsense answered something/,
    chatty: /took too long or answered too much/,
    hangs: /docker-credential-hangs took too long/,
  };
  for (const [name, problem] of Object.entries(cases)) {
    const env = await home({ '.docker/config.json': { credHelpers: { 'quay.io': name } } }, helpers);
    const { credentials, problems } = await findCredentials(parseReference('quay.io/a/b'), env, 500);
    assert.equal(credentials, undefined, name);
    assert.match(problems.join('\n'), problem, name);
    assert.doesNotMatch(problems.join('\n'), /hunter2/);
  }
});

test('credential files that cannot be read are told as problems, without quoting them, and the next file is asked', async () => {
  const broken: Record<string, RegExp> = {
    '{"auths": {"quay.io": {"auth": "c2VjcmV0"': /auth\.json cannot be read: it is not JSON/,
    '[]': /it is not valid/,
    '{"auths": {"quay.io": {"auth": 5}}}': /it is not valid at auths/,
  };
  for (const [content, problem] of Object.entries(broken)) {
    const env = await home({
      'run/containers/auth.json': content,
      '.docker/config.json': { auths: { 'quay.io': auth('docker:secret') } },
    });
    const { credentials, problems } = await find('quay.io/a/b', env);
    assert.deepEqual(credentials, user('docker'));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', problem);
    assert.doesNotMatch(problems[0] ?? '', /c2VjcmV0/);
  }
  const folder = await home({ '.docker/config.json/x': '' });
  assert.match((await find('quay.io/a', folder)).problems[0] ?? '', /no ordinary file/);
});
