/** How layouts are asked, again and again, for what is attached. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sha256Of } from './digest.ts';
import type { LayoutFiles } from './layout-files.ts';
import { layoutReader } from './layout-reader.ts';
import { mediaTypes } from './media-type.ts';
import { descriptorOf, json, layoutOf, type TestImage, testBlob, testImage } from './testing-image.ts';
import { attachable, newLayout, openNamed, pushAll } from './testing-store.ts';

const image = testImage();

function noteOn(subject: { readonly digest: string; readonly bytes: Buffer }, text: string): TestImage {
  const config = testBlob('application/vnd.example.note', Buffer.from(text));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf(config),
    layers: [],
    subject: { mediaType: mediaTypes.ociManifest, digest: subject.digest, size: subject.bytes.length },
  };
  return { ...testBlob(mediaTypes.ociManifest, json(manifest)), blobs: [config], manifests: [] };
}

/** Counts how often each file is read. */
function counted(files: ReadonlyMap<string, Buffer>): LayoutFiles & { readonly reads: Map<string, number> } {
  const reads = new Map<string, number>();
  return {
    where: 'memory',
    reads,
    async read(name) {
      reads.set(name, (reads.get(name) ?? 0) + 1);
      return files.get(name);
    },
    locate: async () => undefined,
  };
}

test('who asks for what is attached to each of many manifests reads each of them once', async () => {
  const notes = Array.from({ length: 40 }, (_, index) => noteOn(image, `note ${index}`));
  const onNotes = notes.map((note) => noteOn(note, 'note on a note'));
  const files = counted(layoutOf([image, ...notes, ...onNotes].map((each) => ({ image: each }))));
  const reader = layoutReader(files, 'memory');
  assert.equal((await reader.referrers(image.digest)).length, 40);
  for (const [index, note] of notes.entries()) {
    assert.deepEqual(
      (await reader.referrers(note.digest)).map(({ digest }) => digest),
      [onNotes[index]?.digest],
    );
  }
  for (const { digest } of [image, ...notes]) assert.equal(files.reads.get(`blobs/${digest.replace(':', '/')}`), 1);
});

test('what is attached while a layout is open is found', async () => {
  const files = new Map(layoutOf([{ image }]));
  const reader = layoutReader(counted(files), 'memory');
  assert.deepEqual(await reader.referrers(image.digest), []);
  const note = noteOn(image, 'later');
  for (const [name, bytes] of layoutOf([{ image }, { image: note }])) files.set(name, bytes);
  assert.deepEqual(
    (await reader.referrers(image.digest)).map(({ digest }) => digest),
    [note.digest],
  );
});

test('a layout that lost something attached, or has other bytes for it, does not say that nothing is', async () => {
  const path = newLayout();
  const { store } = await openNamed(`oci:${path}`);
  await pushAll(store, image, '1');
  const { digest } = await store.attach(image, await attachable(store, image, 'note'), mediaTypes.ociManifest);
  const file = join(path, 'blobs', digest.replace(':', '/'));
  for (const bytes of ['', '{}', json({ ...JSON.parse(readFileSync(file, 'utf8')), subject: null })]) {
    writeFileSync(file, bytes);
    const again = (await openNamed(`oci:${path}`)).store;
    await assert.rejects(again.referrers(image.digest), { code: 'image/digest-mismatch' });
  }
  rmSync(file);
  const again = (await openNamed(`oci:${path}`)).store;
  await assert.rejects(again.referrers(image.digest), { code: 'image/blob-missing' });
});

test('several processes that write to one layout lose nothing of one another', async () => {
  const path = newLayout();
  const { store } = await openNamed(`oci:${path}`);
  await pushAll(store, image, '1');
  const program = `
    import { openStore } from ${JSON.stringify(fileURLToPath(new URL('./open-store.ts', import.meta.url)))};
    const [path, subject, name] = process.argv.slice(1);
    const { store } = await openStore({ kind: 'oci', path, name: path }, { env: {} });
    const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await store.putBlob(Buffer.from('{}'))) };
    for (let count = 0; count < 10; count++) {
      const manifest = { schemaVersion: 2, mediaType: '${mediaTypes.ociManifest}', config, layers: [],
        subject: JSON.parse(subject), annotations: { name, count: String(count) } };
      const bytes = Buffer.from(JSON.stringify(manifest));
      await store.attach(JSON.parse(subject), bytes, manifest.mediaType);
      await store.putManifest(bytes, manifest.mediaType, name + '-' + count);
    }`;
  const subject = JSON.stringify(descriptorOf(image));
  const codes = await Promise.all(
    ['a', 'b'].map((name) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, path, subject, name], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return new Promise((resolve) => child.on('close', resolve));
    }),
  );
  assert.deepEqual(codes, [0, 0]);
  const listed = await store.referrers(image.digest);
  const names = listed.map(({ annotations }) => `${annotations?.['name']}-${annotations?.['count']}`);
  const expected = ['a', 'b'].flatMap((name) => Array.from({ length: 10 }, (_, count) => `${name}-${count}`));
  assert.deepEqual([...names].sort(), expected);
  for (const name of expected) {
    const stored = await store.manifest(name);
    assert.equal(stored === undefined ? undefined : sha256Of(stored.bytes), stored?.digest, name);
    assert.ok(stored !== undefined, name);
  }
  assert.ok(JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')).manifests.length > 0);
});
