import * as z from 'zod/mini';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { shaped } from '../shape.ts';
import { isDigest } from './digest.ts';
import { inexactName, repeatedName } from './exact-name.ts';
import { mediaTypes } from './media-type.ts';

const digest = z.string().check(z.maxLength(200), z.refine(isDigest, 'not a sha256 or sha512 digest'));
const annotations = z.nullish(z.record(z.string(), z.string()));
const mediaType = z.string().check(z.maxLength(255));
const platformName = z.string().check(z.maxLength(100));

const descriptorSchema = z.object({
  mediaType,
  digest,
  size: z.int().check(z.nonnegative()),
  urls: z.nullish(z.array(z.string()).check(z.maxLength(100))),
  annotations,
  artifactType: z.nullish(mediaType),
  platform: z.nullish(z.object({ os: platformName, architecture: platformName, variant: z.optional(platformName) })),
});

const schemaVersion = z.literal(2);
const indexSchema = z.object({
  schemaVersion,
  mediaType: z.optional(z.enum([mediaTypes.ociIndex, mediaTypes.dockerIndex])),
  manifests: z.array(descriptorSchema).check(z.maxLength(limits.manifestsPerIndex)),
  annotations,
});
const manifestSchema = z.object({
  schemaVersion,
  mediaType: z.optional(z.enum([mediaTypes.ociManifest, mediaTypes.dockerManifest])),
  artifactType: z.nullish(mediaType),
  config: descriptorSchema,
  layers: z.pipe(
    z.nullable(z.array(descriptorSchema).check(z.maxLength(limits.layersPerImage))),
    z.transform((layers) => layers ?? []),
  ),
  annotations,
});

const configSchema = z.object({
  os: z.optional(platformName),
  architecture: z.optional(platformName),
  variant: z.nullish(platformName),
  created: z.nullish(z.string()),
  config: z.nullish(z.object({ Labels: z.nullish(z.record(z.string(), z.string())) })),
  rootfs: z.object({
    type: z.literal('layers'),
    diff_ids: z.nullable(z.array(digest).check(z.maxLength(limits.layersPerImage))),
  }),
  history: z.nullish(z.array(z.object({ created_by: z.nullish(z.string()), empty_layer: z.nullish(z.boolean()) }))),
});

export type Descriptor = z.infer<typeof descriptorSchema>;
export type ImageIndex = { readonly kind: 'index' } & Readonly<z.infer<typeof indexSchema>>;
export type ImageManifest = { readonly kind: 'manifest' } & Readonly<z.infer<typeof manifestSchema>>;
export type ImageConfig = Readonly<z.infer<typeof configSchema>>;

/**
 * Reads an index (manifest list) or a manifest. What it is tells its shape, which its own `mediaType` must not contradict:
 * a document that could be read as both is refused (OCI image-spec GHSA-77vh-xpmg-72qh), and one whose names others read
 * otherwise.
 *
 * @throws PlimsollError `image/bad-manifest`, `image/old-manifest`
 */
export function parseManifest(bytes: Buffer): ImageIndex | ImageManifest {
  const json = parseJson(bytes, limits.manifestBytes, 'manifest');
  const shape = z.record(z.string(), z.unknown()).safeParse(json).data ?? {};
  if (shape['schemaVersion'] === 1) {
    throw new PlimsollError('image/old-manifest', 'The manifest is of schema 1, which was retired in 2019', {
      hint: 'Its digest does not pin the content. Build the image again, or push it with a current tool.',
    });
  }
  checkNames(json, 'manifest');
  const repeated = repeatedName(bytes.toString('utf8'));
  if (repeated !== undefined) throw badManifest(`"${repeated.slice(0, 40)}" is there twice in it`);
  const [hasManifests, hasLayers] = [Object.hasOwn(shape, 'manifests'), Object.hasOwn(shape, 'layers')];
  if (hasManifests && (hasLayers || Object.hasOwn(shape, 'config'))) {
    throw badManifest('it can be read as an index and as an image at once');
  }
  if (hasManifests) return { kind: 'index', ...checked(indexSchema, json, 'index') };
  if (hasLayers) return { kind: 'manifest', ...checked(manifestSchema, json, 'manifest') };
  throw badManifest('it is neither an image nor an index of images');
}

/** @throws PlimsollError `image/bad-manifest` */
export function parseConfig(bytes: Buffer): ImageConfig {
  const json = parseJson(bytes, limits.configBytes, 'image configuration');
  checkNames(json, 'configuration');
  return checked(configSchema, json, 'image configuration');
}

function checkNames(json: unknown, document: 'manifest' | 'configuration'): void {
  const name = inexactName(json, document);
  if (name !== undefined) throw badManifest(`"${name.slice(0, 40)}" in it means something to some readers only`);
}

/** @throws PlimsollError `image/bad-manifest` */
export function parseJson(bytes: Buffer, limit: number, what: string): unknown {
  if (bytes.length > limit) throw badManifest(`the ${what} is larger than ${limit} bytes`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    throw badManifest(`the ${what} is not JSON: ${messageOf(thrown)}`);
  }
}

/** @throws PlimsollError `image/bad-manifest` naming the first thing that is wrong */
export function checked<T>(schema: z.ZodMiniType<T>, json: unknown, what: string): T {
  const answer = shaped(schema, json);
  if (answer.ok) return answer.value;
  const { place, mistake } = answer;
  throw badManifest(`the ${what} is not valid${place === '' ? '' : ` at ${place}`}: ${mistake}`);
}

function badManifest(why: string): PlimsollError {
  return new PlimsollError('image/bad-manifest', `The image cannot be read: ${why.slice(0, 500)}`, {
    hint: 'The image is damaged, or made by a tool that does not follow the OCI image specification. Build or push it again.',
  });
}
