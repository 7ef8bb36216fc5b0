import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { limits } from '../limits.ts';
import { sha256Of } from './digest.ts';
import { openImage } from './image.ts';
import { parseTarget } from './target.ts';
import { json, layoutOf, type TestImage, testImage, testIndex, writeFiles } from './testing-image.ts';
import { layerBytes } from './testing-pull.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'plimsoll-test-'));
});
after(() => rm(root, { recursive: true, force: true }));

const image = testImage();
const other = testImage({ layers: [{ other: 'x' }] });
const blobPath = (blob: { readonly digest: string }) => `blobs/${blob.digest.replace(':', '/')}`;

let folders = 0;
const write = (files: ReadonlyMap<string, Buffer>) => writeFiles(join(root, `layout${folders++}`), files);

async function open(text: string, platform?: string) {
  const target = await parseTarget(text);
  assert.ok(target.kind === 'oci');
  return openImage(target, { env: {}, platform });
}

test('the only image of a layout needs no name, and its layers are read in place', async () => {
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    const made = testImage({ compression });
    const folder = await write(layoutOf([{ image: made }]));
    const opened = await open(`oci:${folder}`);
    assert.equal(opened.digest, made.digest);
    assert.equal(opened.layers.length, 2);
    for (const [index, layer] of opened.layers.entries()) {
      assert.equal(sha256Of(await layerBytes(opened, index)), layer.digest);
      assert.equal(layer.mediaType, made.blobs[index + 1]?.mediaType);
    }
  }
});

test('images are chosen by name, in full or by the tag alone, and by digest', async () => {
  const folder = await write(
    layoutOf([
      { image, name: 'web:1' },
      {
        image: other,
        name: 'v2',
        more: {
          annotations: {
            'io.containerd.image.name': 'docker.io/team/app:v2',
            'org.opencontainers.image.ref.name': 'v2',
          },
        },
      },
    ]),
  );
  const cases: [string, TestImage][] = [
    [':web:1', image],
    [':1', image],
    [':docker.io/library/web:1', image],
    [':v2', other],
    [':team/app:v2', other],
    [':docker.io/team/app:v2', other],
    [`@${other.digest}`, other],
    [`@${image.digest}`, image],
  ];
  for (const [selector, expected] of cases)
    assert.equal((await open(`oci:${folder}${selector}`)).digest, expected.digest, selector);
  await assert.rejects(open(`oci:${folder}`), {
    code: 'image/ambiguous-image',
    message: /web:1, docker\.io\/team\/app:v2/,
  });
  for (const missing of [':3', ':web', ':eb:1', ':app', ':2']) {
    await assert.rejects(
      open(`oci:${folder}${missing}`),
      { code: 'image/no-such-image', message: /only web:1, docker/ },
      missing,
    );
  }
  await assert.rejects(open(`oci:${folder}@sha256:${'0'.repeat(64)}`), { code: 'image/blob-missing' });
});

test('several platforms in index.json, or in an index that it names, are one image', async () => {
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
  const images = platforms.map((platform) => testImage({ platform, layers: [{ a: platform.architecture }] }));
  const entries = images.map((made, at) => ({ image: made, more: { platform: platforms[at] } }));
  const flat = await write(layoutOf(entries));
  const index = testIndex(
    images.map((made, at) => ({ image: made, platform: platforms[at] ?? { os: '', architecture: '' } })),
  );
  const nested = await write(layoutOf([{ image: index, name: 'multi' }]));
  for (const [at, platform] of ['linux/amd64', 'linux/arm64'].entries()) {
    assert.equal((await open(`oci:${flat}`, platform)).digest, images[at]?.digest);
    const opened = await open(`oci:${nested}:multi`, platform);
    assert.equal(opened.digest, images[at]?.digest);
    assert.equal(opened.indexDigest, index.digest);
  }
  await assert.rejects(open(`oci:${nested}`, 'linux/s390x'), { code: 'image/platform-not-found' });
});

test('layouts that are incomplete, changed, hostile or none at all are refused with what is wrong', async () => {
  const layout = layoutOf([{ image }]);
  const config = image.blobs[0] ?? image;
  const layer = image.blobs[1] ?? image;
  const without = (path: string) => new Map([...layout].filter(([name]) => name !== path));
  const changed = (path: string, bytes: Buffer) => new Map([...layout, [path, bytes]]);
  const outside = { mediaType: image.mediaType, digest: 'sha256:../../../../etc/passwd', size: 10 };
  const self = {
    mediaType: 'application/vnd.oci.image.index.v1+json',
    digest: sha256Of(Buffer.from('index.json')),
    size: 10,
  };
  const cases: [string, ReadonlyMap<string, Buffer>, string][] = [
    ['no oci-layout', without('oci-layout'), 'image/not-a-layout'],
    ['no index.json', without('index.json'), 'image/not-a-layout'],
    ['unknown version', changed('oci-layout', json({ imageLayoutVersion: '2.0.0' })), 'image/not-a-layout'],
    ['broken oci-layout', changed('oci-layout', Buffer.from('{')), 'image/bad-manifest'],
    ['broken index.json', changed('index.json', Buffer.from('{')), 'image/bad-manifest'],
    ['index.json is a manifest', changed('index.json', image.bytes), 'image/not-a-layout'],
    ['no images', changed('index.json', json({ schemaVersion: 2, manifests: [] })), 'image/no-such-image'],
    [
      'a digest that leads out',
      changed('index.json', json({ schemaVersion: 2, manifests: [outside] })),
      'image/bad-manifest',
    ],
    [
      'an index that is not there',
      changed('index.json', json({ schemaVersion: 2, manifests: [self] })),
      'image/blob-missing',
    ],
    ['huge index.json', changed('index.json', Buffer.alloc(limits.manifestBytes + 1, ' ')), 'image/manifest-too-large'],
    ['no manifest', without(blobPath(image)), 'image/blob-missing'],
    ['no configuration', without(blobPath(config)), 'image/blob-missing'],
    ['no layer', without(blobPath(layer)), 'image/blob-missing'],
    ['changed manifest', changed(blobPath(image), other.bytes), 'image/digest-mismatch'],
    ['changed configuration', changed(blobPath(config), Buffer.from('{}')), 'image/digest-mismatch'],
    ['truncated layer', changed(blobPath(layer), layer.bytes.subarray(1)), 'image/blob-missing'],
  ];
  for (const [name, files, code] of cases) {
    await assert.rejects(open(`oci:${await write(files)}`), { name: 'PlimsollError', code, kind: 'input' }, name);
  }
  await assert.rejects(open(`oci:${join(root, 'nowhere')}`), { code: 'image/not-a-layout' });
});

test('blobs may be symbolic links, but never anything that reading would wait for', async () => {
  const folder = await write(layoutOf([{ image }]));
  const layer = image.blobs[1] ?? image;
  await rm(join(folder, blobPath(layer)));
  await writeFile(join(folder, 'elsewhere'), layer.bytes);
  await symlink(join(folder, 'elsewhere'), join(folder, blobPath(layer)));
  assert.equal(sha256Of(await layerBytes(await open(`oci:${folder}`))), layer.digest);
  await rm(join(folder, blobPath(layer)));
  await symlink('/dev/zero', join(folder, blobPath(layer)));
  await assert.rejects(open(`oci:${folder}`), { code: 'image/blob-missing' });
});

test('a blob that became shorter after it was located is told as that', async () => {
  const folder = await write(layoutOf([{ image }]));
  const opened = await open(`oci:${folder}`);
  await writeFile(join(folder, blobPath(image.blobs[1] ?? image)), 'short');
  await assert.rejects(layerBytes(opened), { code: 'image/length-mismatch' });
  await rm(join(folder, blobPath(image.blobs[1] ?? image)));
  await assert.rejects(layerBytes(opened), { code: 'image/file-unreadable' });
});
