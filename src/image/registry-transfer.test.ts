/** How bytes come from a registry over a real server on loopback: redirects, broken connections, lies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Of } from './digest.ts';
import { type TestImage, testImage } from './testing-image.ts';
import { envFor, layerBytes, openFrom, sample, withRegistry } from './testing-pull.ts';
import { startRegistry, type TestRegistryOptions } from './testing-registry.ts';

/** A layer that is large enough to be sent in several pieces. */
function largeImage(): { readonly large: TestImage; readonly bytes: Buffer } {
  const content = Buffer.alloc(3_000_000, 'x').toString();
  const large = testImage({ layers: [{ big: content }], compression: 'none' });
  return { large, bytes: large.blobs[1]?.bytes ?? Buffer.alloc(0) };
}

test('redirects are followed without taking credentials to another host, within bounds', async () => {
  const elsewhere: (string | undefined)[] = [];
  await using storage = await startRegistry({
    misbehave: ({ authorization }, response) => {
      elsewhere.push(authorization);
      response.end(sample.blobs[1]?.bytes);
      return true;
    },
  });
  const redirectTo = (location: string): TestRegistryOptions => ({
    auth: { kind: 'basic', username: 'user', password: 'pass' },
    misbehave: ({ blob, authorization }, response) => {
      if (blob === undefined || !blob.equals(sample.blobs[1]?.bytes ?? blob) || authorization === undefined)
        return false;
      response.writeHead(307, { location }).end();
      return true;
    },
  });
  await withRegistry(redirectTo(`http://localhost:${storage.port}/blob`), async (registry) => {
    const opened = await openFrom(registry, { env: await envFor(registry.host) });
    assert.equal(sha256Of(await layerBytes(opened)), sample.blobs[1]?.digest);
    assert.deepEqual(elsewhere, [undefined]);
  });
  const refused: [string, RegExp][] = [
    ['http://storage.example.com/blob', /without TLS/],
    ['ftp://127.0.0.1/blob', /ftp:/],
    ['//', /not a URL/],
    ['#again', /more than 5 times/],
    ['http://user:pass@127.0.0.1/', /credentials in it/],
  ];
  for (const [location, message] of refused) {
    await withRegistry(redirectTo(location), async (registry) => {
      const opened = await openFrom(registry, { env: await envFor(registry.host) });
      await assert.rejects(layerBytes(opened), { code: 'image/refused-redirect', message }, location);
    });
  }
});

test('a demand for credentials by the host of a redirect is not met', async () => {
  await using storage = await startRegistry({ auth: { kind: 'basic', username: 'user', password: 'pass' } });
  const misbehave: TestRegistryOptions['misbehave'] = ({ blob }, response) => {
    if (blob === undefined) return false;
    response.writeHead(302, { location: `http://localhost:${storage.port}/v2/` }).end();
    return true;
  };
  await withRegistry({ misbehave }, async (registry) => {
    await assert.rejects(openFrom(registry, { env: await envFor(registry.host) }), { code: 'image/forbidden' });
    assert.ok(storage.requests.length > 0);
    assert.ok(storage.requests.every(({ authorization }) => authorization === undefined));
  });
});

test('a dropped connection is taken up where it broke off, with or without ranges', async () => {
  const { large, bytes } = largeImage();
  for (const ranges of [true, false]) {
    let drops = 0;
    const misbehave: TestRegistryOptions['misbehave'] = ({ blob, range }, response) => {
      if (blob?.length !== bytes.length) return false;
      const start = ranges ? Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0) : 0;
      if (drops++ === 2) {
        const rest = blob.subarray(start);
        if (start > 0) response.setHeader('content-range', `bytes ${start}-${blob.length - 1}/${blob.length}`);
        response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length }).end(rest);
        return true;
      }
      if (start > 0) response.setHeader('content-range', `bytes ${start}-${blob.length - 1}/${blob.length}`);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': blob.length - start });
      response.write(blob.subarray(start, start + 900_000), () => response.destroy());
      return true;
    };
    await withRegistry(
      { misbehave },
      async (registry) => {
        const opened = await openFrom(registry);
        assert.equal(sha256Of(await layerBytes(opened)), large.blobs[1]?.digest);
        assert.equal(drops, 3);
        const resumed = registry.requests.filter(({ range }) => range !== undefined);
        assert.equal(resumed.length, 2);
      },
      large,
    );
  }
});

test('a connection that breaks again and again is given up', async () => {
  const { large, bytes } = largeImage();
  const misbehave: TestRegistryOptions['misbehave'] = ({ blob }, response) => {
    if (blob?.length !== bytes.length) return false;
    response.writeHead(200, { 'content-length': blob.length });
    response.write(blob.subarray(0, 1000), () => response.destroy());
    return true;
  };
  await withRegistry(
    { misbehave },
    async (registry) => {
      const opened = await openFrom(registry);
      await assert.rejects(layerBytes(opened), { code: 'image/connection-lost', kind: 'unavailable' });
      assert.ok(registry.requests.length < 12);
    },
    large,
  );
});

test('a registry that stalls or trickles is given up in bounded time', async () => {
  const { large, bytes } = largeImage();
  const started = performance.now();
  for (const trickles of [false, true]) {
    const misbehave: TestRegistryOptions['misbehave'] = ({ blob }, response) => {
      if (blob?.length !== bytes.length) return false;
      response.writeHead(200, { 'content-length': blob.length });
      response.write('x');
      const timer = trickles ? setInterval(() => response.write('x'), 20) : undefined;
      response.on('close', () => clearInterval(timer));
      return true;
    };
    await withRegistry(
      { misbehave },
      async (registry) => {
        const opened = await openFrom(registry, { patience: { idleMs: 80, backoffMs: 1 } });
        await assert.rejects(layerBytes(opened), { code: 'image/connection-lost', message: /nothing|stall|seconds/ });
      },
      large,
    );
  }
  await withRegistry({ misbehave: ({ path }) => path.includes('/manifests/') }, async (registry) => {
    await assert.rejects(openFrom(registry, { patience: { idleMs: 80, backoffMs: 1 } }), {
      code: 'image/connection-lost',
    });
  });
  assert.ok(performance.now() - started < 5000);
});

test('a registry that lies about length is caught, whichever way it lies', async () => {
  const layer = sample.blobs[1]?.bytes ?? Buffer.alloc(0);
  const lies: [string, Buffer, boolean][] = [
    ['more, said so', Buffer.concat([layer, layer]), true],
    ['less, said so', layer.subarray(1), true],
    ['more, unsaid', Buffer.concat([layer, layer]), false],
  ];
  for (const [name, sent, stated] of lies) {
    const misbehave: TestRegistryOptions['misbehave'] = ({ blob }, response) => {
      if (blob === undefined || !blob.equals(layer)) return false;
      response.writeHead(200, stated ? { 'content-length': sent.length } : { 'transfer-encoding': 'chunked' });
      response.end(sent);
      return true;
    };
    await withRegistry({ misbehave }, async (registry) => {
      const opened = await openFrom(registry);
      await assert.rejects(layerBytes(opened), { code: 'image/length-mismatch', kind: 'input' }, name);
    });
  }
  const endless: TestRegistryOptions['misbehave'] = ({ path }, response) => {
    if (!path.includes('/manifests/')) return false;
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(256 * 1024, ' '), () => setImmediate(more));
    };
    more();
    return true;
  };
  await withRegistry({ misbehave: endless }, async (registry) => {
    await assert.rejects(openFrom(registry), { code: 'image/answer-too-large' });
  });
});

test('a manifest or configuration that is not what its digest says is refused', async () => {
  const other = testImage({ config: { created: 'never' } });
  for (const [path, bytes] of [
    [`manifests/${sample.digest}`, other.bytes],
    [`blobs/${sample.blobs[0]?.digest}`, Buffer.alloc(sample.blobs[0]?.bytes.length ?? 0, ' ')],
  ] as const) {
    const misbehave: TestRegistryOptions['misbehave'] = (request, response) => {
      if (!request.path.endsWith(path)) return false;
      response.end(bytes);
      return true;
    };
    await withRegistry({ misbehave }, async (registry) => {
      await assert.rejects(openFrom(registry, {}, `team/app@${sample.digest}`), {
        code: 'image/digest-mismatch',
        kind: 'input',
      });
    });
  }
  const misbehave: TestRegistryOptions['misbehave'] = ({ path }, response) => {
    if (!path.endsWith('/manifests/1')) return false;
    response.setHeader('docker-content-digest', other.digest).end(sample.bytes);
    return true;
  };
  await withRegistry({ misbehave }, async (registry) => {
    await assert.rejects(openFrom(registry), { code: 'image/digest-mismatch' });
  });
});

test('a registry that is busy is asked again after the pause it names, if that is short', async () => {
  for (const [pause, succeeds] of [
    ['0', true],
    ['3600', false],
    [new Date(Date.now() - 1000).toUTCString(), true],
  ] as const) {
    let refusals = 0;
    const misbehave: TestRegistryOptions['misbehave'] = ({ path }, response) => {
      if (!path.includes('/manifests/') || refusals === 2) return false;
      refusals++;
      response.writeHead(429, { 'retry-after': pause }).end();
      return true;
    };
    await withRegistry({ misbehave }, async (registry) => {
      if (succeeds) assert.equal((await openFrom(registry)).digest, sample.digest);
      else await assert.rejects(openFrom(registry), { code: 'image/rate-limited' });
      assert.equal(refusals, succeeds ? 2 : 1);
    });
  }
});
