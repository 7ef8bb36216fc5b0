import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startSigstore } from '../trust/keyless/testing-sigstore.ts';
import { run } from './policy.ts';
import { loadPolicy, policyFileName, problemsOf } from './policy-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-policy-'));
process.chdir(folder);
after(() => rmSync(folder, { recursive: true, force: true }));

function policy(...args: readonly string[]): Promise<number> {
  return run(args, {
    out: () => {},
    err: () => {},
    env: {},
    interactive: false,
    width: undefined,
    paint: (_, text) => text,
    progress: () => {},
  });
}

test('where there is no policy, the hint says how this command takes one', async () => {
  const start = 'or start one: plimsoll policy init';
  await assert.rejects(policy('check'), {
    code: 'cli/no-policy',
    hint: `Name another (plimsoll policy check FILE), ${start}`,
  });
  assert.throws(() => loadPolicy('missing.yaml'), {
    code: 'cli/no-policy',
    hint: `Name another (--policy FILE), ${start}`,
  });
  writeFileSync(join(folder, policyFileName), 'version: 1\n');
  assert.equal(await policy('check', policyFileName), 0);
  await assert.rejects(policy('check', 'missing.yaml'), { hint: 'Name another: plimsoll policy check FILE' });
});

test('the keys and the trusted root that a policy names are read as a gate reads them, relative to its file', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const sigstore = await startSigstore();
  await sigstore.close();
  mkdirSync('keys/empty', { recursive: true });
  writeFileSync('keys/good.pub', pem);
  writeFileSync('keys/root.json', JSON.stringify(sigstore.trustedRoot));
  writeFileSync('keys/private.pub', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync('keys/broken.pub', 'no key');
  const identity = '{ identity: https://ci.example/app, issuer: https://ci.example }';
  const problemsWith = async (key: string, root = 'root.json') => {
    const problems = await problemsOf(
      `version: 1\ntrust:\n  trustedRoot: ${root}\n  signers:\n    ci: ${identity}\n    release:\n      key: ${key}\n  require: [{ signature: { by: [ci, release] } }]\n`,
      'keys',
    );
    return problems.map(({ level, line, column, path, message }) => `${level} ${line}:${column} ${path}: ${message}`);
  };
  assert.deepEqual(await problemsWith('good.pub'), []);
  assert.deepEqual(await problemsWith(join(folder, 'keys/good.pub')), []);
  assert.deepEqual(await problemsWith(JSON.stringify(pem)), []);
  const cases: readonly (readonly [key: string, says: RegExp])[] = [
    ['none.pub', /^keys\/none\.pub cannot be read: ENOENT/],
    ['empty', /^keys\/empty cannot be read: EISDIR/],
    ['broken.pub', /^broken\.pub is not a public key/],
    ['private.pub', /^private\.pub is a private key/],
    ['root.json', /^root\.json is not a public key/],
    [JSON.stringify('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'), /^this is not a public key/],
  ];
  for (const [key, says] of cases) {
    const [problem = '', ...others] = await problemsWith(key);
    const place = 'error 7:12 trust.signers.release.key: ';
    assert.deepEqual([problem.slice(0, place.length), others], [place, []], key);
    assert.match(problem.slice(place.length), says);
  }
  const [missing, broken, ...others] = await problemsWith('broken.pub', 'none.json');
  assert.match(missing ?? '', /^error 3:16 trust\.trustedRoot: keys\/none\.json cannot be read/);
  assert.match(broken ?? '', /^error 7:12 trust\.signers\.release\.key: broken/);
  assert.deepEqual(others, []);
  assert.match(
    (await problemsWith('good.pub', 'good.pub')).join(),
    /^error 3:16 .*good\.pub cannot be used: it is not JSON$/,
  );
});
