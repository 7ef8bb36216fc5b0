import { createReadStream } from 'node:fs';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isAttachment, legacySuffixes, savedKinds } from './attachment.ts';
import { collectBlob, verifiedStream } from './blob-check.ts';
import type { Descriptor } from './descriptor.ts';
import { isDigest, verifyDigest } from './digest.ts';
import { type IndexDocument, parseIndex } from './index-document.ts';
import { blobName, type LayoutFiles } from './layout-files.ts';
import { type NamedManifest, named, pick, withNames } from './layout-names.ts';
import { isIndexType, mediaTypeOf } from './media-type.ts';
import { distinct, isOfType, referrerDescriptor, referrersTag, subjectOf } from './referrer.ts';
import type { ImageStore, StoredManifest } from './store.ts';

/** The side of an {@link ImageStore} that reads, over an OCI image layout (OCI image-spec v1.1, "Image Layout"). */
export interface LayoutReader extends Pick<ImageStore, 'manifest' | 'blob' | 'blobStream' | 'hasBlob' | 'referrers'> {
  index(): Promise<IndexDocument>;
  /** The one image or index that a tag, or none, stands for. @throws PlimsollError `image/no-such-image`, `image/ambiguous-image` */
  root(tag: string | undefined): Promise<StoredManifest>;
}

/** What an `index.json` lists, prepared for being asked again and again: copies ask for each referrer. */
interface Listing {
  /** What was read. */
  readonly bytes: Buffer;
  readonly document: IndexDocument;
  readonly listed: readonly Descriptor[];
  readonly named: readonly NamedManifest<Descriptor>[];
  readonly saved: readonly Descriptor[];
  /** By the digest of their subject; made when somebody asks for it. */
  readonly referrers: () => Promise<ReadonlyMap<string, readonly Descriptor[]>>;
}

/** `place` is for people. */
export function layoutReader(files: LayoutFiles, place: string): LayoutReader {
  let latest: Listing | undefined;
  /** As they are listed, by their digests, which stand for the same bytes at all times; `undefined`: attached to nothing. */
  const attached = new Map<string, { readonly subject: string; readonly referrer: Descriptor } | undefined>();

  async function listing(): Promise<Listing> {
    const bytes = await files.read('index.json', limits.referrersBytes);
    if (bytes === undefined || (await files.read('oci-layout', limits.manifestBytes)) === undefined) {
      throw new PlimsollError('image/not-a-layout', `"${files.where}" is no OCI image layout`, {
        hint: 'Name the folder or archive that holds oci-layout, index.json and blobs.',
      });
    }
    if (latest?.bytes.equals(bytes) === true) return latest;
    const document = parseIndex(bytes, `The index.json of "${files.where}"`);
    const listed = descriptorsOf(document);
    let bySubject: Promise<ReadonlyMap<string, readonly Descriptor[]>> | undefined;
    latest = {
      bytes,
      document,
      listed,
      named: withNames(listed),
      saved: listed.filter(({ annotations }) => savedKinds.has(annotations?.['kind'] ?? '')),
      referrers() {
        bySubject ??= groupBySubject(listed).catch((thrown: unknown) => {
          bySubject = undefined;
          throw thrown;
        });
        return bySubject;
      },
    };
    return latest;
  }

  async function groupBySubject(listed: readonly Descriptor[]): Promise<ReadonlyMap<string, readonly Descriptor[]>> {
    const found = new Map<string, Descriptor[]>();
    for (const descriptor of distinct(listed)) {
      const { subject, referrer } = (await attachment(descriptor)) ?? {};
      if (subject === undefined || referrer === undefined) continue;
      const others = found.get(subject);
      if (others === undefined) found.set(subject, [referrer]);
      else others.push(referrer);
    }
    return found;
  }

  async function attachment(listed: Descriptor) {
    const { mediaType, digest } = listed;
    if (attached.has(digest)) return attached.get(digest);
    const bytes = await files.read(blobName(digest), limits.manifestBytes);
    if (bytes === undefined) {
      // What it is attached to stood in it: nobody can say any more that something has no signature.
      if (isAttachment(listed)) throw missing(digest, place);
      return undefined;
    }
    verifyDigest(bytes, digest, 'The manifest');
    const subject = subjectOf(bytes);
    const referrer = referrerDescriptor(bytes, { mediaType, digest, size: bytes.length });
    const known = subject === undefined || subject === digest ? undefined : { subject, referrer };
    attached.set(digest, known);
    return known;
  }

  async function manifest(wanted: string): Promise<StoredManifest | undefined> {
    const listed = isDigest(wanted) ? undefined : await entryFor(wanted);
    const digest = isDigest(wanted) ? wanted : listed?.digest;
    if (digest === undefined) return undefined;
    const bytes = await files.read(blobName(digest), limits.manifestBytes);
    if (bytes === undefined) return undefined;
    verifyDigest(bytes, digest, 'The manifest');
    return { bytes, digest, mediaType: mediaTypeOf(bytes, listed?.mediaType) };
  }

  async function entryFor(tag: string): Promise<Descriptor | undefined> {
    const { named: manifests, saved } = await listing();
    const found = distinct(named(manifests, tag));
    if (found.length > 1) throw severalImages(tag, place);
    return found[0] ?? savedEntry(saved, tag);
  }

  async function root(tag: string | undefined): Promise<StoredManifest> {
    const [only, ...others] = pick((await listing()).listed, tag, files.where);
    if (others.length > 0) throw severalImages(tag, place);
    const stored = only === undefined ? undefined : await manifest(only.digest);
    if (stored !== undefined) return stored;
    throw missing(only?.digest ?? 'of the image', place);
  }

  async function referrers(digest: string, artifactType?: string): Promise<readonly Descriptor[]> {
    const tagged = await manifest(referrersTag(digest));
    const listed = (await (await listing()).referrers()).get(digest) ?? [];
    // An index is a referrer, too, where it says so; what lists others under a tag is read instead.
    const found = listed.filter((each) => each.digest !== tagged?.digest);
    if (tagged !== undefined && isIndexType(tagged.mediaType)) {
      found.push(...descriptorsOf(parseIndex(tagged.bytes, `${place}:${referrersTag(digest)}`)));
    }
    return distinct(found.filter((descriptor) => isOfType(descriptor, artifactType)));
  }

  async function* content(digest: string): AsyncGenerator<Uint8Array> {
    const location = await files.locate(blobName(digest));
    if (location === undefined) throw missing(digest, place);
    if (location.size === 0) return;
    const { path, offset: start, size } = location;
    try {
      yield* createReadStream(path, { start, end: start + size - 1, highWaterMark: 1024 * 1024 });
    } catch (thrown) {
      throw new PlimsollError('image/file-unreadable', `"${path}" cannot be read: ${messageOf(thrown)}`, {
        hint: 'Check that the file is there and that you may read it.',
        cause: thrown,
      });
    }
  }

  return {
    index: async () => (await listing()).document,
    root,
    manifest,
    referrers,
    blob: (descriptor, most) => collectBlob(descriptor, most, () => content(descriptor.digest)),
    blobStream: (descriptor) => verifiedStream(descriptor, content(descriptor.digest)),
    hasBlob: async (digest) => (await files.locate(blobName(digest))) !== undefined,
  };
}

function descriptorsOf({ entries }: IndexDocument): readonly Descriptor[] {
  return entries.map(({ descriptor }) => descriptor);
}

/** `cosign save` keeps the signatures of the one image of a layout without saying which that is. */
function savedEntry(saved: readonly Descriptor[], tag: string): Descriptor | undefined {
  const suffix = legacySuffixes.find((each) => /^sha(?:256|512)-[0-9a-f]+\./.test(tag) && tag.endsWith(`.${each}`));
  const fitting = saved.filter(({ annotations }) => savedKinds.get(annotations?.['kind'] ?? '') === suffix);
  return suffix !== undefined && fitting.length === 1 ? fitting[0] : undefined;
}

function severalImages(tag: string | undefined, place: string): PlimsollError {
  const which = tag === undefined ? '' : ` of the name "${tag.slice(0, 200)}"`;
  return new PlimsollError('image/ambiguous-image', `${place} holds several images${which}`, {
    hint: 'Name the one you mean by its digest, as in oci:PATH@sha256:….',
  });
}

function missing(digest: string, place: string): PlimsollError {
  return new PlimsollError('image/blob-missing', `${place} does not have the blob ${digest}, which is named there`, {
    hint: 'The image is incomplete. Copy or save it again.',
    kind: 'unavailable',
  });
}
