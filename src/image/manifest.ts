import { z } from 'zod';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isDigest } from './digest.ts';
import { inexactName, repeatedName } from './exact-name.ts';
import { mediaTypes } from './media-type.ts';

const digest = z.string().max(200).refine(isDigest, 'not a sha256 or sha512 digest');
const annotations = z.record(z.string(), z.string()).nullish();

const descriptorSchema = z.object({
  mediaType: z.string().max(255),
  digest,
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).max(100).nullish(),
  annotations,
  artifactType: z.string().max(255).nullish(),
  platform: z
    .object({
      os: z.string().max(100),
      architecture: z.string().max(100),
      variant: z.string().max(100).optional(),
    })
    .nullish(),
});

const schemaVersion = z.literal(2);
const indexSchema = z.object({
  schemaVersion,
  mediaType: z.enum([mediaTypes.ociIndex, mediaTypes.dockerIndex]).optional(),
  manifests: z.array(descriptorSchema).max(limits.manifestsPerIndex),
  annotations,
});
const manifestSchema = z.object({
  schemaVersion,
  mediaType: z.enum([mediaTypes.ociManifest, mediaTypes.dockerManifest]).optional(),
  artifactType: z.string().max(255).nullish(),
  config: descriptorSchema,
  layers: z
    .array(descriptorSchema)
    .max(limits.layersPerImage)
    .nullable()
    .transform((layers) => layers ?? []),
  annotations,
});

const configSchema = z.object({
  os: z.string().max(100).optional(),
  architecture: z.string().max(100).optional(),
  variant: z.string().max(100).nullish(),
  created: z.string().nullish(),
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(digest).max(limits.layersPerImage).nullable() }),
  history: z.array(z.object({ created_by: z.string().nullish(), empty_layer: z.boolean().nullish() })).nullish(),
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
export function checked<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.').slice(0, 200)}`;
  throw badManifest(`the ${what} is not valid${place}: ${issue?.message ?? 'unknown'}`);
}

function badManifest(why: string): PlimsollError {
  return new PlimsollError('image/bad-manifest', `The image cannot be read: ${why.slice(0, 500)}`, {
    hint: 'The image is damaged, or made by a tool that does not follow the OCI image specification. Build or push it again.',
  });
}
