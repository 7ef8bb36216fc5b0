import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { limits } from '../limits.ts';
import { saveImage } from './archive-save.ts';
import { withLock } from './layout-lock.ts';
import { mediaTypes } from './media-type.ts';
import { descriptorOf, json, testImage, testIndex, writeFiles } from './testing-image.ts';
import { attachable, digestOf, inRegistry, kinds, newLayout, openNamed, pushAll } from './testing-store.ts';

const image = testImage();

for (const [name, use] of kinds) {
  test(`${name} gives back what was stored, by tag and by digest, and nothing else`, () =>
    use(async (store, again) => {
      await pushAll(store, image, '1');
      const other = await again();
      assert.deepEqual((await other.manifest('1'))?.bytes, image.bytes);
      assert.equal((await other.manifest(image.digest))?.digest, image.digest);
      assert.equal(await other.manifest('2'), undefined);
      assert.equal(await other.manifest(digestOf(Buffer.from('none'))), undefined);
      const [config, layer] = image.blobs;
      assert.ok(config !== undefined && layer !== undefined);
      const { digest, bytes } = layer;
      assert.deepEqual(await other.blob({ digest, size: bytes.length }, bytes.length), bytes);
      assert.equal(await other.hasBlob(digest), true);
      assert.equal(await other.hasBlob(digestOf(Buffer.from('none'))), false);
      await assert.rejects(other.blob({ digest, size: bytes.length }, bytes.length - 1), {
        code: 'image/blob-too-large',
      });
      await assert.rejects(other.blob({ digest, size: bytes.length - 1 }, bytes.length), {
        code: 'image/length-mismatch',
      });
      const none = { digest: digestOf(Buffer.from('none')), size: 4 };
      await assert.rejects(other.blob(none, 4), { code: 'image/blob-missing' });
      assert.deepEqual(await other.referrers(image.digest), []);
    }));

  test(`${name} moves a tag, and what is under its old digest stays`, () =>
    use(async (store, again) => {
      const later = testImage({ layers: [{ b: 'b' }] });
      await pushAll(store, image, '1');
      await pushAll(store, later, '1');
      const other = await again();
      assert.equal((await other.manifest('1'))?.digest, later.digest);
      assert.equal((await other.manifest(image.digest))?.digest, image.digest);
    }));

  test(`${name} lists what is attached to an image, by type`, () =>
    use(async (store, again) => {
      await pushAll(store, image, '1');
      const note = await attachable(store, image, 'first');
      const other = await attachable(store, image, 'second', 'application/vnd.example.other');
      const attached = await store.attach(image, note, mediaTypes.ociManifest);
      await store.attachAll(image, [{ bytes: other, mediaType: mediaTypes.ociManifest }]);
      assert.equal(attached.digest, digestOf(note));
      assert.equal(attached.artifactType, 'application/vnd.example.note');
      const reader = await again();
      assert.deepEqual(
        new Set((await reader.referrers(image.digest)).map(({ digest }) => digest)),
        new Set([digestOf(note), digestOf(other)]),
      );
      const notes = await reader.referrers(image.digest, 'application/vnd.example.note');
      assert.deepEqual(
        notes.map(({ digest, annotations }) => [digest, annotations?.['note']]),
        [[digestOf(note), 'first']],
      );
      assert.deepEqual(await reader.referrers(digestOf(note)), []);
      // What is attached is no image of its own.
      assert.equal((await reader.manifest('1'))?.digest, image.digest);
    }));

  test(`${name} loses nothing of several who attach at once`, () =>
    use(async (store, again) => {
      await pushAll(store, image, '1');
      const notes = await Promise.all(
        Array.from({ length: 6 }, (_, index) => attachable(store, image, `note ${index}`)),
      );
      const stores = await Promise.all(notes.map(again));
      await Promise.all(
        stores.map((each, index) => each.attach(image, notes[index] ?? Buffer.alloc(0), mediaTypes.ociManifest)),
      );
      const listed = (await store.referrers(image.digest)).map(({ digest }) => digest);
      assert.deepEqual([...listed].sort(), notes.map(digestOf).sort());
    }));

  test(`${name} loses no change of those who change one tag at once`, () =>
    use(async (store, again) => {
      const add = async (word: string) => {
        await (await again()).update('words', async (current) => {
          const before: unknown = JSON.parse(current?.bytes.toString() ?? '{"schemaVersion":2,"manifests":[]}');
          const words = typeof before === 'object' && before !== null && 'words' in before ? before.words : [];
          if (!Array.isArray(words) || words.includes(word)) return undefined;
          const bytes = json({
            schemaVersion: 2,
            mediaType: mediaTypes.ociIndex,
            manifests: [],
            words: [...words, word],
          });
          return { bytes, mediaType: mediaTypes.ociIndex };
        });
      };
      await Promise.all(['a', 'b', 'c', 'd'].map(add));
      const { words } = JSON.parse((await store.manifest('words'))?.bytes.toString() ?? '');
      assert.deepEqual([...words].sort(), ['a', 'b', 'c', 'd']);
    }));

  test(`${name} does not store what is not what it is said to be`, () =>
    use(async (store) => {
      const bytes = Buffer.from('something');
      const blob = { digest: digestOf(Buffer.from('else')), size: bytes.length, open: () => pieces(bytes) };
      await assert.rejects(store.putBlob(blob), /digest/i);
      assert.equal(await store.hasBlob(blob.digest), false);
    }));
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 4) yield bytes.subarray(at, at + 4);
}

test('a registry that forgets a blob, a manifest, a tag or a referrer is told as that', async () => {
  const rows: readonly (readonly [RegExp, string])[] = [
    [/blobs\//, 'blob'],
    [/manifests\/1$/, 'manifest'],
    [/manifests\/sha256:/, 'manifest'],
  ];
  for (const [path, what] of rows) {
    await inRegistry({ forgets: (asked) => path.test(asked) }, async (store) => {
      const push = async () => {
        await pushAll(store, image, '1');
        await store.attach(image, await attachable(store, image, 'note'), mediaTypes.ociManifest);
      };
      await assert.rejects(push(), { code: 'image/not-kept', kind: 'unavailable' }, what);
    });
  }
});

test('an index of referrers that another tool keeps under a tag is read, and keeps what is not understood', async () => {
  await inRegistry({}, async (store, _, registry) => {
    await pushAll(store, image, '1');
    const theirs = await attachable(store, image, 'theirs');
    const entry = {
      ...descriptorOf({ digest: digestOf(theirs), bytes: theirs, mediaType: mediaTypes.ociManifest }),
      data: 'e30=',
    };
    const tag = image.digest.replace(':', '-');
    await store.putManifest(theirs, mediaTypes.ociManifest);
    await store.putManifest(
      json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry], more: 1 }),
      mediaTypes.ociIndex,
      tag,
    );
    await store.attach(image, await attachable(store, image, 'ours'), mediaTypes.ociManifest);
    const kept = JSON.parse(registry.manifests.get(`team/app@${tag}`)?.bytes.toString() ?? '');
    assert.equal(kept.more, 1);
    assert.deepEqual(kept.manifests[0], entry);
    assert.equal((await store.referrers(image.digest)).length, 2);
  });
});

test('a list of referrers without end is refused', async () => {
  const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf(Buffer.from('a')), size: 1 };
  const page = (entries: number) =>
    json({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: Array(entries).fill(entry) });
  const rows: readonly (readonly [string, Buffer, boolean])[] = [
    ['100,000 entries', page(100_000), false],
    ['pages without end', page(1), true],
  ];
  for (const [name, body, more] of rows) {
    const misbehave: NonNullable<Parameters<typeof inRegistry>[0]['misbehave']> = ({ path }, response) => {
      if (!path.includes('/referrers/')) return false;
      response.writeHead(200, {
        'content-type': mediaTypes.ociIndex,
        ...(more ? { link: `<${path.split('?')[0]}?page=${Math.random()}>; rel="next"` } : {}),
      });
      response.end(body);
      return true;
    };
    await inRegistry({ misbehave }, async (store) => {
      await assert.rejects(store.referrers(image.digest), { code: 'image/too-many-referrers' }, name);
    });
  }
});

test('a layout is made where there is none, and not among other files', async () => {
  const path = newLayout();
  await assert.rejects((await openNamed(`oci:${path}`, false)).image(), { code: 'image/not-a-layout' });
  const { store } = await openNamed(`oci:${path}`);
  await pushAll(store, image, '1');
  assert.equal((await (await openNamed(`oci:${path}:1`, false)).image()).digest, image.digest);
  const other = await writeFiles(newLayout(), new Map([['notes.txt', Buffer.from('mine')]]));
  await assert.rejects(openNamed(`oci:${other}`), { code: 'image/not-a-layout' });
  assert.deepEqual(readdirSync(other), ['notes.txt']);
});

test('a layout leaves no files behind when a blob breaks off', async () => {
  const path = newLayout();
  const { store } = await openNamed(`oci:${path}`);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a');
    throw new Error('the source went away');
  }
  const digest = digestOf(Buffer.from('ab'));
  await assert.rejects(store.putBlob({ digest, size: 2, open: broken }));
  assert.deepEqual(readdirSync(join(path, 'blobs/sha256')), []);
});

test('a layout that another process holds all the time is told as busy', async () => {
  const path = newLayout();
  await openNamed(`oci:${path}`);
  await withLock(path, async () => {
    await assert.rejects(
      withLock(path, async () => undefined, 50),
      { code: 'image/layout-busy', kind: 'unavailable' },
    );
  });
  await withLock(path, async () => undefined, 50);
});

test('a lock that came with a layout is refused, and neither followed nor read', async () => {
  const rows: readonly (readonly [string, (lock: string, target: string) => void])[] = [
    ['a link to a file that is not there', (lock, target) => symlinkSync(target, lock)],
    [
      'a link to a file',
      (lock, target) => {
        writeFileSync(`${target}.empty`, '');
        symlinkSync(`${target}.empty`, lock);
      },
    ],
    ['a database', (lock) => new DatabaseSync(lock).exec('CREATE TABLE a (b)')],
    ['a folder', (lock) => mkdirSync(lock)],
  ];
  for (const [name, plant] of rows) {
    const path = newLayout();
    const { store } = await openNamed(`oci:${path}`);
    rmSync(join(path, '.plimsoll-lock'), { force: true });
    const target = `${path}.outside`;
    plant(join(path, '.plimsoll-lock'), target);
    await assert.rejects(pushAll(store, image, '1'), { code: 'image/foreign-lock' }, name);
    assert.equal(existsSync(target), false, name);
  }
});

test('what a killed process left in a layout, or beside an archive, is removed by the next that writes, a day later', async () => {
  const path = newLayout();
  const { store } = await openNamed(`oci:${path}`);
  await pushAll(store, image, '1');
  const part = (age: string) => `${age}.0d3adb33-0000-4000-8000-000000000000.part`;
  const names = ['index.json', 'blobs/sha256/00'].flatMap((name) => [`${name}-old`, `${name}-new`].map(part));
  const mine = ['notes.part', 'blobs/sha256/old.part'];
  const folders = ['.plimsoll-save-oldold', '.plimsoll-save-newnew', 'plimsoll-save-old'].map((name) =>
    join('..', name),
  );
  for (const folderName of folders) mkdirSync(join(path, folderName));
  for (const name of [...names, ...mine, join(folders[0] ?? '', 'archive.tar')])
    writeFileSync(join(path, name), 'half');
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const name of [...names, ...mine, ...folders]) {
    if (name.includes('old') || mine.includes(name)) utimesSync(join(path, name), longAgo, longAgo);
  }
  await pushAll((await openNamed(`oci:${path}`)).store, image, '2');
  await saveImage(store, { ...image }, `${path}.tar`, {});
  assert.deepEqual(
    [...names, ...mine, ...folders].filter((name) => !existsSync(join(path, name))),
    [...names.filter((name) => name.includes('old')), folders[0]],
  );
});

test('of a layout, the image is found among what is attached to it', async () => {
  const path = newLayout();
  const { store } = await openNamed(`oci:${path}`);
  await pushAll(store, testIndex([{ image, platform: { os: 'linux', architecture: 'amd64' } }]), 'app:1');
  const root = await (await openNamed(`oci:${path}`)).image();
  await store.attach(root, await attachable(store, root, 'note'), mediaTypes.ociManifest);
  await store.putManifest(
    await attachable(store, root, 'legacy'),
    mediaTypes.ociManifest,
    `${root.digest.replace(':', '-')}.sig`,
  );
  for (const name of ['', ':app:1', ':1', `@${root.digest}`]) {
    assert.equal((await (await openNamed(`oci:${path}${name}`)).image()).digest, root.digest, name);
  }
  await assert.rejects((await openNamed(`oci:${path}:2`)).image(), { code: 'image/no-such-image' });
});

test('a layout whose bytes were changed is refused', async () => {
  const path = newLayout();
  const { store } = await openNamed(`oci:${path}`);
  await pushAll(store, image, '1');
  const [config] = image.blobs;
  for (const { digest, bytes } of [image, ...(config === undefined ? [] : [config])]) {
    const file = join(path, 'blobs', digest.replace(':', '/'));
    const changed = Buffer.from(readFileSync(file));
    changed.writeUInt8(changed.readUInt8(3) ^ 1, 3);
    writeFileSync(file, changed);
    const read =
      digest === image.digest ? store.manifest('1') : store.blob({ digest, size: bytes.length }, limits.configBytes);
    await assert.rejects(read, { code: 'image/digest-mismatch' });
  }
});
