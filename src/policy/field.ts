/** What fields of the policy file have in common, as zod sees them. */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { durationOf, durationPattern } from './duration.ts';
import type { Read } from './mistake.ts';

export const text = z.string().trim().min(1).max(limits.policyTextLength);
export const duration = text.regex(durationPattern).transform((value) => durationOf(value) ?? 0);

export const action = z.enum(['deny', 'warn', 'allow']);
export type Action = z.output<typeof action>;

export const ruleName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/);

export function oneOrMany<Value>(item: z.ZodType<Value, string>) {
  return z
    .union([item, z.array(item).min(1).max(limits.policyListEntries)])
    .transform((value): readonly Value[] => (Array.isArray(value) ? value : [value]));
}

/** A text that `reader` takes apart; `length`: in characters, at most. */
export function pattern<Value>(
  reader: (text: string) => Read<Value>,
  example: string,
  length: number = limits.policyTextLength,
) {
  return z
    .string()
    .trim()
    .min(1)
    .max(length)
    .transform((value, context): Value => {
      const answer = reader(value);
      if (answer.ok) return answer.value;
      const { message, hint } = answer.mistake;
      context.addIssue({ code: 'custom', message, params: { hint }, input: value });
      return z.NEVER;
    })
    .meta({ examples: [example] });
}
