import type { Readable } from 'node:stream';
import { openArchive } from './archive.ts';
import { readDockerArchive } from './docker-archive.ts';
import { describeLayers, type ImageLayer, type StoredLayer, storedLayer } from './image-layer.ts';
import { selectFromLayout } from './layout.ts';
import { archiveFiles, folderFiles, type LayoutFiles } from './layout-files.ts';
import type { ImageConfig } from './manifest.ts';
import { formatPlatform, type Platform, parsePlatform } from './platform.ts';
import type { ImageReference } from './reference.ts';
import type { RegistryOptions } from './registry-access.ts';
import { type ImageSource, platformOf, requirePlatform, type SelectedImage } from './selection.ts';
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
        fromLayout(target.name, archiveFiles(archive.tar, archive.where), target, wanted),
      );
    }
    case 'docker-archive': {
      const archive = await openArchive(target.path, options.stdin);
      return closing(archive.close, async () => {
        const { digest, config, layers } = await readDockerArchive(archive.tar, archive.where, target.reference);
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

/** Speaking to registries is a tenth of the program, and only images in one need it. */
async function fromRegistry(
  name: string,
  reference: ImageReference,
  wanted: Platform | undefined,
  options: RegistryOptions,
): Promise<Image> {
  const { selectFromRegistry } = await import('./registry-source.ts');
  const { source, image, problems } = await selectFromRegistry(name, reference, wanted, options);
  const opened = imageOf(name, image, await layersOf(source, image));
  return { ...opened, warnings: [...problems, ...opened.warnings], close: async () => undefined };
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
