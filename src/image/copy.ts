import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { legacySuffixes, legacyTag } from './attachment.ts';
import { type Descriptor, jsonObject, parseDescriptor } from './descriptor.ts';
import { inexactName, repeatedName } from './exact-name.ts';
import { mergeLegacy } from './legacy-merge.ts';
import { subjectOf } from './referrer.ts';
import { notKept } from './registry-push.ts';
import type { ImageStore, NewManifest, StoredManifest } from './store.ts';

export interface CopyOptions {
  /** What the image is to be called there. */
  readonly tag?: string | undefined;
  /** Called whenever something has arrived, with how much has until then. */
  readonly onProgress?: ((report: CopyReport) => void) | undefined;
}

/** What a copy has now, and what of it was there before. */
export interface CopyReport {
  /** Images and indexes. */
  readonly manifests: number;
  readonly blobs: number;
  readonly blobsThereBefore: number;
  /** Bytes of the blobs that were copied. */
  readonly bytes: number;
  readonly referrers: number;
  readonly legacyTags: number;
  /** Blobs that the source does not hold because they come from elsewhere (OCI image-spec v1.1, "Non-Distributable Layers"). */
  readonly foreign: number;
}

/** Blobs that are under way at once. */
const blobsAtOnce = 4;

/**
 * Copies an image or index with all that it names, all referrers of each manifest, theirs in turn, and the legacy
 * signatures, attestations and SBOMs under tags. The tag is moved last: whoever finds it finds everything. What was attached
 * at the destination before stays.
 *
 * @throws PlimsollError `image/blob-missing`, `image/bad-manifest`, `image/too-many-manifests`, `image/not-kept`, and those of both stores
 */
export async function copyImage(
  from: ImageStore,
  root: StoredManifest,
  to: ImageStore,
  { tag, onProgress }: CopyOptions = {},
): Promise<CopyReport> {
  const seen = new Set<string>();
  const report = { manifests: 0, blobs: 0, blobsThereBefore: 0, bytes: 0, referrers: 0, legacyTags: 0, foreign: 0 };
  const blobs = new Map<string, Promise<void>>();

  async function readFrom(digest: string, what: string): Promise<StoredManifest> {
    const stored = await from.manifest(digest);
    if (stored !== undefined) return stored;
    throw new PlimsollError('image/blob-missing', `${from.name} does not have the ${what} ${digest}, which it lists`, {
      hint: 'What is copied would be incomplete. Push or attach it again at the source, or delete what is broken there.',
    });
  }

  /** Everything that hangs from a manifest, then the manifest: a place may refuse one whose parts it lacks. */
  async function copyParts({ bytes, digest }: StoredManifest, depth: number): Promise<boolean> {
    if (seen.has(digest)) return false;
    seen.add(digest);
    if (seen.size > limits.copiedManifests || depth > limits.indexDepth + limits.referrerDepth) throw tooMany(digest);
    const { manifests, blobs: parts } = partsOf(bytes, digest);
    for (const child of manifests) await copyManifest(await readFrom(child.digest, 'manifest'), depth + 1);
    await copyBlobs(parts);
    return true;
  }

  async function copyManifest(stored: StoredManifest, depth: number): Promise<void> {
    if (!(await copyParts(stored, depth))) return;
    await to.putManifest(stored.bytes, stored.mediaType);
    report.manifests++;
    onProgress?.(report);
    await copyAttached(stored, depth);
  }

  async function copyAttached(subject: Pick<Descriptor, 'digest'>, depth: number): Promise<void> {
    const listed = await from.referrers(subject.digest);
    const attached: StoredManifest[] = [];
    const fresh: StoredManifest[] = [];
    for (const { digest } of listed) {
      const stored = await readFrom(digest, 'referrer');
      // Anybody may list anything under a tag: it is attached to what it says itself.
      if (subjectOf(stored.bytes) !== subject.digest) continue;
      attached.push(stored);
      // It may have come already, as one of the manifests of an index.
      if (await copyParts(stored, depth + 1)) fresh.push(stored);
    }
    if (attached.length > 0) await attach(subject, attached);
    for (const referrer of fresh) await copyAttached(referrer, depth + 1);
    for (const suffix of legacySuffixes) await copyLegacy(legacyTag(subject.digest, suffix), depth);
  }

  async function attach(subject: Pick<Descriptor, 'digest'>, manifests: readonly NewManifest[]): Promise<void> {
    const attached = await to.attachAll(subject, manifests);
    const there = new Set((await to.referrers(subject.digest)).map(({ digest }) => digest));
    const lost = attached.find(({ digest }) => !there.has(digest));
    if (lost !== undefined) throw notKept(to.name, `the referrer ${lost.digest} of ${subject.digest}`);
    report.referrers += attached.length;
    onProgress?.(report);
  }

  async function copyLegacy(legacy: string, depth: number): Promise<void> {
    const stored = await from.manifest(legacy);
    if (stored === undefined) return;
    // The same SBOM may stand under the tags of several images.
    await copyParts(stored, depth + 1);
    await to.update(legacy, (current) => mergeLegacy(to, current, stored));
    report.legacyTags++;
    onProgress?.(report);
  }

  async function copyBlobs(parts: readonly Part[]): Promise<void> {
    let next = 0;
    async function work(): Promise<void> {
      for (let part = parts[next++]; part !== undefined; part = parts[next++]) await copyBlobOnce(part);
    }
    await Promise.all(Array.from({ length: blobsAtOnce }, work));
  }

  function copyBlobOnce(part: Part): Promise<void> {
    const known = blobs.get(part.descriptor.digest);
    if (known !== undefined) return known;
    const copying = copyBlob(part);
    blobs.set(part.descriptor.digest, copying);
    return copying;
  }

  async function copyBlob({ descriptor, elsewhere }: Part): Promise<void> {
    const { digest, size } = descriptor;
    if (await to.hasBlob(digest)) report.blobsThereBefore++;
    else if (elsewhere && !(await from.hasBlob(digest))) report.foreign++;
    else {
      await to.putBlob({ digest, size, open: () => from.blobStream(descriptor), from: from.place });
      report.blobs++;
      report.bytes += size;
    }
    onProgress?.(report);
  }

  await copyManifest(root, 0);
  const { digest, mediaType, bytes } = root;
  if (tag === undefined) await to.list({ digest, mediaType, size: bytes.length });
  else await to.putManifest(bytes, mediaType, tag);
  return report;
}

interface Part {
  readonly descriptor: Descriptor;
  /** Whether it may lie elsewhere, and not in the store. */
  readonly elsewhere: boolean;
}

interface Parts {
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Part[];
}

/** What a manifest or an index names, by whichever of the two it is. */
function partsOf(bytes: Buffer, digest: string): Parts {
  const json = jsonObject(bytes);
  if (Object.keys(json).length === 0) throw badManifest(digest, 'it names nothing');
  const inexact = inexactName(json, 'manifest') ?? repeatedName(bytes.toString('utf8'));
  if (inexact !== undefined)
    throw badManifest(digest, `"${inexact.slice(0, 40)}" in it means different things to readers`);
  const { manifests, layers, config, blobs } = json;
  if (Array.isArray(manifests)) {
    if (layers !== undefined || config !== undefined) throw badManifest(digest, 'it is an index and an image at once');
    if (manifests.length > limits.manifestsPerIndex) throw tooMany(digest);
    return { manifests: manifests.map((child) => descriptorIn(child, digest)), blobs: [] };
  }
  // The OCI artifact manifest, which a release candidate of image-spec 1.1 had, names `blobs`.
  const named = [...(Array.isArray(layers) ? layers : []), ...(Array.isArray(blobs) ? blobs : [])];
  if (config === undefined && named.length === 0) throw badManifest(digest, 'it names nothing');
  if (named.length > limits.layersPerImage) throw badManifest(digest, `it has ${named.length} layers`);
  const all = config === undefined ? named : [config, ...named];
  return {
    manifests: [],
    blobs: all.map((part: unknown) => ({ descriptor: descriptorIn(part, digest), elsewhere: hasUrls(part) })),
  };
}

function descriptorIn(json: unknown, digest: string): Descriptor {
  const descriptor = parseDescriptor(json);
  if (descriptor === undefined) throw badManifest(digest, 'it names something without a media type, digest or size');
  return descriptor;
}

function hasUrls(part: unknown): boolean {
  return (
    typeof part === 'object' && part !== null && 'urls' in part && Array.isArray(part.urls) && part.urls.length > 0
  );
}

function badManifest(digest: string, why: string): PlimsollError {
  return new PlimsollError('image/bad-manifest', `The manifest ${digest} cannot be copied: ${why}`, {
    hint: 'It was made by a tool that does not follow the OCI image specification.',
  });
}

function tooMany(digest: string): PlimsollError {
  return new PlimsollError(
    'image/too-many-manifests',
    `Too many manifests, or too deep, hang together with ${digest}`,
    {
      hint: `Up to ${limits.copiedManifests} are copied. Copy one platform by its digest.`,
    },
  );
}
