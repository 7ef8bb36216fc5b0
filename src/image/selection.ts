import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isAttachment } from './attachment.ts';
import type { BlobLocation } from './blob.ts';
import { verifyDigest } from './digest.ts';
import { type Descriptor, type ImageConfig, type ImageManifest, parseConfig, parseManifest } from './manifest.ts';
import { isImageConfigType, isIndexType } from './media-type.ts';
import { formatPlatform, hostPlatform, type Platform, suitability } from './platform.ts';

/** Where the parts of an image lie: a registry's repository, an OCI layout, an archive of one. */
export interface ImageSource {
  /** The bytes of a manifest or configuration; they need not be verified. `undefined`: it is not there. */
  read(descriptor: BlobName, limit: number): Promise<Buffer | undefined>;
  /** `undefined`: it is not there. May answer for a blob that turns out to be missing, unless it was asked to `probe`. */
  locate(descriptor: BlobName, probe: boolean): Promise<BlobLocation | undefined>;
}

export interface BlobName {
  readonly digest: string;
  /** Absent for a manifest that was asked for by digest alone. */
  readonly size?: number | undefined;
  readonly kind: 'manifest' | 'blob';
}

/** The image of one platform, verified. */
export interface SelectedImage {
  readonly digest: string;
  readonly indexDigest?: string | undefined;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  readonly platform: Platform;
  readonly warnings: readonly string[];
}

interface Candidate {
  readonly digest: string;
  readonly size: number;
  readonly platform: Platform;
  /** Read already where only the image itself tells its platform. */
  readonly image?: { readonly manifest: ImageManifest; readonly config: ImageConfig } | undefined;
}

/**
 * Finds the image for `wanted`, starting from a manifest or an index; without it the one for this machine's processor, or the
 * only one there is.
 *
 * @throws PlimsollError `image/platform-not-found`, `image/not-an-image`, `image/blob-missing`, `image/digest-mismatch`,
 * `image/bad-manifest`, `image/index-too-deep`, `image/too-many-manifests`
 */
export async function selectImage(
  source: ImageSource,
  root: BlobName,
  wanted: Platform | undefined,
): Promise<SelectedImage> {
  const reader = verifiedReader(source);
  const document = parseManifest(await reader(root, 'The manifest', limits.manifestBytes));
  if (document.kind === 'index') {
    return { ...(await pickPlatform(reader, document.manifests, wanted)), indexDigest: root.digest };
  }
  const config = await readConfig(reader, document);
  const platform = platformOf(config);
  requirePlatform(platform, wanted);
  return { digest: root.digest, manifest: document, config, platform, warnings: [] };
}

/** The same among several descriptors, as if they stood in an index. */
export async function selectAmong(
  source: ImageSource,
  descriptors: readonly Descriptor[],
  wanted: Platform | undefined,
): Promise<SelectedImage> {
  return pickPlatform(verifiedReader(source), descriptors, wanted);
}

async function pickPlatform(
  reader: Reader,
  descriptors: readonly Descriptor[],
  wanted: Platform | undefined,
): Promise<SelectedImage> {
  const { chosen, warnings } = choose(await collect(reader, descriptors, 1), wanted);
  const image =
    chosen.image ?? (await readImage(reader, { digest: chosen.digest, size: chosen.size, kind: 'manifest' }));
  if (image === undefined) throw notAnImage('the index names something else as an image');
  return { digest: chosen.digest, ...image, platform: chosen.platform, warnings };
}

type Reader = (name: BlobName, what: string, limit: number) => Promise<Buffer>;

/** Checks every byte against its digest, and bounds how much is read in search of a platform. */
function verifiedReader(source: ImageSource): Reader {
  let reads = 0;
  return async (name, what, limit) => {
    if (++reads > limits.manifestsRead) {
      throw new PlimsollError(
        'image/too-many-manifests',
        `More than ${limits.manifestsRead} manifests would have to be read`,
        {
          hint: 'Name the image by the digest of its manifest.',
        },
      );
    }
    if (name.size !== undefined && name.size > limit) {
      throw new PlimsollError(
        'image/manifest-too-large',
        `${what} ${name.digest} has ${name.size} bytes, over the limit of ${limit}`,
        {
          hint: 'No ordinary image needs that much. Inspect it by hand before you trust it.',
        },
      );
    }
    const bytes = await source.read(name, limit);
    if (bytes === undefined) {
      throw new PlimsollError('image/blob-missing', `${what} ${name.digest} is not there`, {
        hint: 'The image is incomplete. Copy or save it again.',
      });
    }
    verifyDigest(bytes, name.digest, what);
    return bytes;
  };
}

/** The images of an index and of the indexes in it, each with its platform; what is no image is left out. */
async function collect(reader: Reader, descriptors: readonly Descriptor[], depth: number): Promise<Candidate[]> {
  if (depth > limits.indexDepth) {
    throw new PlimsollError('image/index-too-deep', `Indexes lie in indexes more than ${limits.indexDepth} deep`, {
      hint: 'Name the image by the digest of its manifest.',
    });
  }
  const candidates: Candidate[] = [];
  for (const descriptor of descriptors) {
    if (isAttachment(descriptor)) continue;
    const { digest, size, platform } = descriptor;
    if (isIndexType(descriptor.mediaType)) {
      const nested = parseManifest(await reader({ digest, size, kind: 'manifest' }, 'The index', limits.manifestBytes));
      if (nested.kind === 'index') candidates.push(...(await collect(reader, nested.manifests, depth + 1)));
    } else if (platform !== undefined && platform !== null) {
      candidates.push({ digest, size, platform });
    } else {
      const image = await readImage(reader, { digest, size, kind: 'manifest' });
      if (image !== undefined) candidates.push({ digest, size, platform: platformOf(image.config), image });
    }
  }
  return candidates;
}

async function readImage(reader: Reader, name: BlobName) {
  const manifest = parseManifest(await reader(name, 'The manifest', limits.manifestBytes));
  if (manifest.kind === 'index' || !isImageConfigType(manifest.config.mediaType)) return undefined;
  return { manifest, config: await readConfig(reader, manifest) };
}

async function readConfig(reader: Reader, manifest: ImageManifest): Promise<ImageConfig> {
  const { mediaType, digest, size } = manifest.config;
  if (!isImageConfigType(mediaType)) throw notAnImage(manifest.artifactType ?? mediaType);
  return parseConfig(await reader({ digest, size, kind: 'blob' }, 'The image configuration', limits.configBytes));
}

/** OCI image-spec v1.1 requires both; what leaves them out is told as unknown. */
export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os: os || 'unknown', architecture: architecture || 'unknown', variant: variant ?? undefined };
}

function choose(
  candidates: readonly Candidate[],
  wanted: Platform | undefined,
): { readonly chosen: Candidate; readonly warnings: readonly string[] } {
  const target = wanted ?? hostPlatform();
  let best: { readonly candidate: Candidate; readonly fit: number } | undefined;
  for (const candidate of candidates) {
    const fit = suitability(candidate.platform, target);
    if (fit !== undefined && (best === undefined || fit > best.fit)) best = { candidate, fit };
  }
  if (best !== undefined) return { chosen: best.candidate, warnings: [] };
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0 && wanted === undefined) {
    const warning = `The image is only for ${formatPlatform(only.platform)}, not for ${formatPlatform(target)}.`;
    return { chosen: only, warnings: [warning] };
  }
  if (only === undefined) throw notAnImage('an index without images');
  throw noPlatform(
    target,
    candidates.map(({ platform }) => platform),
  );
}

/** @throws PlimsollError `image/platform-not-found` when the only image there is is not what the user asked for */
export function requirePlatform(platform: Platform, wanted: Platform | undefined): void {
  if (wanted !== undefined && suitability(platform, wanted) === undefined) throw noPlatform(wanted, [platform]);
}

function noPlatform(wanted: Platform, available: readonly Platform[]): PlimsollError {
  const names = [...new Set(available.map(formatPlatform))].sort();
  return new PlimsollError(
    'image/platform-not-found',
    `The image is not there for ${formatPlatform(wanted)}, only for ${names.join(', ')}`,
    {
      hint: `Choose one with --platform, for example --platform ${names[0]}.`,
    },
  );
}

function notAnImage(what: string): PlimsollError {
  return new PlimsollError('image/not-an-image', `This is not a container image (${what.slice(0, 200)})`, {
    hint: 'Charts, signatures and other artifacts lie in registries too. Name a container image.',
  });
}
