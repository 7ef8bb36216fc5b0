import { z } from 'zod';
import type { Distro } from './component.ts';
import type { JsonMembers } from './document.ts';
import type { Unknown } from './evidence.ts';

/**
 * What SPDX 2.3 has no field for stands in annotations (SPDX 2.3, 12): `plimsoll: ` and a JSON object. On the document:
 * one for each thing that could not be found out. On the operating system: the distribution. On other packages:
 * {@link Carried}.
 */
const prefix = 'plimsoll: ';

export function annotation(facts: unknown, date: string, annotator: string): JsonMembers {
  return { annotationDate: date, annotationType: 'OTHER', annotator, comment: `${prefix}${JSON.stringify(facts)}` };
}

/** `undefined` for a comment that is not Plimsoll's. */
export function readAnnotation(comment: string): unknown {
  if (!comment.startsWith(prefix)) return undefined;
  try {
    return JSON.parse(comment.slice(prefix.length));
  } catch {
    return undefined;
  }
}

const layer = z.int().min(0);

export const unknownSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('unread-file'),
    path: z.string(),
    layer: layer.optional(),
    cataloger: z.string(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('unread-layer'), layer, reason: z.string() }),
  z.object({ kind: z.literal('no-version'), component: z.string(), reason: z.string() }),
  z.object({
    kind: z.literal('no-advisories'),
    ecosystem: z.string(),
    components: z.int().min(0),
    reason: z.string(),
  }),
]) satisfies z.ZodType<Unknown>;

export const distroSchema = z.object({
  id: z.string(),
  versionId: z.string().optional(),
  codename: z.string().optional(),
  idLike: z.array(z.string()),
  name: z.string(),
}) satisfies z.ZodType<Distro>;

export const carriedSchema = z.object({
  foundBy: z.string(),
  source: z.object({ name: z.string(), version: z.string().optional() }).optional(),
  architecture: z.string().optional(),
  module: z.string().optional(),
  scope: z.enum(['development', 'optional']).optional(),
  ownedBy: z.string().optional(),
  embedded: z.literal(true).optional(),
  /** Where SPDX's own field does not say exactly this. */
  supplier: z.string().optional(),
  homepage: z.string().optional(),
  locations: z.array(z.object({ path: z.string(), layer: layer.optional() })),
});

export type Carried = z.infer<typeof carriedSchema>;
