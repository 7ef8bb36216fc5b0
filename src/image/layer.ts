import { createHash, type Hash } from 'node:crypto';
import { createGunzip, type Gunzip } from 'node:zlib';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { release } from './release.ts';
import { type EntrySink, type TarEntry, tarReader } from './tar.ts';
import { isZstd, unzstd } from './zstd.ts';

/** What a layer's bytes have to add up to. */
export interface LayerIdentity {
  /** Of the blob as stored. */
  readonly digest: string;
  /** Of the unpacked tar, where the image configuration states it. */
  readonly diffId?: string | undefined;
}

export interface LayerLimits {
  readonly bytes: number;
  readonly entries: number;
  readonly expansion: number;
  readonly expansionFrom: number;
}

const defaultLimits: LayerLimits = {
  bytes: limits.layerBytes,
  entries: limits.entriesPerLayer,
  expansion: limits.layerExpansion,
  expansionFrom: limits.layerExpansionFrom,
};

/** Large pieces keep the hand-over between zlib's thread and this one rare: zlib goes on when this one has time for it. */
const chunkSize = 1024 * 1024;

/**
 * Reads a layer in one pass: digest, decompression (told by its first bytes: gzip, zstd or none), tar, and the digest of
 * what was unpacked. Nothing learned from `onEntry` may be used before this resolves: only then do the bytes hold.
 *
 * @throws PlimsollError `image/digest-mismatch`, `image/corrupt-layer`, `image/corrupt-archive`, `image/layer-too-large`
 */
export async function readLayer(
  blob: AsyncIterable<Uint8Array>,
  identity: LayerIdentity,
  onEntry: (entry: TarEntry) => EntrySink | undefined,
  options: { readonly onBytes?: (stored: number) => void; readonly limits?: LayerLimits } = {},
): Promise<void> {
  const bounds = options.limits ?? defaultLimits;
  const stored = hasher(identity.digest);
  const source = blob[Symbol.asyncIterator]();
  let storedBytes = 0;

  async function* counted(first: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    for (const chunk of first) {
      storedBytes += chunk.length;
      stored.update(chunk);
      yield chunk;
    }
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      storedBytes += next.value.length;
      stored.update(next.value);
      options.onBytes?.(next.value.length);
      yield next.value;
    }
  }

  const head = await firstBytes(source, 4);
  const form = formOf(Buffer.concat(head));
  // A plain layer's two digests are over the same bytes.
  const unpacked =
    identity.diffId === undefined || (form === 'plain' && identity.diffId === identity.digest)
      ? undefined
      : hasher(identity.diffId);
  const tar = tarReader(onEntry, bounds.entries);
  let unpackedBytes = 0;
  /** What the decompressor is done with, and a sink may still look at. */
  let held: ArrayBufferLike[] = [];
  let holder: EntrySink | undefined;
  let current: ArrayBufferLike | undefined;

  async function walk(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      unpackedBytes += chunk.length;
      if (unpackedBytes > bounds.bytes) throw tooLarge(identity, `unpacks to more than ${bounds.bytes} bytes`);
      if (unpackedBytes > bounds.expansionFrom && unpackedBytes > storedBytes * bounds.expansion) {
        throw tooLarge(identity, `unpacks to more than ${bounds.expansion} times its stored size`);
      }
      unpacked?.update(chunk);
      tar.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if (form === 'plain') continue;
      // It fills a buffer by several chunks, and takes another one then.
      if (current !== undefined && current !== chunk.buffer) held.push(current);
      current = chunk.buffer;
      if (holder === undefined || holder !== tar.holder()) {
        held.forEach(release);
        held = [];
      }
      holder = tar.holder();
    }
    tar.end();
  }

  try {
    await walk(decompressed(form, counted(head)));
  } catch (thrown) {
    throw aboutLayer(identity, thrown);
  } finally {
    await source.return?.();
  }
  verify(identity.digest, stored, 'stored');
  if (identity.diffId !== undefined && unpacked !== undefined) verify(identity.diffId, unpacked, 'unpacked');
}

async function firstBytes(source: AsyncIterator<Uint8Array>, count: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let have = 0;
  while (have < count) {
    const next = await source.next();
    if (next.done === true) break;
    chunks.push(next.value);
    have += next.value.length;
  }
  return chunks;
}

type Form = 'gzip' | 'zstd' | 'plain';

/** Told by the magic number (RFC 1952, RFC 8878); media types are often wrong, and runtimes look at the bytes too. */
function formOf(head: Buffer): Form {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  return isZstd(head) ? 'zstd' : 'plain';
}

function decompressed(form: Form, stored: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  if (form === 'plain') return stored;
  if (form === 'zstd') return unzstd(stored, chunkSize);
  const gunzip = createGunzip({ chunkSize });
  void feed(stored, gunzip);
  return gunzip;
}

/** Piece by piece, so that the memory of one is given back as soon as it is inflated. Errors reach whoever reads the result. */
async function feed(stored: AsyncGenerator<Uint8Array>, gunzip: Gunzip): Promise<void> {
  const closed = new Promise<void>((resolve) => gunzip.once('close', resolve));
  try {
    for await (const piece of stored) {
      await Promise.race([closed, new Promise((resolve) => gunzip.write(piece, resolve))]);
      if (gunzip.destroyed) return;
      if (piece.byteLength === piece.buffer.byteLength) release(piece.buffer);
    }
    gunzip.end();
  } catch (thrown) {
    gunzip.destroy(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
  }
}

function hasher(digest: string): Hash {
  const algorithm = digest.slice(0, digest.indexOf(':'));
  if (algorithm !== 'sha256' && algorithm !== 'sha512') {
    throw new PlimsollError(
      'image/unknown-digest',
      `The digest ${digest.slice(0, 100)} uses an algorithm that Plimsoll does not know`,
      {
        hint: 'OCI images use sha256 (or sha512) digests.',
      },
    );
  }
  return createHash(algorithm);
}

function verify(expected: string, hash: Hash, what: 'stored' | 'unpacked'): void {
  const actual = `${expected.slice(0, expected.indexOf(':'))}:${hash.digest('hex')}`;
  if (actual === expected) return;
  throw new PlimsollError(
    'image/digest-mismatch',
    `A layer's ${what} bytes have the digest ${actual}, not ${expected}`,
    {
      hint: 'The layer was damaged or exchanged on its way. Pull it again; if it stays so, do not use the image.',
    },
  );
}

function tooLarge({ digest }: LayerIdentity, what: string): PlimsollError {
  return new PlimsollError('image/layer-too-large', `Layer ${digest} ${what}`, {
    hint: 'This is how decompression bombs look. Inspect the layer by hand before you trust the image.',
  });
}

/** What the readers of tar and zstd say of any input; they do not know which layer it is. */
const contentErrors = new Set([
  'image/corrupt-archive',
  'image/corrupt-layer',
  'image/too-many-entries',
  'image/path-too-long',
]);

function aboutLayer(identity: LayerIdentity, thrown: unknown): PlimsollError {
  if (!(thrown instanceof PlimsollError)) return corruptLayer(identity, thrown);
  if (!contentErrors.has(thrown.code)) return thrown;
  const { code, message, hint, kind } = thrown;
  return new PlimsollError(code, `Layer ${identity.digest}: ${message}`, { hint, kind, cause: thrown });
}

function corruptLayer(identity: LayerIdentity, cause: unknown): PlimsollError {
  return new PlimsollError(
    'image/corrupt-layer',
    `Layer ${identity.digest} cannot be decompressed: ${messageOf(cause)}`,
    {
      hint: 'The layer is truncated or damaged. Pull or build the image again.',
      cause,
    },
  );
}
