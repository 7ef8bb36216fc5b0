/** Images as skopeo and the distribution project's registry write them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type Image, type ImageOptions, openBlob, openImage, parseTarget, readLayer } from '../../src/image/index.ts';
import { layoutOf, testImage, testIndex, writeFiles } from '../../src/image/testing-image.ts';
import { startDistribution } from './distribution.ts';
import { peer } from './peer.ts';

const skopeo = peer('skopeo');
const registry = peer('docker-registry');

const image = testImage({ layers: [{ 'etc/os-release': 'ID=debian\n' }, { 'srv/app.txt': 'app' }] });
const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
const index = testIndex(
  platforms.map((platform) => ({
    platform,
    image: testImage({ platform, layers: [{ arch: platform.architecture }] }),
  })),
);

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-interop-'));
  await writeFiles(join(root, 'source'), layoutOf([{ image, name: 'app:1' }]));
  await writeFiles(join(root, 'index'), layoutOf([{ image: index, name: 'multi' }]));
});
after(() => rm(root, { recursive: true, force: true }));

async function copy(...parameters: readonly string[]): Promise<void> {
  assert.ok(skopeo.path !== undefined);
  await promisify(execFile)(skopeo.path, ['--insecure-policy', 'copy', '--quiet', ...parameters], { cwd: root });
}

async function open(text: string, options: Partial<ImageOptions> = {}): Promise<Image> {
  const target = await parseTarget(text);
  assert.ok(target.kind !== 'dir' && target.kind !== 'file' && target.kind !== 'sbom', target.kind);
  return openImage(target, { env: { HOME: root }, ...options });
}

/** The files of all layers, each layer's digests checked on the way. */
async function pathsIn(opened: Image): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const layer of opened.layers) {
    assert.ok(layer.blob !== undefined);
    await readLayer(await openBlob(layer.blob), layer, (entry) => {
      paths.push(entry.path);
      return undefined;
    });
  }
  await opened.close();
  return paths;
}

const expected = ['etc/os-release', 'srv/app.txt'];

test('what skopeo copies into a layout or an archive is read back whole', { skip: skopeo.skip }, async () => {
  const destinations = ['oci:layout:app:1', 'oci-archive:oci.tar:app:1', 'docker-archive:docker.tar:app:1'];
  for (const destination of destinations) {
    await copy('oci:source:app:1', destination);
    const [scheme = '', file = ''] = destination.split(':');
    const path = join(root, file);
    for (const text of [`${scheme}:${path}`, `${scheme}:${path}:app:1`, path]) {
      const opened = await open(text);
      if (scheme !== 'docker-archive') assert.equal(opened.digest, image.digest);
      assert.equal(opened.platform, 'linux/amd64');
      assert.deepEqual(await pathsIn(opened), expected, text);
    }
  }
  const piped = await open('docker-archive:-', { stdin: createReadStream(join(root, 'docker.tar')) });
  assert.deepEqual(await pathsIn(piped), expected);
});

test('zstd layers and Docker manifests that skopeo makes are read', { skip: skopeo.skip }, async () => {
  await copy('--dest-compress-format', 'zstd', '--dest-compress-level', '3', 'docker-archive:docker.tar', 'oci:zstd:1');
  const opened = await open(`oci:${join(root, 'zstd')}`);
  assert.ok(opened.layers.every(({ mediaType }) => mediaType.endsWith('+zstd')));
  assert.deepEqual(await pathsIn(opened), expected);
});

test('what skopeo pushes to a registry is pulled back, with a password, by tag, digest and platform', {
  skip: skopeo.skip || registry.skip,
}, async () => {
  await using server = await startDistribution(registry, join(root, 'registry'), { user: true });
  const { host } = server;
  const push = ['--dest-tls-verify=false', '--dest-creds', 'user:pass'];
  await copy(...push, 'oci:source:app:1', `docker://${host}/team/app:1`);
  await copy(...push, '--format', 'v2s2', 'oci:source:app:1', `docker://${host}/team/docker:1`);
  await copy(...push, '--all', 'oci:index:multi', `docker://${host}/team/multi:1`);
  const authFile = join(root, 'auth.json');
  const auth = Buffer.from('user:pass').toString('base64');
  await writeFile(authFile, JSON.stringify({ auths: { [`${host}/team`]: { auth } } }));
  const env = { HOME: root, REGISTRY_AUTH_FILE: authFile };

  for (const name of ['team/app:1', `team/app@${image.digest}`, 'team/docker:1']) {
    const opened = await open(`${host}/${name}`, { env });
    if (name.startsWith('team/app')) assert.equal(opened.digest, image.digest);
    assert.deepEqual(opened.labels, { 'org.opencontainers.image.title': 'test' });
    assert.deepEqual(await pathsIn(opened), expected, name);
  }
  for (const { architecture } of platforms) {
    const opened = await open(`registry:${host}/team/multi:1`, { env, platform: `linux/${architecture}` });
    assert.equal(opened.indexDigest, index.digest);
    assert.equal(opened.platform, `linux/${architecture}`);
  }
  await assert.rejects(open(`${host}/team/multi:1`, { env, platform: 'linux/s390x' }), {
    code: 'image/platform-not-found',
  });
  await assert.rejects(open(`${host}/team/app:2`, { env }), { code: 'image/not-found' });
  await assert.rejects(open(`${host}/team/app:1`), { code: 'image/unauthorized' });
});
