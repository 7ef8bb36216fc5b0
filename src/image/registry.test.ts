/** Images from a registry, over a real server on loopback: which image, and what is refused. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { sha256Of } from './digest.ts';
import { openImage } from './image.ts';
import { mediaTypes } from './media-type.ts';
import { parseTarget } from './target.ts';
import { descriptorOf, json, type TestImage, testBlob, testImage, testIndex } from './testing-image.ts';
import { home, layerBytes, openFrom, patience, sample, withRegistry } from './testing-pull.ts';
import { startRegistry, type TestRegistryOptions } from './testing-registry.ts';

test('an image is found by tag and by digest, with its layers, labels, platform and the instructions that made it', async () => {
  await withRegistry({}, async (registry) => {
    for (const name of ['team/app:1', `team/app@${sample.digest}`, `team/app:other@${sample.digest}`]) {
      const opened = await openFrom(registry, {}, name);
      assert.equal(opened.digest, sample.digest);
      assert.equal(opened.indexDigest, undefined);
      assert.equal(opened.platform, 'linux/amd64');
      assert.equal(opened.created, '2026-01-02T03:04:05Z');
      assert.deepEqual(opened.labels, { 'org.opencontainers.image.title': 'test' });
      assert.deepEqual(
        opened.layers.map(({ createdBy }) => createdBy),
        ['COPY file:0 in /', 'COPY file:1 in /'],
      );
      assert.deepEqual(opened.warnings, []);
      assert.equal(opened.reference, `registry:${registry.host}/${name}`);
    }
    const opened = await openFrom(registry);
    for (const [index, layer] of opened.layers.entries()) {
      assert.equal(sha256Of(await layerBytes(opened, index)), layer.digest);
    }
  });
});

test('the platform is chosen from OCI indexes and Docker manifest lists; attestations are no images', async () => {
  for (const docker of [false, true]) {
    const of = (architecture: string, variant?: string) => {
      const platform = { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) };
      return { image: testImage({ docker, platform, layers: [{ a: architecture + variant }] }), platform };
    };
    const entries = [of('amd64'), of('arm64', 'v8'), of('arm', 'v6'), of('arm', 'v7'), of('s390x')];
    const attestation = {
      image: testImage({ layers: [{ b: 'attestation' }] }),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const index = testIndex([...entries, attestation], { docker });
    await withRegistry(
      {},
      async (registry) => {
        const cases: [string, number, string][] = [
          ['linux/amd64', 0, 'linux/amd64'],
          ['linux/arm64', 1, 'linux/arm64/v8'],
          ['linux/arm/v7', 3, 'linux/arm/v7'],
          ['linux/arm/v6', 2, 'linux/arm/v6'],
        ];
        for (const [platform, expected, name] of cases) {
          const opened = await openFrom(registry, { platform });
          assert.equal(opened.digest, entries[expected]?.image.digest, platform);
          assert.equal(opened.indexDigest, index.digest);
          assert.equal(opened.platform, name);
        }
        await assert.rejects(openFrom(registry, { platform: 'windows/amd64' }), {
          code: 'image/platform-not-found',
          message:
            /not there for windows\/amd64, only for linux\/amd64, linux\/arm\/v6, linux\/arm\/v7, linux\/arm64\/v8, linux\/s390x$/,
          kind: 'input',
        });
      },
      index,
    );
  }
});

test('an index whose only image is for another platform gives that one, with a warning, unless a platform was asked for', async () => {
  const platform = { os: 'linux', architecture: 'mips64le' };
  const only = testImage({ platform });
  await withRegistry(
    {},
    async (registry) => {
      const opened = await openFrom(registry);
      assert.equal(opened.digest, only.digest);
      assert.match(opened.warnings.join(), /only for linux\/mips64le/);
      await assert.rejects(openFrom(registry, { platform: 'linux/amd64' }), { code: 'image/platform-not-found' });
    },
    testIndex([{ image: only, platform }]),
  );
  await withRegistry(
    {},
    async (registry) => {
      assert.equal((await openFrom(registry)).platform, 'linux/mips64le');
      await assert.rejects(openFrom(registry, { platform: 'linux/amd64' }), { code: 'image/platform-not-found' });
    },
    only,
  );
});

test('indexes in indexes are read, platforms that only the image tells too, and both are bounded', async () => {
  const inner = testIndex([{ image: sample, platform: { os: 'linux', architecture: 'amd64' } }]);
  const unnamed = testImage({ platform: { os: 'linux', architecture: 's390x' }, layers: [{ c: 'd' }] });
  await withRegistry(
    {},
    async (registry) => {
      assert.equal((await openFrom(registry, { platform: 'linux/amd64' })).digest, sample.digest);
      assert.equal((await openFrom(registry, { platform: 'linux/s390x' })).digest, unnamed.digest);
    },
    testIndex([{ image: inner }, { image: unnamed }]),
  );
  let deep = testIndex([{ image: sample }]);
  for (let depth = 0; depth < 6; depth++) deep = testIndex([{ image: deep }]);
  await withRegistry(
    {},
    async (registry) => {
      await assert.rejects(openFrom(registry), { code: 'image/index-too-deep' });
    },
    deep,
  );
  const many = Array.from({ length: 80 }, (_, at) => ({ image: testImage({ layers: [{ a: `${at}` }] }) }));
  await withRegistry(
    {},
    async (registry) => {
      await assert.rejects(openFrom(registry), { code: 'image/too-many-manifests' });
    },
    testIndex(many),
  );
});

test('an index that names itself is told by its digest', async () => {
  const self = { mediaType: mediaTypes.ociIndex, digest: `sha256:${'0'.repeat(64)}`, size: 100 };
  const cyclic = testIndex([], { index: { manifests: [self] } });
  await using registry = await startRegistry({
    misbehave: ({ path }, response) => {
      if (!path.includes('/manifests/')) return false;
      response.end(cyclic.bytes);
      return true;
    },
  });
  await assert.rejects(openFrom(registry), { code: 'image/digest-mismatch' });
});

test('refusals are told apart, with what the registry says and what to do', async () => {
  const cases: [number, string, RegExp][] = [
    [403, 'image/forbidden', /may not pull/],
    [429, 'image/rate-limited', /Log in/],
    [500, 'image/registry-error', /Try again/],
    [418, 'image/registry-error', /Try again/],
  ];
  for (const [status, code, hint] of cases) {
    const misbehave: TestRegistryOptions['misbehave'] = ({ path }, response) => {
      if (!path.includes('/manifests/')) return false;
      response.writeHead(status).end(json({ errors: [{ code: 'X', message: 'because I say so' }] }));
      return true;
    };
    await withRegistry({ misbehave }, async (registry) => {
      await assert.rejects(
        openFrom(registry),
        { code, hint, kind: 'unavailable', message: /because I say so/ },
        String(status),
      );
    });
  }
  await withRegistry({}, async (registry) => {
    await assert.rejects(openFrom(registry, {}, 'team/app:none'), { code: 'image/not-found', kind: 'unavailable' });
  });
});

test('who named no scheme learns that nothing on disk has the name either', async () => {
  await withRegistry({}, async (registry) => {
    const name = `${registry.host}/team/app:none`;
    const target = await parseTarget(name);
    assert.ok(target.kind === 'registry');
    await assert.rejects(openImage(target, { env: { HOME: home }, patience }), {
      code: 'image/not-found',
      kind: 'unavailable',
      hint: /^No file or folder here is called "[^"]+", so it was looked for in a registry\. Check the name/,
    });
  });
});

test('foreign layers are read where the registry has them, reported where it has not', async () => {
  const present = testBlob(
    'application/vnd.oci.image.layer.nondistributable.v1.tar',
    sample.blobs[1]?.bytes ?? Buffer.alloc(0),
  );
  const absent = {
    ...descriptorOf(present),
    digest: `sha256:${'1'.repeat(64)}`,
    urls: ['http://169.254.169.254/layer'],
  };
  const windows = testImage({ manifest: { layers: [descriptorOf(present), absent] } });
  await withRegistry(
    {},
    async (registry) => {
      const opened = await openFrom(registry);
      assert.equal(opened.layers[0]?.foreign, undefined);
      assert.ok(opened.layers[0]?.blob !== undefined);
      assert.match(opened.layers[1]?.foreign ?? '', /foreign layer/);
      assert.equal(opened.layers[1]?.blob, undefined);
    },
    windows,
  );
});

test('artifacts that are no images, old manifests and layers that do not add up are refused', async () => {
  const cases: [TestImage, string][] = [
    [
      testImage({
        manifest: { config: { ...descriptorOf(sample), mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
      }),
      'image/not-an-image',
    ],
    [testImage({ manifest: { schemaVersion: 1 } }), 'image/old-manifest'],
    [testImage({ config: { rootfs: { type: 'layers', diff_ids: [] } } }), 'image/layers-disagree'],
    [testIndex([]), 'image/not-an-image'],
    [
      testImage({ manifest: { config: { ...descriptorOf(sample), mediaType: mediaTypes.ociConfig, size: 1e12 } } }),
      'image/manifest-too-large',
    ],
  ];
  for (const [pushed, code] of cases) {
    await withRegistry(
      {},
      async (registry) => assert.rejects(openFrom(registry), { code, kind: 'input' }, code),
      pushed,
    );
  }
});

test('plain HTTP is spoken to loopback, and to others only when told', async () => {
  const target = await parseTarget('registry:plain.invalid:5000/team/app');
  assert.ok(target.kind === 'registry');
  const seen: string[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (input) => {
    seen.push(String(input));
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ENOTFOUND' }) });
  };
  try {
    for (const plainHttp of [[], ['plain.invalid'], ['other.invalid']]) {
      await assert.rejects(openImage(target, { env: { HOME: home }, plainHttp, patience }), {
        code: 'image/registry-unreachable',
      });
    }
  } finally {
    globalThis.fetch = original;
  }
  assert.deepEqual(
    seen.map((url) => url.split(':')[0]),
    ['https', 'http', 'https'],
  );
});

test('a registry that is not there, or speaks something else, is told as that', async () => {
  const server = createServer((socket) => socket.resume().end('220 smtp ready\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const openAt = async () => {
    const target = await parseTarget(`registry:127.0.0.1:${port}/a`);
    assert.ok(target.kind === 'registry');
    return openImage(target, { env: { HOME: home }, patience });
  };
  await assert.rejects(openAt(), { code: 'image/connection-lost', kind: 'unavailable' });
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(openAt(), {
    code: 'image/registry-unreachable',
    message: /nothing listens/,
    kind: 'unavailable',
  });
});
