import * as z from 'zod/mini';
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

const count = z.int().check(z.minimum(0));
const optionalText = z.optional(z.string());

export const unknownSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('unread-file'),
    path: z.string(),
    layer: z.optional(count),
    cataloger: z.string(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('unread-layer'), layer: count, reason: z.string() }),
  z.object({ kind: z.literal('no-version'), component: z.string(), reason: z.string() }),
  z.object({
    kind: z.literal('no-advisories'),
    ecosystem: z.string(),
    components: count,
    reason: z.string(),
  }),
]) satisfies z.ZodMiniType<Unknown>;

export const distroSchema = z.object({
  id: z.string(),
  versionId: optionalText,
  codename: optionalText,
  idLike: z.array(z.string()),
  name: z.string(),
}) satisfies z.ZodMiniType<Distro>;

export const carriedSchema = z.object({
  foundBy: z.string(),
  source: z.optional(z.object({ name: z.string(), version: optionalText })),
  architecture: optionalText,
  module: optionalText,
  scope: z.optional(z.enum(['development', 'optional'])),
  ownedBy: optionalText,
  embedded: z.optional(z.literal(true)),
  /** Where SPDX's own field does not say exactly this. */
  supplier: optionalText,
  homepage: optionalText,
  locations: z.array(z.object({ path: z.string(), layer: z.optional(count) })),
});

export type Carried = z.infer<typeof carriedSchema>;
