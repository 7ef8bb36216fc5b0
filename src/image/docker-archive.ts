import * as z from 'zod/mini';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { openBlob } from './blob.ts';
import { type Compression, compressionOf } from './compression.ts';
import { hashLike, isDigest, sha256Of, verifyDigest } from './digest.ts';
import type { StoredLayer } from './image-layer.ts';
import { isSameName } from './layout-names.ts';
import { checked, type ImageConfig, parseConfig, parseJson } from './manifest.ts';
import { rootedPath } from './path.ts';
import type { Extent, TarIndex } from './tar-index.ts';

const memberName = z.string().check(z.minLength(1), z.maxLength(limits.pathBytes));
/** `manifest.json` of `docker save` (Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format"). */
const savedSchema = z
  .array(
    z.object({
      Config: memberName,
      RepoTags: z.nullish(z.array(z.string())),
      Layers: z.nullish(z.array(memberName).check(z.maxLength(limits.layersPerImage))),
    }),
  )
  .check(z.maxLength(limits.manifestsPerIndex));
type SavedImage = z.infer<typeof savedSchema>[number];

/** An image that has no manifest: the digest is its configuration's, the image id. */
export interface SavedDockerImage {
  readonly digest: string;
  readonly config: ImageConfig;
  readonly layers: readonly StoredLayer[];
}

/**
 * Reads an archive of `docker save` and its kin. `reference` chooses among several images.
 *
 * @throws PlimsollError `image/not-a-docker-archive`, `image/no-such-image`, `image/ambiguous-image`, `image/blob-missing`,
 * `image/digest-mismatch`, `image/bad-manifest`, `image/layers-disagree`
 */
export async function readDockerArchive(
  archive: TarIndex,
  where: string,
  reference?: string,
): Promise<SavedDockerImage> {
  const bytes = archive.read('manifest.json', limits.manifestBytes);
  if (bytes === undefined) {
    throw new PlimsollError(
      'image/not-a-docker-archive',
      `"${where}" has no manifest.json, so it is no archive of docker save`,
      {
        hint: 'For an archived OCI layout use oci-archive:PATH.',
      },
    );
  }
  const images = checked(savedSchema, parseJson(bytes, limits.manifestBytes, 'manifest.json'), 'manifest.json');
  const saved = choose(images, reference, where);
  const configBytes = archive.read(rootedPath(saved.Config), limits.configBytes);
  if (configBytes === undefined) throw missing(saved.Config);
  const digest = sha256Of(configBytes);
  const stated = digestInName(saved.Config);
  if (stated !== undefined) verifyDigest(configBytes, stated, 'The image configuration');
  const config = parseConfig(configBytes);
  const layers: StoredLayer[] = [];
  for (const [index, name] of (saved.Layers ?? []).entries()) {
    layers.push(await layerAt(archive, name, config.rootfs.diff_ids?.[index]));
  }
  return { digest, config, layers };
}

function choose(images: readonly SavedImage[], reference: string | undefined, where: string): SavedImage {
  const tags = (image: SavedImage) => image.RepoTags ?? [];
  const exact = images.filter((image) => reference === undefined || tags(image).includes(reference));
  const fitting =
    exact.length > 0 ? exact : images.filter((image) => tags(image).some((tag) => isSameName(tag, reference ?? '')));
  const distinct = [...new Map(fitting.map((image) => [image.Config, image])).values()];
  const [chosen, ...others] = distinct;
  if (chosen !== undefined && others.length === 0) return chosen;
  const all = [...new Set(images.flatMap((image) => (tags(image).length > 0 ? tags(image) : [image.Config])))];
  const names = `${all.slice(0, 20).join(', ')}${all.length > 20 ? ` and ${all.length - 20} more` : ''}`;
  if (chosen === undefined) {
    throw new PlimsollError(
      'image/no-such-image',
      `"${where}" holds no image${reference === undefined ? '' : ` "${reference}"`}`,
      {
        hint: all.length === 0 ? 'Save an image into it with docker save.' : `It holds ${names}.`,
      },
    );
  }
  throw new PlimsollError('image/ambiguous-image', `"${where}" holds several images: ${names}`, {
    hint: 'Add the one you mean, as in docker-archive:PATH:NAME:TAG.',
  });
}

/** Old archives name layers `ID/layer.tar`, sometimes as a symbolic link to another image's; newer ones `blobs/sha256/…`. */
async function layerAt(archive: TarIndex, name: string, diffId: string | undefined): Promise<StoredLayer> {
  const extent = archive.find(rootedPath(name));
  if (extent === undefined) throw missing(name);
  const compression = compressionOf(await headOf(archive.path, extent));
  const mediaType = mediaTypeOf(compression);
  const blob = { kind: 'file', path: archive.path, ...extent } as const;
  // A plain layer is its own diff ID, whatever its name; whoever reads it checks that.
  const plain = compression === undefined ? diffId : undefined;
  return {
    digest: plain ?? digestInName(name) ?? (await digestOf(archive.path, extent)),
    mediaType,
    size: extent.size,
    blob,
  };
}

function mediaTypeOf(compression: Compression | undefined): string {
  const tar = 'application/vnd.oci.image.layer.v1.tar';
  return compression === undefined ? tar : `${tar}+${compression}`;
}

/** `<hex>.json`, `sha256:<hex>`, `blobs/sha256/<hex>`. */
function digestInName(name: string): string | undefined {
  const hex = /(?:^|[/:])([0-9a-f]{64})(?:\.json|\.tar|\.tar\.gz)?$/.exec(name)?.[1];
  const digest = `sha256:${hex}`;
  return isDigest(digest) ? digest : undefined;
}

async function headOf(path: string, { offset, size }: Extent): Promise<Buffer> {
  for await (const chunk of await openBlob({ kind: 'file', path, offset, size: Math.min(size, 4) }))
    return Buffer.from(chunk);
  return Buffer.alloc(0);
}

async function digestOf(path: string, extent: Extent): Promise<string> {
  const hash = hashLike('sha256:');
  for await (const chunk of await openBlob({ kind: 'file', path, ...extent })) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

function missing(name: string): PlimsollError {
  return new PlimsollError(
    'image/blob-missing',
    `The archive does not hold "${name.slice(0, 200)}", which its manifest.json names`,
    {
      hint: 'The archive is incomplete. Save the image again.',
    },
  );
}
