import { PlimsollError } from '../error.ts';
import type { BlobLocation } from './blob.ts';
import type { Descriptor, ImageConfig } from './manifest.ts';

export interface ImageLayer {
  /** Of the blob as stored, `sha256:…`. */
  readonly digest: string;
  /** Of the layer unpacked (OCI image-spec, "Layer DiffID"). */
  readonly diffId?: string | undefined;
  readonly mediaType: string;
  /** Stored size in bytes. */
  readonly size: number;
  /** The instruction that made it, from the image's history. */
  readonly createdBy?: string | undefined;
  /** Why it is not read. */
  readonly foreign?: string | undefined;
  /** Where its bytes are; always there unless it is `foreign`. */
  readonly blob?: BlobLocation | undefined;
}

/** A layer as its source has it, before the configuration says what made it. */
export type StoredLayer = Omit<ImageLayer, 'diffId' | 'createdBy'>;

const layerTypes = new Set([
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
]);

/** Layers that registries may not pass on; they often lie elsewhere (OCI image-spec v1.1, "Non-Distributable Layers"). */
const foreignTypes = new Set([
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
]);

/** @throws PlimsollError `image/blob-missing` */
export async function storedLayer(
  { mediaType, digest, size }: Descriptor,
  locate: (probe: boolean) => Promise<BlobLocation | undefined>,
): Promise<StoredLayer> {
  const layer = { digest, mediaType, size };
  const foreign = foreignTypes.has(mediaType);
  if (!foreign && !layerTypes.has(mediaType)) {
    return { ...layer, foreign: `media type ${mediaType.slice(0, 200)} is not a layer` };
  }
  const blob = await locate(foreign);
  if (blob !== undefined) return { ...layer, blob };
  if (foreign) return { ...layer, foreign: 'a foreign layer, which is stored elsewhere' };
  throw new PlimsollError('image/blob-missing', `Layer ${digest} is not there, or not in its full length`, {
    hint: 'The image is incomplete. Copy or save it again.',
  });
}

/**
 * Joins layers with what the configuration says of them.
 *
 * @throws PlimsollError `image/layers-disagree` when it speaks of another number of layers
 */
export function describeLayers(layers: readonly StoredLayer[], config: ImageConfig): readonly ImageLayer[] {
  const diffIds = config.rootfs.diff_ids ?? [];
  if (diffIds.length !== layers.length) {
    throw new PlimsollError(
      'image/layers-disagree',
      `The image has ${layers.length} layers, but its configuration speaks of ${diffIds.length}`,
      { hint: 'A runtime refuses such an image too. Build it again.' },
    );
  }
  const history = (config.history ?? []).filter((step) => step.empty_layer !== true);
  const instructions = history.length === layers.length ? history.map((step) => instructionOf(step.created_by)) : [];
  return layers.map((layer, index) => ({ ...layer, diffId: diffIds[index], createdBy: instructions[index] }));
}

/**
 * The line of the Dockerfile, as far as the history keeps it. The classic builder writes `/bin/sh -c #(nop) COPY …` and
 * `|1 ARG=x /bin/sh -c make`, BuildKit `RUN /bin/sh -c make # buildkit`.
 */
export function instructionOf(createdBy: string | null | undefined): string | undefined {
  const text = (createdBy ?? '').trim();
  if (text === '') return undefined;
  const nop = afterPrefix(text, '/bin/sh -c #(nop)');
  if (nop !== undefined) return nop.trim() || undefined;
  const buildkit = text.endsWith('# buildkit') ? text.slice(0, -'# buildkit'.length).trimEnd() : text;
  const step = afterPrefix(buildkit, 'RUN ') ?? buildkit;
  const shell = step.startsWith('|') ? step.indexOf('/bin/sh -c ') : step.startsWith('/bin/sh -c ') ? 0 : -1;
  return shell < 0 ? buildkit : `RUN ${step.slice(shell + '/bin/sh -c '.length).trim()}`;
}

function afterPrefix(text: string, prefix: string): string | undefined {
  return text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
}
