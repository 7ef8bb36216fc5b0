import type { Readable } from 'node:stream';
import { PlimsollError } from '../error.ts';
import { openArchive } from './archive.ts';
import { readDockerArchive } from './docker-archive.ts';
import { describeLayers, type ImageLayer, type StoredLayer, storedLayer } from './image-layer.ts';
import { selectFromLayout } from './layout.ts';
import { archiveFiles, folderFiles, type LayoutFiles } from './layout-files.ts';
import type { ImageConfig } from './manifest.ts';
import { formatPlatform, type Platform, parsePlatform } from './platform.ts';
import { formatReference, type ImageReference } from './reference.ts';
import { type RegistryOptions, registryAccess } from './registry-access.ts';
import { type RegistryClient, registryClient } from './registry-client.ts';
import type { RegistryAccess } from './registry-session.ts';
import { type ImageSource, platformOf, requirePlatform, type SelectedImage, selectImage } from './selection.ts';
import type { Target } from './target.ts';

export interface Image {
  /** As the user named it. */
  readonly reference: string;
  /** Of the manifest; of the image configuration where the source has no manifest (`docker-archive:`). */
  readonly digest: string;
  /** Of the index that the manifest was chosen from. */
  readonly indexDigest?: string | undefined;
  /** `linux/amd64`, `linux/arm64/v8`. */
  readonly platform: string;
  /** RFC 3339, from the image configuration. */
  readonly created?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The lowest first. */
  readonly layers: readonly ImageLayer[];
  /** Sentences about what was not as expected, and did not stop the reading. */
  readonly warnings: readonly string[];
  /** Removes temporary files; the layers cannot be read afterwards. */
  close(): Promise<void>;
}

export interface ImageOptions extends RegistryOptions {
  /** `linux/arm64`. Without it: this machine's processor, or the only platform there is. */
  readonly platform?: string | undefined;
  /** What `-` stands for. */
  readonly stdin?: Readable | undefined;
}

export type ImageTarget = Extract<Target, { readonly kind: 'registry' | 'oci' | 'oci-archive' | 'docker-archive' }>;

/**
 * Finds an image and all there is to know of it but its layers' content: manifest and configuration are read and verified,
 * the layers located. Close it when done.
 *
 * @throws PlimsollError of kind `input` where the image is broken or not what was asked for, of kind `unavailable` where the
 * registry did not give it
 */
export async function openImage(target: ImageTarget, options: ImageOptions): Promise<Image> {
  const wanted = options.platform === undefined ? undefined : parsePlatform(options.platform);
  switch (target.kind) {
    case 'registry':
      return fromRegistry(target.name, target.reference, wanted, options);
    case 'oci':
      return fromLayout(target.name, folderFiles(target.path), target, wanted);
    case 'oci-archive': {
      const archive = await openArchive(target.path, options.stdin);
      return closing(archive.close, () =>
        fromLayout(target.name, archiveFiles(archive.tar, target.path), target, wanted),
      );
    }
    case 'docker-archive': {
      const archive = await openArchive(target.path, options.stdin);
      return closing(archive.close, async () => {
        const { digest, config, layers } = await readDockerArchive(archive.tar, target.path, target.reference);
        const platform = platformOf(config);
        requirePlatform(platform, wanted);
        return imageOf(target.name, { digest, config, platform, warnings: [] }, layers);
      });
    }
  }
}

type OpenedImage = Omit<Image, 'close'>;

/** What was opened stays so until the image is closed, and is closed at once where there is no image. */
async function closing(close: () => Promise<void>, open: () => Promise<OpenedImage>): Promise<Image> {
  try {
    return { ...(await open()), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function fromLayout(
  name: string,
  files: LayoutFiles,
  selector: { readonly tag?: string | undefined; readonly digest?: string | undefined },
  wanted: Platform | undefined,
): Promise<Image> {
  const { source, image } = await selectFromLayout(files, selector, wanted);
  return { ...imageOf(name, image, await layersOf(source, image)), close: async () => undefined };
}

async function fromRegistry(
  name: string,
  reference: ImageReference,
  wanted: Platform | undefined,
  options: RegistryOptions,
): Promise<Image> {
  const access = await registryAccess(reference, options);
  const client = registryClient(access, reference.repository);
  const root = await client.manifest(reference.digest ?? reference.tag ?? 'latest').catch((thrown: unknown) => {
    throw notOnDiskEither(name, thrown);
  });
  if (root === undefined) throw notOnDiskEither(name, noSuchImage(reference));
  const source = registrySource(client, reference.repository, root);
  const image = await selectImage(source, { digest: root.digest, kind: 'manifest' }, wanted);
  const opened = imageOf(name, image, await layersOf(source, image));
  return { ...opened, warnings: [...access.problems, ...opened.warnings], close: async () => undefined };
}

/** Who mistyped the name of a folder learns why a registry was asked. */
function notOnDiskEither(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof PlimsollError) || name.startsWith('registry:')) return thrown;
  const { code, message, kind, hint } = thrown;
  return new PlimsollError(code, message, {
    hint: `No file or folder here is called "${name}", so it was looked for in a registry. ${hint}`,
    kind,
    cause: thrown,
  });
}

function registrySource(
  client: RegistryClient,
  repository: string,
  root: { readonly digest: string; readonly bytes: Buffer },
): ImageSource {
  return {
    async read({ digest, size, kind }) {
      if (digest === root.digest) return root.bytes;
      if (kind === 'manifest') return (await client.manifest(digest))?.bytes;
      const chunks: Uint8Array[] = [];
      for await (const chunk of client.blob(digest, size ?? 0)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async locate({ digest, size }, probe) {
      if (size === undefined || (probe && !(await client.hasBlob(digest)))) return undefined;
      const access: RegistryAccess = client.access();
      return { kind: 'registry', access, repository, digest, size };
    },
  };
}

async function layersOf(source: ImageSource, image: SelectedImage): Promise<readonly StoredLayer[]> {
  const layers: StoredLayer[] = [];
  for (const descriptor of image.manifest.layers) {
    const { digest, size } = descriptor;
    layers.push(await storedLayer(descriptor, (probe) => source.locate({ digest, size, kind: 'blob' }, probe)));
  }
  return layers;
}

function imageOf(
  reference: string,
  image: Pick<SelectedImage, 'digest' | 'indexDigest' | 'platform' | 'warnings'> & { readonly config: ImageConfig },
  layers: readonly StoredLayer[],
): OpenedImage {
  const { digest, indexDigest, config, warnings } = image;
  return {
    reference,
    digest,
    ...(indexDigest === undefined ? {} : { indexDigest }),
    platform: formatPlatform(image.platform),
    created: rfc3339(config.created),
    labels: config.config?.Labels ?? {},
    layers: describeLayers(layers, config),
    warnings,
  };
}

function rfc3339(text: string | null | undefined): string | undefined {
  const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
  return text !== undefined && text !== null && pattern.test(text) ? text : undefined;
}

function noSuchImage(reference: ImageReference): PlimsollError {
  const registryItself =
    reference.registry === 'docker.io' &&
    reference.repository.startsWith('library/') &&
    /^[0-9.]+$/.test(reference.repository.slice(8));
  return new PlimsollError('image/not-found', `${formatReference(reference)} does not exist in its registry`, {
    hint: registryItself
      ? 'A name after "registry:" is an image reference; the image called registry is registry:registry:2.'
      : 'Check the name and the tag. A file or a folder is named with its scheme, as in docker-archive:PATH or oci:PATH.',
    kind: 'unavailable',
  });
}
