import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from './image.ts';
import { mediaTypes } from './media-type.ts';
import { platformIn } from './platform-in.ts';
import { parseTarget } from './target.ts';
import { descriptorOf, json, type TestImage, testBlob, testImage, testIndex } from './testing-image.ts';
import { home } from './testing-pull.ts';
import { newLayout, openNamed, pushAll } from './testing-store.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const listed = testImage();
const other = testImage({ layers: [{ other: 'image' }] });
const arm64 = testImage({ platform: { os: 'linux', architecture: 'arm64' } });

function indexOf(manifests: readonly object[], held: readonly TestImage[]): TestImage {
  const bytes = json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  return { ...testBlob(mediaTypes.ociIndex, bytes), blobs: [], manifests: held };
}

test('what is verified for a platform is what is read for it, however an index leads there', async () => {
  const inner = testIndex([{ image: other, platform: amd64 }]);
  const entry = { ...descriptorOf(listed), platform: amd64 };
  const rows: readonly (readonly [string, TestImage, TestImage])[] = [
    ['an image', listed, listed],
    [
      'an index',
      indexOf([{ ...descriptorOf(arm64), platform: { os: 'linux', architecture: 'arm64' } }, entry], [arm64, listed]),
      listed,
    ],
    ['an index in it comes first', indexOf([descriptorOf(inner), entry], [inner, listed]), other],
    [
      'and says that it is for the platform',
      indexOf([{ ...descriptorOf(inner), platform: amd64 }, entry], [inner, listed]),
      other,
    ],
    ['an image without a platform comes first', indexOf([descriptorOf(other), entry], [other, listed]), other],
  ];
  for (const [name, root, expected] of rows) {
    const path = newLayout();
    const { store } = await openNamed(`oci:${path}`);
    await pushAll(store, root, '1');
    const opened = await openNamed(`oci:${path}:1`);
    assert.equal(await platformIn(opened.store, await opened.image(), 'linux/amd64'), expected.digest, name);
    const target = await parseTarget(`oci:${path}:1`);
    assert.ok(target.kind === 'oci');
    const image = await openImage(target, { env: { HOME: home }, platform: 'linux/amd64' });
    assert.equal(image.digest, expected.digest, name);
    await image.close();
  }
});

test('an image for another platform is not the one that is asked for', async () => {
  for (const root of [arm64, testIndex([{ image: arm64, platform: { os: 'linux', architecture: 'arm64' } }])]) {
    const { store } = await openNamed(`oci:${newLayout()}`);
    await pushAll(store, root);
    await assert.rejects(platformIn(store, root, 'linux/amd64'), { code: 'image/platform-not-found' });
  }
});
