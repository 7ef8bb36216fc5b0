/** What fields of the policy file have in common, as zod sees them. */
import * as z from 'zod/mini';
import { limits } from '../limits.ts';
import { durationOf, durationPattern } from './duration.ts';
import type { Read } from './mistake.ts';

export const text = z.string().check(z.trim(), z.minLength(1), z.maxLength(limits.policyTextLength));
export const duration = z.pipe(
  text.check(z.regex(durationPattern)),
  z.transform((value) => durationOf(value) ?? 0),
);

export const action = z.enum(['deny', 'warn', 'allow']);
export type Action = z.output<typeof action>;

export const ruleName = z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/));

/** `description` is what an editor shows. */
export function described<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  const field = schema.clone();
  z.globalRegistry.add(field, { description });
  return field;
}

/** A field that may be left out. */
export function optional<Schema extends z.ZodMiniType>(schema: Schema, description: string) {
  const field = z.optional(schema);
  z.globalRegistry.add(field, { description });
  return field;
}

export function oneOrMany<Value>(item: z.ZodMiniType<Value, string>) {
  return z.pipe(
    z.union([item, z.array(item).check(z.minLength(1), z.maxLength(limits.policyListEntries))]),
    z.transform((value): readonly Value[] => (Array.isArray(value) ? value : [value])),
  );
}

export const texts = oneOrMany(text);

/** A text that `reader` takes apart; `length`: in characters, at most. */
export function pattern<Value>(
  reader: (text: string) => Read<Value>,
  example: string,
  length: number = limits.policyTextLength,
) {
  return z
    .pipe(z.string().check(z.trim(), z.minLength(1), z.maxLength(length)), reading(reader))
    .register(z.globalRegistry, { examples: [example] });
}

/** What `reader` makes of a value, or the mistake that it finds in it. */
export function reading<Input, Value>(reader: (value: Input) => Read<Value>) {
  return z.transform((value: Input, { issues }): Value => {
    const answer = reader(value);
    if (answer.ok) return answer.value;
    const { message, hint } = answer.mistake;
    issues.push({ code: 'custom', message, params: { hint }, input: value });
    return z.NEVER;
  });
}
