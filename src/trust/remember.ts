import type { ImageStore, StoredManifest } from '../image/index.ts';
import { limits } from '../limits.ts';

type Kept =
  | { readonly kind: 'manifest'; readonly manifest: StoredManifest }
  | { readonly kind: 'blob'; readonly bytes: Buffer };

/**
 * A store that does not ask twice for what a digest names, for whoever verifies again and again. What a tag names and what
 * is attached to an image is asked for each time, and what one store gave is not given for another.
 *
 * @param mostBytes of what is kept; what was not used for longest goes first
 */
export function remembering(store: ImageStore, mostBytes: number = limits.rememberedBytes): ImageStore {
  const kept = new Map<string, Kept>();
  let size = 0;

  function recall(digest: string): Kept | undefined {
    const found = kept.get(digest);
    if (found === undefined) return undefined;
    kept.delete(digest);
    kept.set(digest, found);
    return found;
  }

  function keep(digest: string, found: Kept): void {
    const bytes = bytesOf(found).length;
    if (bytes > mostBytes || kept.has(digest)) return;
    kept.set(digest, found);
    size += bytes;
    for (const [oldest, each] of kept) {
      if (size <= mostBytes) return;
      kept.delete(oldest);
      size -= bytesOf(each).length;
    }
  }

  return {
    ...store,
    async manifest(wanted) {
      const found = recall(wanted);
      if (found?.kind === 'manifest') return found.manifest;
      const manifest = await store.manifest(wanted);
      if (manifest !== undefined && manifest.digest === wanted) keep(wanted, { kind: 'manifest', manifest });
      return manifest;
    },
    async blob(descriptor, most) {
      const found = recall(descriptor.digest);
      if (found?.kind === 'blob' && found.bytes.length === descriptor.size && descriptor.size <= most)
        return found.bytes;
      const bytes = await store.blob(descriptor, most);
      keep(descriptor.digest, { kind: 'blob', bytes });
      return bytes;
    },
  };
}

function bytesOf(kept: Kept): Buffer {
  return kept.kind === 'manifest' ? kept.manifest.bytes : kept.bytes;
}
