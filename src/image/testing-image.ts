/** For tests: makes small images, whole and broken ones, in the formats that registries and tools keep them in. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sha256Of } from './digest.ts';
import { mediaTypes } from './media-type.ts';
import { tarOf } from './testing-tar.ts';

export interface TestBlob {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A manifest or index, with all that hangs from it. */
export interface TestImage extends TestBlob {
  readonly blobs: readonly TestBlob[];
  /** Manifests of an index. */
  readonly manifests: readonly TestImage[];
}

interface TestPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface TestImageOptions {
  /** Files of each layer, or its tar. */
  readonly layers?: readonly (Readonly<Record<string, string>> | Buffer)[];
  readonly compression?: 'gzip' | 'zstd' | 'none';
  /** What becomes of each layer once it is compressed; its digest is of that. */
  readonly damage?: (stored: Buffer) => Buffer;
  readonly docker?: boolean;
  readonly platform?: TestPlatform;
  /** Laid over the configuration. */
  readonly config?: object;
  /** Laid over the manifest. */
  readonly manifest?: object;
}

const defaultLayers = [{ 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' }, { 'app/package.json': '{"name":"a"}' }];

/** A tar file of the given files. */
export function layerTar(files: Readonly<Record<string, string>>): Buffer {
  return tarOf(Object.entries(files).map(([path, content]) => ({ path, content })));
}

export function testBlob(mediaType: string, bytes: Buffer): TestBlob {
  return { digest: sha256Of(bytes), mediaType, bytes };
}

export function descriptorOf({ digest, mediaType, bytes }: TestBlob) {
  return { mediaType, digest, size: bytes.length };
}

export function testImage(options: TestImageOptions = {}): TestImage {
  const tars = (options.layers ?? defaultLayers).map((layer) => (Buffer.isBuffer(layer) ? layer : layerTar(layer)));
  const layers = tars.map((tar) => testLayer(tar, options));
  const platform = options.platform ?? { os: 'linux', architecture: 'amd64' };
  const config = testBlob(
    options.docker === true ? mediaTypes.dockerConfig : mediaTypes.ociConfig,
    json({
      ...platform,
      created: '2026-01-02T03:04:05Z',
      config: { Labels: { 'org.opencontainers.image.title': 'test' } },
      rootfs: { type: 'layers', diff_ids: tars.map(sha256Of) },
      history: [
        ...tars.map((_, index) => ({ created_by: `/bin/sh -c #(nop) COPY file:${index} in / ` })),
        { created_by: 'CMD ["app"]', empty_layer: true },
      ],
      ...options.config,
    }),
  );
  const mediaType = options.docker === true ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  const manifest = json({
    schemaVersion: 2,
    mediaType,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
    ...options.manifest,
  });
  return { ...testBlob(mediaType, manifest), blobs: [config, ...layers], manifests: [] };
}

function testLayer(
  tar: Buffer,
  { compression = 'gzip', docker = false, damage = (stored) => stored }: TestImageOptions,
): TestBlob {
  const tarType = docker ? 'application/vnd.docker.image.rootfs.diff.tar' : 'application/vnd.oci.image.layer.v1.tar';
  const suffix = docker ? '.' : '+';
  if (compression === 'gzip') return testBlob(`${tarType}${suffix}gzip`, damage(gzipSync(tar)));
  if (compression === 'zstd') return testBlob(`${tarType}${suffix}zstd`, damage(zstdCompressSync(tar)));
  return testBlob(tarType, damage(tar));
}

/** `platform` of `undefined` leaves it out of the descriptor. */
export function testIndex(
  entries: readonly { readonly image: TestImage; readonly platform?: TestPlatform; readonly more?: object }[],
  options: { readonly docker?: boolean; readonly index?: object } = {},
): TestImage {
  const mediaType = options.docker === true ? mediaTypes.dockerIndex : mediaTypes.ociIndex;
  const manifests = entries.map(({ image, platform, more }) => ({
    ...descriptorOf(image),
    ...(platform === undefined ? {} : { platform }),
    ...more,
  }));
  const bytes = json({ schemaVersion: 2, mediaType, manifests, ...options.index });
  return { ...testBlob(mediaType, bytes), blobs: [], manifests: entries.map(({ image }) => image) };
}

/** The image's parts, itself first. */
export function partsOf(image: TestImage): readonly TestBlob[] {
  return [image, ...image.blobs, ...image.manifests.flatMap(partsOf)];
}

/** The files of an OCI image layout, by path. */
export function layoutOf(
  entries: readonly { readonly image: TestImage; readonly name?: string; readonly more?: object }[],
): Map<string, Buffer> {
  const manifests = entries.map(({ image, name, more }) => ({
    ...descriptorOf(image),
    ...(name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }),
    ...more,
  }));
  return new Map([
    ['oci-layout', json({ imageLayoutVersion: '1.0.0' })],
    ['index.json', json({ schemaVersion: 2, manifests })],
    ...entries
      .flatMap(({ image }) => partsOf(image))
      .map(({ digest, bytes }) => [`blobs/${digest.replace(':', '/')}`, bytes] as const),
  ]);
}

/** The files of `docker save` as it was before it wrote layouts, by path. */
export function savedFilesOf(image: TestImage, name: string): Map<string, Buffer> {
  const named = image.blobs.map(({ digest, bytes }, index): [string, Buffer] => {
    const hash = digest.slice('sha256:'.length);
    return [index === 0 ? `${hash}.json` : `${hash}/layer.tar`, bytes];
  });
  const [config, ...layers] = named.map(([path]) => path);
  return new Map([...named, ['manifest.json', json([{ Config: config, RepoTags: [name], Layers: layers }])]]);
}

export async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

export function tarOfFiles(files: ReadonlyMap<string, Buffer>): Buffer {
  return tarOf([...files].map(([path, content]) => ({ path, content })));
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
