import type { Descriptor } from './descriptor.ts';

/** A manifest or an index as it is kept. */
export interface StoredManifest {
  readonly bytes: Buffer;
  /** What `bytes` hash to. */
  readonly digest: string;
  /** As the document itself says, or else as the store does. */
  readonly mediaType: string;
}

/** A manifest that is still to be stored. */
export type NewManifest = Pick<StoredManifest, 'bytes' | 'mediaType'>;

/** The content of a blob that is too large to hold in memory. */
export interface BlobContent {
  readonly digest: string;
  readonly size: number;
  /** From the start, each time it is called: a broken upload begins anew. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Where it lies now: a registry takes it from another of its repositories without an upload. */
  readonly from?: StorePlace | undefined;
}

/** A repository of a registry. */
export interface StorePlace {
  readonly registry: string;
  readonly repository: string;
}

/**
 * A place that holds manifests, blobs and tags: a repository of a registry, an OCI image layout in a folder or, to be read
 * only, in an archive. Where something is `wanted`, that is a tag or a digest.
 *
 * Beyond what is said of each, everything throws the errors of the place: `image/unauthorized`, `image/forbidden`,
 * `image/registry-error`, `image/connection-lost`, …; `image/file-unreadable`, `image/file-unwritable`, `image/read-only`.
 */
export interface ImageStore {
  /** For people: `reg.example/app`, `oci:folder`. */
  readonly name: string;
  /** Where this is a registry. */
  readonly place?: StorePlace | undefined;

  /**
   * `undefined`: it is not there. What comes was hashed: it is what its digest says, and that is the one asked for.
   *
   * @throws PlimsollError `image/digest-mismatch`, `image/answer-too-large`
   */
  manifest(wanted: string): Promise<StoredManifest | undefined>;
  /**
   * A blob as a whole, hashed.
   *
   * @throws PlimsollError `image/blob-too-large` when its size is over `most` bytes, `image/blob-missing`,
   * `image/length-mismatch`, `image/digest-mismatch`
   */
  blob(descriptor: Pick<Descriptor, 'digest' | 'size'>, most: number): Promise<Buffer>;
  /** Exactly as many bytes as `size` says, hashed: a mismatch throws before the last piece. */
  blobStream(descriptor: Pick<Descriptor, 'digest' | 'size'>): AsyncIterable<Uint8Array>;
  hasBlob(digest: string): Promise<boolean>;
  /**
   * Everything attached to a manifest, by the referrers API and by the index under the tag `sha256-HEX`, without
   * repetitions, in the order in which it is listed. With an `artifactType`, that and what does not say its type. The
   * list is what the place claims: the manifest it names may have another subject.
   *
   * @throws PlimsollError `image/too-many-referrers`, `image/bad-index`
   */
  referrers(digest: string, artifactType?: string): Promise<readonly Descriptor[]>;

  /** Stores a blob where it is not there yet, and makes sure that it is. @throws PlimsollError `image/not-kept` */
  putBlob(content: Buffer | BlobContent): Promise<Pick<Descriptor, 'digest' | 'size'>>;
  /** Stores a manifest, moves `tag` to it, and reads it back. @throws PlimsollError `image/not-kept` */
  putManifest(bytes: Buffer, mediaType: string, tag?: string): Promise<Descriptor>;
  /** Makes a manifest without a tag findable: a layout lists it, a registry needs nothing. */
  list(root: Descriptor): Promise<void>;
  /**
   * Changes what stands under a tag so that no change of others is lost: `change` is called with what is there now, as
   * often as others interfere, and answers `undefined` once there is nothing left to change.
   *
   * @throws PlimsollError `image/not-kept` when the change does not last
   */
  update(tag: string, change: TagChange): Promise<void>;
  /**
   * Stores a manifest whose `subject` is `subject`, so that {@link ImageStore.referrers} finds it. Where the registry does
   * not see to that by itself, it goes into the index under the tag `sha256-HEX`; others attaching at the same time lose nothing.
   */
  attach(subject: Pick<Descriptor, 'digest'>, manifest: Buffer, mediaType: string): Promise<Descriptor>;
  /** The same for several at once, which costs little more than for one. */
  attachAll(subject: Pick<Descriptor, 'digest'>, manifests: readonly NewManifest[]): Promise<readonly Descriptor[]>;
}

export type TagChange = (
  current: StoredManifest | undefined,
) => NewManifest | undefined | Promise<NewManifest | undefined>;
