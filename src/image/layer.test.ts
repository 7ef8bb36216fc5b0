import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { PlimsollError } from '../error.ts';
import { type LayerLimits, readLayer } from './layer.ts';
import { tarOf } from './testing-tar.ts';

const archive = tarOf([
  { path: 'a', content: 'first' },
  { path: 'b', content: 'x'.repeat(100_000) },
]);

function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function paths(
  blob: Uint8Array,
  identity: { digest: string; diffId?: string },
  limits?: LayerLimits,
): Promise<string[]> {
  const seen: string[] = [];
  await readLayer(
    pieces(blob),
    identity,
    ({ path }) => {
      seen.push(path);
      return undefined;
    },
    limits === undefined ? {} : { limits },
  );
  return seen;
}

async function refuses(
  blob: Uint8Array,
  code: string,
  identity = { digest: digestOf(blob) },
  limits?: LayerLimits,
): Promise<void> {
  await assert.rejects(
    paths(blob, identity, limits),
    (thrown) => thrown instanceof PlimsollError && thrown.code === code,
  );
}

/** zstd:chunked layers begin with frames that a reader skips (RFC 8878, "Skippable Frames"). */
function skippable(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(12);
  frame.writeUInt32LE(0x184d2a50, 0);
  frame.writeUInt32LE(4, 4);
  return Buffer.concat([frame, bytes]);
}

describe('readLayer', () => {
  const forms: readonly (readonly [what: string, blob: Buffer])[] = [
    ['plain', archive],
    ['gzip', gzipSync(archive)],
    ['gzip in two members', Buffer.concat([gzipSync(archive.subarray(0, 5000)), gzipSync(archive.subarray(5000))])],
    ['zstd', zstdCompressSync(archive)],
    [
      'zstd in two frames',
      Buffer.concat([zstdCompressSync(archive.subarray(0, 5000)), zstdCompressSync(archive.subarray(5000))]),
    ],
    ['zstd behind a skippable frame', skippable(zstdCompressSync(archive))],
  ];
  for (const [what, blob] of forms) {
    it(`reads a ${what} layer, told by its bytes, and checks both digests`, async () => {
      assert.deepEqual(await paths(blob, { digest: digestOf(blob), diffId: digestOf(archive) }), ['a', 'b']);
      assert.deepEqual(await paths(blob, { digest: digestOf(blob, 'sha512') }), ['a', 'b']);
    });
  }

  it('refuses a layer whose stored or unpacked bytes are not those of its digest', async () => {
    const blob = gzipSync(archive);
    await refuses(blob, 'image/digest-mismatch', { digest: digestOf(archive) });
    await assert.rejects(
      paths(blob, { digest: digestOf(blob), diffId: digestOf(blob) }),
      /unpacked bytes have the digest/,
    );
    await refuses(archive, 'image/unknown-digest', { digest: 'md5:00' });
  });

  it('refuses truncated and damaged layers', async () => {
    const blob = gzipSync(archive);
    await refuses(blob.subarray(0, blob.length - 20), 'image/corrupt-layer');
    await refuses(zstdCompressSync(archive).subarray(0, -5), 'image/corrupt-layer');
    await refuses(Buffer.concat([blob.subarray(0, 20), Buffer.alloc(200, 7)]), 'image/corrupt-layer');
    await refuses(archive.subarray(0, 5000), 'image/corrupt-archive');
    await refuses(
      Buffer.from('this is not a layer at all, but some text that somebody pushed'.repeat(20)),
      'image/corrupt-archive',
    );
  });

  it('says which layer it is', async () => {
    const cut = archive.subarray(0, 5000);
    for (const blob of [
      cut,
      gzipSync(archive).subarray(0, -20),
      zstdCompressSync(archive).subarray(0, -5),
      gzipSync(cut),
    ]) {
      const digest = digestOf(blob);
      await assert.rejects(paths(blob, { digest }), { message: new RegExp(`^Layer ${digest}`) });
    }
  });

  it('stops a layer that expands without end, early', async () => {
    const bomb = gzipSync(tarOf([{ path: 'zeros', content: Buffer.alloc(30_000_000) }]));
    const bounds: LayerLimits = { bytes: 20_000_000, entries: 10, expansion: 1e9, expansionFrom: 0 };
    await refuses(bomb, 'image/layer-too-large', undefined, bounds);
    await refuses(bomb, 'image/layer-too-large', undefined, {
      ...bounds,
      bytes: 1e9,
      expansion: 100,
      expansionFrom: 1_000_000,
    });
    assert.deepEqual(await paths(bomb, { digest: digestOf(bomb) }, { ...bounds, bytes: 1e9 }), ['zeros']);
  });

  it('passes on what the source throws, and what the entry callback throws', async () => {
    const broken = new PlimsollError('image/gone', 'the connection was lost', {
      hint: 'Try again.',
      kind: 'unavailable',
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      yield archive.subarray(0, 2000);
      throw broken;
    }
    await assert.rejects(
      readLayer(source(), { digest: digestOf(archive) }, () => undefined),
      broken,
    );
  });
});
