/**
 * The floor of a cold scan: decompresses and hashes the layers of an OCI layout, and nothing else, on as many threads
 * as a scan uses. Plain JavaScript, so that nothing but the work is measured.
 *
 *   node bench/floor.js LAYOUT
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createGunzip, createZstdDecompress } from 'node:zlib';

const chunkSize = 256 * 1024;

async function hashLayer({ file, compression }) {
  const stored = createHash('sha256');
  const unpacked = createHash('sha256');
  const source = createReadStream(file, { highWaterMark: 1024 * 1024 });
  source.on('data', (piece) => stored.update(piece));
  const plain =
    compression === 'gzip'
      ? source.pipe(createGunzip({ chunkSize }))
      : compression === 'zstd'
        ? source.pipe(createZstdDecompress({ chunkSize }))
        : source;
  for await (const piece of plain) unpacked.update(piece);
  return [stored.digest('hex'), unpacked.digest('hex')];
}

function layersOf(layout) {
  const blob = (digest) => join(layout, 'blobs', ...digest.split(':'));
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  const manifest = JSON.parse(readFileSync(blob(index.manifests[0].digest), 'utf8'));
  return manifest.layers
    .toSorted((a, b) => b.size - a.size)
    .map(({ digest, mediaType }) => ({ file: blob(digest), compression: /\+(gzip|zstd)$/.exec(mediaType)?.[1] }));
}

if (isMainThread) {
  const layers = layersOf(process.argv[2]);
  await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), layers.length) }, async () => {
      const worker = new Worker(new URL(import.meta.url));
      for (let next = layers.shift(); next !== undefined; next = layers.shift()) {
        await new Promise((resolve, reject) => {
          worker.once('message', resolve);
          worker.once('error', reject);
          worker.postMessage(next);
        });
      }
      await worker.terminate();
    }),
  );
} else {
  parentPort.on('message', async (layer) => parentPort.postMessage(await hashLayer(layer)));
}
