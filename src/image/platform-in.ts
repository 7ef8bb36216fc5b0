import { parsePlatform } from './platform.ts';
import type { ImageSource } from './selection.ts';
import type { ImageStore, StoredManifest } from './store.ts';

/**
 * The digest of the image for a platform: the very one that whoever reads the image is given. `root` is that image, or an
 * index that leads to it.
 *
 * @throws PlimsollError `image/bad-platform`, and those of `selectImage`
 */
export async function platformIn(store: ImageStore, root: StoredManifest, platform: string): Promise<string> {
  const wanted = parsePlatform(platform);
  const source: ImageSource = {
    async read({ digest, size = 0, kind }, limit) {
      if (kind === 'blob') return store.blob({ digest, size }, limit);
      return digest === root.digest ? root.bytes : (await store.manifest(digest))?.bytes;
    },
    locate: async () => undefined,
  };
  // Loaded when it is needed: whoever verifies an image as it is named does without.
  const { selectImage } = await import('./selection.ts');
  return (await selectImage(source, { digest: root.digest, kind: 'manifest' }, wanted)).digest;
}
