import type { Readable } from 'node:stream';
import { PlimsollError } from '../error.ts';
import { openArchive } from './archive.ts';
import { archiveFiles } from './layout-files.ts';
import { archiveStore, createLayout, type LayoutStore, layoutStore } from './layout-store.ts';
import { formatReference } from './reference.ts';
import type { RegistryOptions } from './registry-access.ts';
import type { ImageStore, StoredManifest } from './store.ts';
import type { Target } from './target.ts';

/** What can hold more than a bare image. */
export type StoreTarget = Extract<Target, { readonly kind: 'registry' | 'oci' | 'oci-archive' }>;

export interface StoreOptions extends RegistryOptions {
  /** What `-` stands for. */
  readonly stdin?: Readable | undefined;
  /** Makes the layout where there is none yet. */
  readonly create?: boolean | undefined;
}

/** A store, and the image in it that was named. */
export interface OpenedStore {
  readonly store: ImageStore;
  /** As it was named. */
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  /**
   * The image or index that is named, as it is now: by its digest where there is one, else by its tag.
   *
   * @throws PlimsollError `image/not-found`, `image/no-such-image`, `image/ambiguous-image`
   */
  image(): Promise<StoredManifest>;
  close(): Promise<void>;
}

/**
 * Opens the place that a target names, to read and to write it.
 *
 * @throws PlimsollError `image/not-a-store` for targets that hold no manifests, and those of the place
 */
export async function openStore(target: Target, options: StoreOptions): Promise<OpenedStore> {
  if (!isStoreTarget(target)) {
    throw new PlimsollError('image/not-a-store', `"${target.name}" has no place for signatures: it is no OCI image`, {
      hint: 'Name an image in a registry, an OCI layout (oci:PATH) or, to read it, an archive of one (oci-archive:PATH).',
    });
  }
  if (target.kind === 'registry') {
    const { reference } = target;
    const { registryStore } = await import('./registry-store.ts');
    const store = await registryStore(reference, options);
    const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : undefined);
    const image = async () => found(await store.manifest(reference.digest ?? tag ?? ''), formatReference(reference));
    return { store, tag, digest: reference.digest, image, close: async () => undefined };
  }
  if (target.kind === 'oci') {
    if (options.create === true) await createLayout(target.path);
    return opened(layoutStore(target.path), target, async () => undefined);
  }
  const archive = await openArchive(target.path, options.stdin);
  return opened(archiveStore(archiveFiles(archive.tar, archive.where)), target, archive.close);
}

function isStoreTarget(target: Target): target is StoreTarget {
  return target.kind === 'registry' || target.kind === 'oci' || target.kind === 'oci-archive';
}

function opened(
  store: LayoutStore,
  { name, tag, digest }: Extract<StoreTarget, { readonly kind: 'oci' | 'oci-archive' }>,
  close: () => Promise<void>,
): OpenedStore {
  const image = async () => (digest === undefined ? store.root(tag) : found(await store.manifest(digest), name));
  return { store, tag, digest, image, close };
}

function found(stored: StoredManifest | undefined, name: string): StoredManifest {
  if (stored !== undefined) return stored;
  throw new PlimsollError('image/not-found', `There is no ${name}`, {
    hint: 'Check the name, and the tag or digest.',
    kind: 'unavailable',
  });
}
