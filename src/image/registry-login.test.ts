/** Credentials and tokens, over a real server on loopback. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256Of } from './digest.ts';
import { envFor, home, layerBytes, openFrom, withRegistry } from './testing-pull.ts';
import { basic } from './testing-registry.ts';

test('basic credentials are sent once they are asked for', async () => {
  await withRegistry({ auth: { kind: 'basic', username: 'user', password: 'pass' } }, async (registry) => {
    const opened = await openFrom(registry, { env: await envFor(registry.host) });
    assert.equal(sha256Of(await layerBytes(opened)), opened.layers[0]?.digest);
    const [first, second] = registry.requests.filter(({ path }) => path.includes('/manifests/'));
    assert.equal(first?.authorization, undefined);
    assert.equal(second?.authorization, basic('user', 'pass'));
    await assert.rejects(openFrom(registry), {
      code: 'image/unauthorized',
      kind: 'unavailable',
      message: /wants credentials/,
    });
    const wrong = await envFor(registry.host, { username: 'user', password: 'wrong' });
    await assert.rejects(openFrom(registry, { env: wrong }), {
      code: 'image/unauthorized',
      message: /does not take the credentials/,
    });
  });
});

test('tokens are fetched with and without credentials, for pulling alone, and used for the layers too', async () => {
  await withRegistry({ auth: { kind: 'token' } }, async (registry) => {
    const opened = await openFrom(registry);
    await layerBytes(opened);
    const tokens = registry.requests.filter(({ path }) => path.startsWith('/token'));
    assert.equal(tokens.length, 1);
    const query = new URL(tokens[0]?.path ?? '', 'http://x').searchParams;
    assert.deepEqual(Object.fromEntries(query), { service: 'test', scope: 'repository:team/app:pull' });
    assert.equal(tokens[0]?.authorization, undefined);
  });
  await withRegistry({ auth: { kind: 'token', username: 'user', password: 'pass' } }, async (registry) => {
    await openFrom(registry, { env: await envFor(registry.host) });
    await assert.rejects(openFrom(registry), { code: 'image/token-refused', kind: 'unavailable', message: /401/ });
  });
  await withRegistry(
    { auth: { kind: 'token', identity: 'refresh', username: 'nobody', password: 'x' } },
    async (registry) => {
      await openFrom(registry, { env: await envFor(registry.host, { identitytoken: 'refresh' }) });
      assert.ok(registry.requests.every(({ path }) => !path.includes('refresh')));
    },
  );
});

test('credentials do not go to a token service on another host, unless the user allowed that host', async () => {
  const realm = (port: number) => `http://localhost:${port}/token`;
  await withRegistry({ auth: { kind: 'token', realm } }, async (registry) => {
    const env = await envFor(registry.host);
    await assert.rejects(openFrom(registry, { env }), {
      code: 'image/foreign-realm',
      kind: 'unavailable',
      message: /not sent to another host/,
      hint: /--allow-realm/,
    });
    assert.ok(registry.requests.every(({ path }) => !path.startsWith('/token')));
    await openFrom(registry, { env, allowRealm: ['localhost'] });
    const asked = registry.requests.length;
    await openFrom(registry);
    assert.ok(registry.requests.slice(asked).every(({ authorization }) => authorization?.startsWith('Basic') !== true));
  });
});

test('a token service without TLS is only taken on loopback, and one that is no URL not at all', async () => {
  const realms: [string, RegExp][] = [
    ['http://auth.example.com/token', /no TLS/],
    ['file:///etc/passwd', /no address/],
    ['token', /no address/],
    ['https://user:pass@127.0.0.1/token', /no address/],
  ];
  for (const [realm, message] of realms) {
    await withRegistry({ auth: { kind: 'token', realm: () => realm } }, async (registry) => {
      await assert.rejects(openFrom(registry), { code: 'image/foreign-realm', message }, realm);
    });
  }
});

test('problems with credential files are warnings while the image can be pulled, and reasons when it cannot', async () => {
  const file = join(home, 'broken.json');
  await writeFile(file, '{');
  const env = { REGISTRY_AUTH_FILE: file, HOME: home };
  await withRegistry({}, async (registry) => {
    assert.match((await openFrom(registry, { env })).warnings.join(), /broken\.json cannot be read/);
  });
  await withRegistry({ auth: { kind: 'basic', username: 'user', password: 'pass' } }, async (registry) => {
    await assert.rejects(openFrom(registry, { env }), {
      code: 'image/unauthorized',
      message: /broken\.json cannot be read/,
    });
  });
});
