import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { saveImage } from './archive-save.ts';
import { copyImage } from './copy.ts';
import { mediaTypes } from './media-type.ts';
import type { ImageStore, StoredManifest } from './store.ts';
import { descriptorOf, json, type TestImage, testImage, testIndex } from './testing-image.ts';
import { startRegistry } from './testing-registry.ts';
import { attachable, digestOf, folder, inRegistry, kinds, newLayout, openNamed, pushAll } from './testing-store.ts';

const amd64 = testImage();
const arm64 = testImage({ platform: { os: 'linux', architecture: 'arm64' }, layers: [{ b: 'b' }] });
const index = testIndex([
  { image: amd64, platform: { os: 'linux', architecture: 'amd64' } },
  { image: arm64, platform: { os: 'linux', architecture: 'arm64' } },
]);

function stored({ bytes, digest, mediaType }: TestImage): StoredManifest {
  return { bytes, digest, mediaType };
}

function sigTag(digest: string, suffix = 'sig'): string {
  return `${digest.replace(':', '-')}.${suffix}`;
}

async function signatureManifest(store: ImageStore, ...words: readonly string[]): Promise<Buffer> {
  const config = await store.putBlob(Buffer.from('{}'));
  const layers = await Promise.all(
    words.map(async (word) => ({
      mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
      ...(await store.putBlob(Buffer.from(word))),
      annotations: { 'dev.cosignproject.cosign/signature': word },
    })),
  );
  return json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...config },
    layers,
  });
}

/** An index of two images with a note on the index, a note on that note, one on an image, and legacy tags of both. */
async function fill(store: ImageStore): Promise<readonly string[]> {
  await pushAll(store, index, '1');
  const note = await attachable(store, index, 'note');
  await store.attach(index, note, mediaTypes.ociManifest);
  const onNote = await attachable(store, { digest: digestOf(note), bytes: note }, 'note on a note');
  await store.attach({ digest: digestOf(note) }, onNote, mediaTypes.ociManifest);
  const onChild = await attachable(store, arm64, 'note on one platform');
  await store.attach(arm64, onChild, mediaTypes.ociManifest);
  await store.putManifest(await signatureManifest(store, 'one', 'two'), mediaTypes.ociManifest, sigTag(index.digest));
  await store.putManifest(await signatureManifest(store, 'three'), mediaTypes.ociManifest, sigTag(amd64.digest, 'att'));
  await store.putManifest(await signatureManifest(store, 'four'), mediaTypes.ociManifest, sigTag(amd64.digest, 'sbom'));
  return [digestOf(note), digestOf(onNote), digestOf(onChild)];
}

async function expectAll(store: ImageStore, [note = '', onNote = '', onChild = '']: readonly string[]): Promise<void> {
  const listed = async (digest: string) => (await store.referrers(digest)).map((each) => each.digest);
  assert.deepEqual(await listed(index.digest), [note]);
  assert.deepEqual(await listed(note), [onNote]);
  assert.deepEqual(await listed(arm64.digest), [onChild]);
  for (const tag of [sigTag(index.digest), sigTag(amd64.digest, 'att'), sigTag(amd64.digest, 'sbom')]) {
    assert.ok((await store.manifest(tag)) !== undefined, tag);
  }
  for (const { digest, bytes } of [amd64, arm64].flatMap(({ blobs }) => blobs)) {
    assert.deepEqual(await store.blob({ digest, size: bytes.length }, bytes.length), bytes);
  }
}

for (const [fromKind, useFrom] of kinds) {
  for (const [toKind, useTo] of kinds) {
    test(`everything of an image gets from ${fromKind} to ${toKind}, and is not sent a second time`, () =>
      useFrom((from) =>
        useTo(async (to, again) => {
          const attached = await fill(from);
          const report = await copyImage(from, stored(index), to, { tag: '2' });
          assert.equal((await to.manifest('2'))?.digest, index.digest);
          await expectAll(await again(), attached);
          assert.deepEqual([report.manifests, report.referrers, report.legacyTags], [3, 3, 3]);
          const second = await copyImage(from, stored(index), await again(), { tag: '2' });
          assert.equal(second.blobs, 0);
          await expectAll(await again(), attached);
        }),
      ));
  }
}

test('what was attached at the destination before stays, under tags as well', () =>
  inRegistry({}, (from) =>
    inRegistry({}, async (to) => {
      const attached = await fill(from);
      await pushAll(to, index, '1');
      const own = await attachable(to, index, 'their own');
      await to.attach(index, own, mediaTypes.ociManifest);
      await to.putManifest(await signatureManifest(to, 'two', 'theirs'), mediaTypes.ociManifest, sigTag(index.digest));
      await copyImage(from, stored(index), to, {});
      const listed = (await to.referrers(index.digest)).map(({ digest }) => digest);
      assert.deepEqual([...listed].sort(), [digestOf(own), attached[0]].sort());
      const merged = JSON.parse((await to.manifest(sigTag(index.digest)))?.bytes.toString() ?? '');
      const words = merged.layers.map((layer: { annotations: object }) => Object.values(layer.annotations)[0]);
      assert.deepEqual(words, ['two', 'theirs', 'one']);
    }),
  ));

test('within one registry blobs are taken over without being sent', async () => {
  await using registry = await startRegistry({ referrers: true });
  const { store: from } = await openNamed(`registry:${registry.host}/team/app:1`);
  const attached = await fill(from);
  const { store: to } = await openNamed(`registry:${registry.host}/other/app:1`);
  const before = registry.requests.length;
  await copyImage(from, stored(index), to, { tag: '1' });
  await expectAll(to, attached);
  const sent = registry.requests
    .slice(before)
    .filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/'));
  assert.deepEqual(sent, []);
});

test('an archive holds all of an image, is the same each time, and gives all of it back', () =>
  inRegistry({ referrers: true }, async (from) => {
    const attached = await fill(from);
    const [one, two] = [join(folder, 'one.tar'), join(folder, 'two.tar')];
    await saveImage(from, stored(index), one, { tag: 'app:1' });
    await saveImage(from, stored(index), two, { tag: 'app:1' });
    assert.ok(readFileSync(one).equals(readFileSync(two)));
    await assert.rejects(saveImage(from, stored(index), one, {}), { code: 'image/file-exists' });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.plimsoll-save')),
      [],
    );
    const archive = await openNamed(`oci-archive:${one}`);
    try {
      assert.equal((await archive.image()).digest, index.digest);
      await expectAll(archive.store, attached);
      await assert.rejects(archive.store.putBlob(Buffer.from('a')), { code: 'image/read-only' });
      const { store: to } = await openNamed(`oci:${newLayout()}`);
      await copyImage(archive.store, await archive.image(), to, { tag: '3' });
      await expectAll(to, attached);
    } finally {
      await archive.close();
    }
  }));

test('an archive that cannot be finished is not there', () =>
  inRegistry({}, async (from, _, registry) => {
    await fill(from);
    const [config] = arm64.blobs;
    registry.blobs.delete(`team/app@${config?.digest}`);
    const path = join(folder, 'unfinished.tar');
    await assert.rejects(saveImage(from, stored(index), path, {}), { code: 'image/blob-missing' });
    assert.equal(existsSync(path), false);
    assert.deepEqual(
      readdirSync(dirname(path)).filter((name) => name.startsWith('.plimsoll-save')),
      [],
    );
  }));

test('layers that lie elsewhere are left where they are', () =>
  inRegistry({}, async (from, _, registry) => {
    const [, layer] = amd64.blobs;
    assert.ok(layer !== undefined);
    const away = { mediaType: layer.mediaType, digest: digestOf(Buffer.from('away')), size: 4 };
    const layers = [descriptorOf(layer), { ...away, urls: ['https://example.com/layer'] }];
    const foreign = testImage({ manifest: { layers } });
    registry.push('team/app', '1', foreign);
    const { store: to } = await openNamed(`oci:${newLayout()}`);
    const report = await copyImage(from, stored(foreign), to, { tag: '1' });
    assert.equal(report.foreign, 1);
    assert.equal(await to.hasBlob(layer.digest), true);
  }));

test('copies that cannot be whole fail, and the tag is not there', async () => {
  const rows: readonly (readonly [
    string,
    string,
    (from: ImageStore, blobs: Map<string, unknown>, manifests: Map<string, unknown>) => Promise<void>,
  ])[] = [
    [
      'a layer is missing',
      'image/blob-missing',
      async (_, blobs) => {
        blobs.delete(`team/app@${amd64.blobs[1]?.digest}`);
      },
    ],
    [
      'an image of the index is missing',
      'image/blob-missing',
      async (_, __, manifests) => {
        manifests.delete(`team/app@${arm64.digest}`);
      },
    ],
    [
      'a referrer that is listed is missing',
      'image/blob-missing',
      async (from, _, manifests) => {
        const note = await attachable(from, index, 'lost');
        await from.attach(index, note, mediaTypes.ociManifest);
        manifests.delete(`team/app@${digestOf(note)}`);
      },
    ],
    [
      'a referrer is an index and an image at once',
      'image/bad-manifest',
      async (from) => {
        const note = JSON.parse((await attachable(from, index, 'both')).toString());
        await from.attach(index, json({ ...note, manifests: [] }), mediaTypes.ociManifest);
      },
    ],
    [
      'a referrer has other layers for some readers',
      'image/bad-manifest',
      async (from) => {
        const note = JSON.parse((await attachable(from, index, 'both')).toString());
        await from.attach(index, json({ ...note, Layers: [] }), mediaTypes.ociManifest);
      },
    ],
  ];
  for (const [name, code, breakIt] of rows) {
    await inRegistry({}, (from, _, registry) =>
      inRegistry({}, async (to) => {
        await fill(from);
        await breakIt(from, registry.blobs, registry.manifests);
        await assert.rejects(copyImage(from, stored(index), to, { tag: '1' }), { code }, name);
        assert.equal(await to.manifest('1'), undefined, name);
      }),
    );
  }
});

test('what is no manifest is not copied', async () => {
  for (const text of ['', '[]', '{"a\n":1}', '{"layers":[],"layers":[]}']) {
    await inRegistry({}, async (store) => {
      const bytes = Buffer.from(text);
      const root = { bytes, digest: digestOf(bytes), mediaType: mediaTypes.ociManifest };
      await assert.rejects(copyImage(store, root, store), { code: 'image/bad-manifest' }, text);
    });
  }
});

test('referrers that attach to one another in a circle are copied once', async () => {
  // Digests rule out true circles; a list that names the image among its own referrers is as near as one gets.
  await inRegistry({}, (from) =>
    inRegistry({}, async (to) => {
      await pushAll(from, amd64, '1');
      await from.putManifest(
        json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [descriptorOf(amd64)] }),
        mediaTypes.ociIndex,
        amd64.digest.replace(':', '-'),
      );
      const report = await copyImage(from, stored(amd64), to, { tag: '1' });
      assert.equal(report.referrers, 0);
    }),
  );
});

test('what is listed elsewhere too, in an index or in the list of another image, stays attached to its image', async () => {
  for (const [kind, use] of kinds) {
    await inRegistry({}, (from) =>
      use(async (to) => {
        await pushAll(from, index);
        const note = await attachable(from, arm64, 'note');
        await from.attach(arm64, note, mediaTypes.ociManifest);
        const listed = { mediaType: mediaTypes.ociManifest, digest: digestOf(note), size: note.length };
        await from.putManifest(
          json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [listed] }),
          mediaTypes.ociIndex,
          amd64.digest.replace(':', '-'),
        );
        const root = json({
          schemaVersion: 2,
          mediaType: mediaTypes.ociIndex,
          manifests: [descriptorOf(amd64), listed, descriptorOf(arm64)],
        });
        await from.putManifest(root, mediaTypes.ociIndex, '1');
        const image = { bytes: root, digest: digestOf(root), mediaType: mediaTypes.ociIndex };
        await copyImage(from, image, to, { tag: '1' });
        const attached = async (digest: string) => (await to.referrers(digest)).map((each) => each.digest);
        assert.deepEqual(await attached(arm64.digest), [listed.digest], kind);
        assert.deepEqual(await attached(amd64.digest), [], kind);
      }),
    );
  }
});

test('one SBOM under the tags of two images gets to both', () =>
  inRegistry({}, (from) =>
    inRegistry({}, async (to) => {
      await pushAll(from, index, '1');
      const sbom = await signatureManifest(from, 'sbom');
      const tags = [amd64, arm64].map(({ digest }) => sigTag(digest, 'sbom'));
      for (const tag of tags) await from.putManifest(sbom, mediaTypes.ociManifest, tag);
      await copyImage(from, stored(index), to, { tag: '1' });
      for (const tag of tags) assert.equal((await to.manifest(tag))?.digest, digestOf(sbom), tag);
    }),
  ));

test('what a signal interrupts leaves no half of a file in a layout', async () => {
  const path = newLayout();
  const program = `
    import { openStore } from ${JSON.stringify(new URL('./open-store.ts', import.meta.url).href)};
    const { store } = await openStore({ kind: 'oci', path: process.argv[1], name: 'a' }, { env: {}, create: true });
    async function* open() {
      yield Buffer.alloc(1000);
      console.log('under way');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    await store.putBlob({ digest: 'sha256:${'0'.repeat(64)}', size: 2000, open });`;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await child.stdout.take(1).toArray();
    const ended = new Promise((resolve) => child.on('exit', (code, by) => resolve(by ?? code)));
    assert.equal(readdirSync(join(path, 'blobs', 'sha256')).length, 1);
    child.kill(signal);
    assert.equal(await ended, signal);
    assert.deepEqual(readdirSync(join(path, 'blobs', 'sha256')), []);
  }
});

test('a layout that was changed on the disk is not copied', async () => {
  const path = newLayout();
  const { store: from } = await openNamed(`oci:${path}`);
  await pushAll(from, amd64, '1');
  const [, layer] = amd64.blobs;
  writeFileSync(join(path, 'blobs', layer?.digest.replace(':', '/') ?? ''), Buffer.alloc(layer?.bytes.length ?? 0));
  const { store: to } = await openNamed(`oci:${newLayout()}`);
  await assert.rejects(copyImage(from, stored(amd64), to, { tag: '1' }), { code: 'image/digest-mismatch' });
  assert.equal(await to.manifest('1'), undefined);
});
