/** Holds a value from outside against the shape that it should have. */
import type * as z from 'zod/mini';

export type Shaped<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      /** Where the first mistake is: `layers.0.size`; empty for the value as a whole. */
      readonly place: string;
      /** `a string instead of a number`, or in the words of the schema. */
      readonly mistake: string;
    };

export function shaped<Value>(schema: z.ZodMiniType<Value>, value: unknown): Shaped<Value> {
  const result = schema.safeParse(value, { error: mistakeIn });
  if (result.success) return { ok: true, value: result.data };
  const [issue] = result.error.issues;
  return { ok: false, place: issue?.path.join('.').slice(0, 200) ?? '', mistake: issue?.message ?? unknownForm };
}

const unknownForm = 'of no form that is known';

/** zod/mini itself has no words. Values are not quoted: they may be secret. */
function mistakeIn(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'missing';
      return `${kindOf(issue.input)} instead of ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      if (issue.input === undefined) return 'missing';
      return `${issue.values.length === 1 ? 'not' : 'none of'} ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${isNumber(issue.origin) ? 'less' : 'shorter'} than ${issue.minimum}`;
    case 'too_big':
      return `${isNumber(issue.origin) ? 'more' : 'longer'} than ${issue.maximum}`;
    default:
      return unknownForm;
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return (Array.isArray(value) ? kinds['array'] : kinds[typeof value]) ?? typeof value;
}

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int';
}
