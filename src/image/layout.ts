import * as z from 'zod/mini';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { blobName, type LayoutFiles } from './layout-files.ts';
import { pick } from './layout-names.ts';
import { checked, parseJson, parseManifest } from './manifest.ts';
import type { Platform } from './platform.ts';
import { type ImageSource, type SelectedImage, selectAmong, selectImage } from './selection.ts';

/** Which image of a layout: `tag` as its `org.opencontainers.image.ref.name` has it, in full or in part. */
export interface LayoutSelector {
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

const layoutSchema = z.object({ imageLayoutVersion: z.string().check(z.maxLength(40)) });

/**
 * Reads an OCI image layout (OCI image-spec v1.1, "Image Layout").
 *
 * @throws PlimsollError `image/not-a-layout`, `image/no-such-image`, `image/ambiguous-image`,
 * `image/file-unreadable`, and those of `selectImage`
 */
export async function selectFromLayout(
  files: LayoutFiles,
  selector: LayoutSelector,
  wanted: Platform | undefined,
): Promise<{ readonly source: ImageSource; readonly image: SelectedImage }> {
  const marker = await files.read('oci-layout', limits.manifestBytes);
  const indexBytes = await files.read('index.json', limits.manifestBytes);
  if (marker === undefined || indexBytes === undefined) {
    throw new PlimsollError(
      'image/not-a-layout',
      `"${files.where}" is no OCI image layout: it has no oci-layout or no index.json`,
      {
        hint: 'Name the folder that holds oci-layout, index.json and blobs. For a root file system use dir:PATH.',
      },
    );
  }
  const { imageLayoutVersion } = checked(
    layoutSchema,
    parseJson(marker, limits.manifestBytes, 'oci-layout file'),
    'oci-layout file',
  );
  if (!imageLayoutVersion.startsWith('1.')) {
    throw new PlimsollError(
      'image/not-a-layout',
      `"${files.where}" is an image layout of the unknown version ${imageLayoutVersion}`,
      {
        hint: 'Plimsoll reads layouts of version 1.',
      },
    );
  }
  const index = parseManifest(indexBytes);
  if (index.kind !== 'index') {
    throw new PlimsollError('image/not-a-layout', `The index.json of "${files.where}" is not an index`, {
      hint: 'Write the layout again, for example with skopeo copy.',
    });
  }
  const source = layoutSource(files);
  const { digest, tag } = selector;
  const found = digest === undefined ? pick(index.manifests, tag, files.where) : [];
  const root = digest ?? (found.length === 1 ? found[0]?.digest : undefined);
  const image =
    root === undefined
      ? await selectAmong(source, found, wanted)
      : await selectImage(source, { digest: root, kind: 'manifest' }, wanted);
  return { source, image };
}

function layoutSource(files: LayoutFiles): ImageSource {
  return {
    read: ({ digest }, limit) => files.read(blobName(digest), limit),
    async locate({ digest, size }) {
      const location = await files.locate(blobName(digest));
      return size === undefined || location?.size === size ? location : undefined;
    },
  };
}
