import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { compressionOf, unpacked } from './compression.ts';

const bounds = { layerBytes: 1_000_000, layerExpansion: 100, layerExpansionFrom: 50_000 };

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Buffer, size = 1000): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of unpacked(pieces(bytes, size), bounds)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('what is compressed is unpacked, what is not passes through, in pieces of any size', async () => {
  const content = Buffer.from(Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join(''));
  for (const size of [1, 3, 1000, 1_000_000]) {
    for (const packed of [content, gzipSync(content), zstdCompressSync(content)])
      assert.deepEqual(await unpack(packed, size), content);
  }
  assert.deepEqual(await unpack(Buffer.alloc(0)), Buffer.alloc(0));
  assert.deepEqual(await unpack(Buffer.from('ab')), Buffer.from('ab'));
});

test('what expands without end, or is larger than an archive may be, is stopped', async () => {
  for (const bomb of [gzipSync(Buffer.alloc(900_000)), zstdCompressSync(Buffer.alloc(900_000))]) {
    await assert.rejects(unpack(bomb), { code: 'image/archive-too-large', message: /100 times/ });
  }
  await assert.rejects(unpack(Buffer.alloc(1_000_001, 'x'), 100_000), {
    code: 'image/archive-too-large',
    message: /1000000 bytes/,
  });
  assert.equal((await unpack(gzipSync(Buffer.alloc(49_000)))).length, 49_000);
});

test('what is cut or damaged is told as that', async () => {
  const content = Buffer.from(Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join(''));
  for (const [packed, code] of [
    [gzipSync(content), 'image/corrupt-archive'],
    [zstdCompressSync(content), /^image\/corrupt-(archive|layer)$/],
  ] as const) {
    await assert.rejects(unpack(packed.subarray(0, packed.length - 20)), { name: 'PlimsollError', code });
  }
});

test('compression is told by the first bytes', () => {
  assert.equal(compressionOf(gzipSync('x')), 'gzip');
  assert.equal(compressionOf(zstdCompressSync('x')), 'zstd');
  assert.equal(compressionOf(Buffer.from([0x5a, 0x2a, 0x4d, 0x18])), 'zstd');
  for (const bytes of [Buffer.alloc(0), Buffer.from([0x1f]), Buffer.from([0x1f, 0x8b]), Buffer.from('BZh9')]) {
    assert.equal(compressionOf(bytes), undefined);
  }
});
