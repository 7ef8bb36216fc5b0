import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isRecord, jsonObject } from './descriptor.ts';
import { mediaTypes } from './media-type.ts';
import type { ImageStore, NewManifest, StoredManifest } from './store.ts';

/**
 * The manifest under a legacy tag with the signatures or attestations of both: those that stand there, and those that are
 * added. `undefined`: all of them stand there.
 *
 * @throws PlimsollError `image/bad-manifest`
 */
export async function mergeLegacy(
  store: ImageStore,
  current: StoredManifest | undefined,
  added: StoredManifest,
): Promise<NewManifest | undefined> {
  if (current === undefined) return added;
  if (current.digest === added.digest) return undefined;
  const kept = jsonObject(current.bytes);
  const before = layersIn(current, store.name);
  const known = new Set(before.map((layer) => JSON.stringify(layer)));
  const fresh = layersIn(added, 'the source').filter((layer) => !known.has(JSON.stringify(layer)));
  if (fresh.length === 0) return undefined;
  const layers = [...before, ...fresh];
  if (layers.length > limits.layersPerImage) throw unmergeable(store.name, `they have ${layers.length} layers`);
  // The layers are not compressed: their digests are their diff_ids (OCI image-spec v1.1, "Image Configuration").
  const diffIds = layers.map(({ digest }) => digest);
  const config = await store.putBlob(
    Buffer.from(
      JSON.stringify({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
    ),
  );
  const manifest = { ...kept, config: { mediaType: mediaTypes.ociConfig, ...config }, layers };
  return { bytes: Buffer.from(JSON.stringify(manifest)), mediaType: current.mediaType };
}

function layersIn({ bytes, digest }: StoredManifest, where: string): readonly Readonly<Record<string, unknown>>[] {
  const { layers } = jsonObject(bytes);
  if (Array.isArray(layers) && layers.every(isRecord)) return layers;
  throw unmergeable(where, `${digest} has no layers`);
}

function unmergeable(where: string, why: string): PlimsollError {
  return new PlimsollError(
    'image/bad-manifest',
    `Signatures under a tag cannot be added to those of ${where}: ${why}`,
    {
      hint: 'Delete the tag that is broken, and copy again.',
    },
  );
}
