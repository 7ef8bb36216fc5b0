import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { BlobLocation } from './blob.ts';
import { digestParts } from './digest.ts';
import { checked, type Descriptor, parseJson, parseManifest } from './manifest.ts';
import type { Platform } from './platform.ts';
import { formatReference, parseReference } from './reference.ts';
import { type ImageSource, isAttachment, type SelectedImage, selectAmong, selectImage } from './selection.ts';
import type { TarIndex } from './tar-index.ts';

/** The files of an image layout, in a folder or in an archive. Names are relative to its root. */
export interface LayoutFiles {
  /** For people. */
  readonly where: string;
  read(name: string, limit: number): Promise<Buffer | undefined>;
  locate(name: string): Promise<(BlobLocation & { readonly kind: 'file' }) | undefined>;
}

/** Which image of a layout: `tag` as its `org.opencontainers.image.ref.name` has it, in full or in part. */
export interface LayoutSelector {
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

const layoutSchema = z.object({ imageLayoutVersion: z.string().max(40) });

export function folderFiles(folder: string): LayoutFiles {
  return {
    where: folder,
    async read(name, limit) {
      const location = await locateFile(join(folder, name));
      if (location === undefined) return undefined;
      if (location.size > limit) throw tooLarge(name, location.size, limit);
      return readFile(location.path).catch((thrown: unknown) => {
        throw unreadable(location.path, thrown);
      });
    },
    locate: (name) => locateFile(join(folder, name)),
  };
}

export function archiveFiles(archive: TarIndex, where: string): LayoutFiles {
  return {
    where,
    read: async (name, limit) => archive.read(name, limit),
    async locate(name) {
      const extent = archive.find(name);
      return extent === undefined ? undefined : { kind: 'file', path: archive.path, ...extent };
    },
  };
}

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

/** The digest was checked when it was parsed, so that the name cannot lead out of the folder. */
function blobName(digest: string): string {
  const { algorithm, hex } = digestParts(digest);
  return `blobs/${algorithm}/${hex}`;
}

async function locateFile(path: string) {
  try {
    const found = await stat(path);
    return found.isFile() ? ({ kind: 'file', path, offset: 0, size: found.size } as const) : undefined;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, thrown);
  }
}

/** The descriptors that the user can mean: one, or several that only their platform tells apart. */
function pick(manifests: readonly Descriptor[], tag: string | undefined, where: string): readonly Descriptor[] {
  const images = manifests.filter((descriptor) => !isAttachment(descriptor));
  const fitting = tag === undefined ? images : named(images, tag);
  if (fitting.length === 0) throw noSuchImage(tag, images, where);
  const distinct = [...new Map(fitting.map((descriptor) => [descriptor.digest, descriptor])).values()];
  if (tag === undefined && distinct.length > 1 && new Set(distinct.map((image) => namesOf(image)[0])).size > 1) {
    throw new PlimsollError('image/ambiguous-image', `"${where}" holds several images: ${listNames(images)}`, {
      hint: 'Add the one you mean, as in oci:PATH:TAG or oci:PATH@sha256:….',
    });
  }
  return distinct;
}

/** By the whole name; failing that by the same name written otherwise, or by its tag alone. */
function named(images: readonly Descriptor[], tag: string): readonly Descriptor[] {
  const exact = images.filter((image) => namesOf(image).includes(tag));
  return exact.length > 0 ? exact : images.filter((image) => namesOf(image).some((name) => isSameName(name, tag)));
}

/** OCI image-spec v1.1, "Pre-Defined Annotation Keys"; containerd, and Docker with it, keeps the full name apart. */
function namesOf({ annotations }: Descriptor): readonly string[] {
  const names = [annotations?.['io.containerd.image.name'], annotations?.['org.opencontainers.image.ref.name']];
  return names.flatMap((name) => (name === undefined || name === '' ? [] : [name]));
}

/** Whether two names stand for one image: `alpine:3` and `docker.io/library/alpine:3`; or `tag` is the tag of `name`. */
export function isSameName(name: string, tag: string): boolean {
  const full = fullName(name);
  return full !== undefined && (full === fullName(tag) || full.endsWith(`:${tag}`));
}

function fullName(name: string): string | undefined {
  try {
    return formatReference(parseReference(name));
  } catch {
    return undefined;
  }
}

function listNames(images: readonly Descriptor[]): string {
  const names = [...new Set(images.map((image) => namesOf(image)[0] ?? image.digest))].map((name) =>
    name.slice(0, 200),
  );
  return names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
}

function noSuchImage(tag: string | undefined, images: readonly Descriptor[], where: string): PlimsollError {
  if (images.length === 0) {
    return new PlimsollError('image/no-such-image', `"${where}" holds no image`, {
      hint: 'Copy an image into it, for example with skopeo copy.',
    });
  }
  return new PlimsollError(
    'image/no-such-image',
    `"${where}" holds no image "${tag ?? ''}", only ${listNames(images)}`,
    {
      hint: 'Name one of those.',
    },
  );
}

function tooLarge(name: string, size: number, limit: number): PlimsollError {
  return new PlimsollError('image/manifest-too-large', `"${name}" has ${size} bytes, over the limit of ${limit}`, {
    hint: 'No ordinary image needs that much. Inspect it by hand before you trust it.',
  });
}

function unreadable(path: string, thrown: unknown): PlimsollError {
  return new PlimsollError('image/file-unreadable', `"${path}" cannot be read: ${messageOf(thrown)}`, {
    hint: 'Check that the file is there and that you may read it.',
    cause: thrown,
  });
}
