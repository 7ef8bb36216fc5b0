/** How a registry store writes over a real server on loopback: rights, referrals, uploads that break, refusals. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { mediaTypes } from './media-type.ts';
import { openStore } from './open-store.ts';
import type { ImageStore } from './store.ts';
import { parseTarget } from './target.ts';
import { testImage } from './testing-image.ts';
import { envFor, home } from './testing-pull.ts';
import { startRegistry, type TestRegistry, type TestRegistryOptions, type TestRequest } from './testing-registry.ts';
import { digestOf, pushAll } from './testing-store.ts';

const image = testImage();
const patience = { idleMs: 400, backoffMs: 2, settleMs: 20 };

async function storeIn(
  { host }: TestRegistry,
  { env = { HOME: home }, repository = 'team/app' }: { env?: NodeJS.ProcessEnv; repository?: string } = {},
): Promise<ImageStore> {
  const { store } = await openStore(await parseTarget(`registry:${host}/${repository}:1`), { env, patience });
  return store;
}

function isUpload({ method, path }: Pick<TestRequest, 'method' | 'path'>): boolean {
  return method === 'PUT' && path.includes('/blobs/uploads/');
}

function scopesOf({ requests }: TestRegistry): readonly (readonly string[])[] {
  return requests
    .filter(({ path }) => path.startsWith('/token'))
    .map(({ path }) => new URL(path, 'http://registry').searchParams.getAll('scope'));
}

async function intoOneThat(
  misbehave: (request: TestRequest, response: ServerResponse) => boolean,
  use: (store: ImageStore, registry: TestRegistry) => Promise<void>,
  options: TestRegistryOptions = {},
): Promise<void> {
  await using registry = await startRegistry({ ...options, misbehave });
  await use(await storeIn(registry), registry);
}

test('the right to push is asked for once something is written, and for nothing but that repository', async () => {
  await using registry = await startRegistry({ auth: { kind: 'token', username: 'user', password: 'pass' } });
  const env = await envFor(registry.host);
  const store = await storeIn(registry, { env });
  assert.equal(await store.manifest('1'), undefined);
  assert.deepEqual(scopesOf(registry), [['repository:team/app:pull']]);
  await pushAll(store, image, '1');
  assert.deepEqual(scopesOf(registry), [['repository:team/app:pull'], ['repository:team/app:pull,push']]);
});

test('to take a blob over from another repository, the right to read there is asked for, too', async () => {
  await using registry = await startRegistry({ auth: { kind: 'token' } });
  await pushAll(await storeIn(registry), image, '1');
  const [, layer] = image.blobs;
  assert.ok(layer !== undefined);
  const before = scopesOf(registry).length;
  const store = await storeIn(registry, { repository: 'other/app' });
  await store.putBlob({
    digest: layer.digest,
    size: layer.bytes.length,
    open: () => assert.fail('it need not be sent'),
    from: { registry: registry.host, repository: 'team/app' },
  });
  assert.equal(await store.hasBlob(layer.digest), true);
  assert.deepEqual(scopesOf(registry).slice(before), [
    ['repository:other/app:pull,push'],
    ['repository:other/app:pull,push', 'repository:team/app:pull'],
  ]);
});

test('where a blob cannot be taken over, it is sent', async () => {
  const bytes = Buffer.from('a blob');
  for (const status of [202, 400, 403, 404, 405]) {
    const misbehave = ({ path }: TestRequest, response: ServerResponse) => {
      if (!path.includes('mount=') || status === 202) return false;
      response.writeHead(status).end();
      return true;
    };
    await intoOneThat(misbehave, async (store, { host, requests }) => {
      const from = { registry: host, repository: 'team/nothing' };
      await store.putBlob({ digest: digestOf(bytes), size: bytes.length, open: () => inPieces(bytes), from });
      assert.equal(requests.filter(isUpload).length, 1, `${status}`);
    });
  }
});

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 2) yield bytes.subarray(at, at + 2);
}

test('an upload goes where the registry says, and the credentials do not go along', async () => {
  const given: [string, string | undefined][] = [];
  await using storage = await startRegistry({
    misbehave: ({ path, authorization }, response) => {
      given.push([path, authorization]);
      response.writeHead(201).end();
      return true;
    },
  });
  const bytes = Buffer.from('a blob');
  const [digest, encoded] = [digestOf(bytes), encodeURIComponent(digestOf(bytes))];
  const location = `http://localhost:${storage.port}/upload?signature=a%2Fb`;
  for (const referral of ['location', 'redirect']) {
    given.length = 0;
    let held = false;
    await using registry = await startRegistry({
      auth: { kind: 'basic', username: 'user', password: 'pass' },
      misbehave: (request, response) => {
        const { method, path, authorization } = request;
        if (authorization === undefined) return false;
        if (method === 'HEAD') {
          response.writeHead(held ? 200 : 404).end();
          return true;
        }
        if (!path.includes('/blobs/uploads/')) return false;
        if (method === 'POST' && referral === 'redirect') return false;
        held = true;
        response.writeHead(method === 'POST' ? 202 : 307, { location }).end();
        return true;
      },
    });
    const store = await storeIn(registry, { env: await envFor(registry.host) });
    await store.putBlob(bytes);
    const expected = referral === 'location' ? `/upload?signature=a%2Fb&digest=${encoded}` : '/upload?signature=a%2Fb';
    assert.deepEqual(given, [[expected, undefined]], `${referral} of ${digest}`);
  }
});

test('referrals of uploads are held to the rules for redirects', async () => {
  const rows: readonly (readonly [status: number, location: string, message: RegExp])[] = [
    [202, 'http://storage.example.com/upload', /without TLS/],
    [202, 'file:///upload', /file:/],
    [202, 'http://user:pass@127.0.0.1/', /credentials in it/],
    [302, '/v2/team/app/blobs/uploads/again', /would lose what is sent/],
    [307, '#again', /more than 5 times/],
  ];
  for (const [status, location, message] of rows) {
    const misbehave = ({ method, path }: TestRequest, response: ServerResponse) => {
      if (method !== (status === 202 ? 'POST' : 'PUT') || !path.includes('/blobs/uploads/')) return false;
      response.writeHead(status, { location }).end();
      return true;
    };
    await intoOneThat(misbehave, async (store) => {
      await assert.rejects(store.putBlob(Buffer.from('a')), { code: 'image/refused-redirect', message }, location);
    });
  }
  const silent = ({ method }: TestRequest, response: ServerResponse) => {
    if (method !== 'POST') return false;
    response.writeHead(202).end();
    return true;
  };
  await intoOneThat(silent, async (store) => {
    await assert.rejects(store.putBlob(Buffer.from('a')), {
      code: 'image/registry-error',
      message: /did not say where/,
    });
  });
});

test('an upload that breaks off is begun anew, and given up in the end', async () => {
  for (const breaks of [2, 100]) {
    let broken = 0;
    const misbehave = (request: TestRequest, response: ServerResponse) => {
      if (!isUpload(request) || ++broken > breaks) return false;
      response.socket?.destroy();
      return true;
    };
    await intoOneThat(misbehave, async (store, registry) => {
      const bytes = Buffer.alloc(300_000, 'a');
      const put = store.putBlob({ digest: digestOf(bytes), size: bytes.length, open: () => inOne(bytes) });
      if (breaks === 100) await assert.rejects(put, { code: 'image/connection-lost', kind: 'unavailable' });
      else await put;
      const begun = registry.requests.filter(({ method, path }) => method === 'POST' && path.includes('/uploads/'));
      assert.equal(begun.length, breaks === 100 ? 4 : 3);
      assert.equal(await store.hasBlob(digestOf(bytes)), breaks !== 100);
    });
  }
});

async function* inOne(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('a refusal to take something is told with the registry\u2019s own words', async () => {
  const rows: readonly (readonly [number, string])[] = [
    [400, 'image/push-refused'],
    [403, 'image/forbidden'],
    [409, 'image/push-refused'],
    [413, 'image/push-refused'],
    [429, 'image/rate-limited'],
    [500, 'image/registry-error'],
  ];
  for (const [status, code] of rows) {
    const misbehave = ({ method, path }: TestRequest, response: ServerResponse) => {
      if (method !== 'PUT' || !path.includes('/manifests/')) return false;
      response.writeHead(status, { 'retry-after': '60' });
      response.end('{"errors":[{"code":"DENIED","message":"tags are immutable"}]}');
      return true;
    };
    await intoOneThat(misbehave, async (store) => {
      const refused = { code, kind: 'unavailable', message: /tags are immutable/ };
      await assert.rejects(pushAll(store, image, '1'), refused, `${status}`);
    });
  }
});

test('what a registry has instead of what was written is not taken for it', async () => {
  const other = testImage({ layers: [{ other: 'other' }] });
  const answers = (path: RegExp) => (request: TestRequest, response: ServerResponse) => {
    if (request.method !== 'GET' || !path.test(request.path)) return false;
    response.writeHead(200, { 'content-type': mediaTypes.ociManifest }).end(other.bytes);
    return true;
  };
  await intoOneThat(answers(/manifests\/sha256:/), async (store) => {
    await assert.rejects(pushAll(store, image, '1'), { code: 'image/digest-mismatch' });
  });
  await intoOneThat(answers(/manifests\/1$/), async (store) => {
    await assert.rejects(pushAll(store, image, '1'), { code: 'image/not-kept' });
  });
  await intoOneThat(answers(/blobs\/sha256:/), async (store) => {
    const digest = digestOf(Buffer.alloc(other.bytes.length));
    await assert.rejects(store.blob({ digest, size: other.bytes.length }, 1_000_000), {
      code: 'image/digest-mismatch',
    });
  });
});
