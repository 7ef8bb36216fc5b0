import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlobLocation } from './blob.ts';
import { describeLayers, instructionOf, storedLayer } from './image-layer.ts';
import { parseConfig } from './manifest.ts';
import { json } from './testing-image.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const blob: BlobLocation = { kind: 'file', path: '/x', offset: 0, size: 1 };

test('instructions read as in the Dockerfile, whichever builder wrote the history', () => {
  const cases: [string | null | undefined, string | undefined][] = [
    ['/bin/sh -c #(nop) ADD file:abc in / ', 'ADD file:abc in /'],
    ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN /bin/sh -c apt-get update # buildkit', 'RUN apt-get update'],
    ['RUN |1 VERSION=1 /bin/sh -c make $VERSION # buildkit', 'RUN make $VERSION'],
    ['|2 A=1 B=2 /bin/sh -c make', 'RUN make'],
    ['COPY app /app # buildkit', 'COPY app /app'],
    ['RUN echo "# buildkit" > x', 'RUN echo "# buildkit" > x'],
    ['bazel build ...', 'bazel build ...'],
    ['  ', undefined],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [text, instruction] of cases) assert.equal(instructionOf(text), instruction, String(text));
});

test('layers that are present are read, foreign ones that are not are reported, unknown types never are layers', async () => {
  const layer = (mediaType: string, present: boolean) =>
    storedLayer({ mediaType, digest: digest('a'), size: 1 }, async () => (present ? blob : undefined));
  const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  assert.equal((await layer('application/vnd.oci.image.layer.v1.tar+zstd', true)).blob, blob);
  assert.equal((await layer(foreign, true)).blob, blob);
  assert.equal((await layer(foreign, true)).foreign, undefined);
  assert.match((await layer(foreign, false)).foreign ?? '', /foreign layer/);
  const encrypted = await layer('application/vnd.oci.image.layer.v1.tar+gzip+encrypted', true);
  assert.equal(encrypted.blob, undefined);
  assert.equal(encrypted.foreign, 'media type application/vnd.oci.image.layer.v1.tar+gzip+encrypted is not a layer');
  await assert.rejects(layer('application/vnd.oci.image.layer.v1.tar', false), { code: 'image/blob-missing' });
});

test('layers take their instructions from the history, steps without a layer left out', () => {
  const stored = ['a', 'b'].map((digit) => ({ digest: digest(digit), mediaType: 'x', size: 1, blob }));
  const config = (diffIds: readonly string[], history: readonly object[]) =>
    parseConfig(json({ rootfs: { type: 'layers', diff_ids: diffIds }, history }));
  const steps = [{ created_by: 'ADD a' }, { created_by: 'ENV x', empty_layer: true }, { created_by: 'ADD b' }];
  const layers = describeLayers(stored, config([digest('1'), digest('2')], steps));
  assert.deepEqual(
    layers.map(({ createdBy }) => createdBy),
    ['ADD a', 'ADD b'],
  );
  assert.deepEqual(
    layers.map(({ diffId }) => diffId),
    [digest('1'), digest('2')],
  );
  const incomplete = describeLayers(stored, config([digest('1'), digest('2')], steps.slice(1)));
  assert.deepEqual(
    incomplete.map(({ createdBy }) => createdBy),
    [undefined, undefined],
  );
  assert.throws(() => describeLayers(stored, config([digest('1')], steps)), { code: 'image/layers-disagree' });
});
