import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { shaped } from './shape.ts';

const schema = z.object({
  name: z.optional(z.string().check(z.minLength(2), z.maxLength(4))),
  size: z.optional(z.int().check(z.minimum(0))),
  isLast: z.optional(z.boolean()),
  state: z.optional(z.enum(['open', 'shut'])),
  labels: z.optional(z.record(z.string(), z.string())),
  parts: z.optional(z.array(z.object({ version: z.literal(2) })).check(z.maxLength(2))),
  either: z.optional(z.union([z.string(), z.array(z.string())])),
  even: z.optional(z.number().check(z.refine((number) => number % 2 === 0, 'not even'))),
});

test('the first thing that is wrong is told with its place, in words and without the value', () => {
  const cases: readonly (readonly [value: unknown, place: string, mistake: string])[] = [
    [[], '', 'an array instead of an object'],
    ['secret', '', 'a string instead of an object'],
    [null, '', 'null instead of an object'],
    [{ name: 5 }, 'name', 'a number instead of a string'],
    [{ name: 'x' }, 'name', 'shorter than 2'],
    [{ name: 'secret' }, 'name', 'longer than 4'],
    [{ size: 'secret' }, 'size', 'a string instead of a number'],
    [{ size: 0.5 }, 'size', 'a number instead of a whole number'],
    [{ size: -1 }, 'size', 'less than 0'],
    [{ size: 1e300 }, 'size', `more than ${Number.MAX_SAFE_INTEGER}`],
    [{ isLast: 'yes' }, 'isLast', 'a string instead of a boolean'],
    [{ state: 'secret' }, 'state', 'none of open, shut'],
    [{ labels: { a: {} } }, 'labels.a', 'an object instead of a string'],
    [{ labels: [] }, 'labels', 'an array instead of an object'],
    [{ labels: { ['a'.repeat(300)]: 1 } }, `labels.${'a'.repeat(193)}`, 'a number instead of a string'],
    [{ parts: [{}] }, 'parts.0.version', 'missing'],
    [{ parts: [{ version: 2 }, { version: 'secret' }] }, 'parts.1.version', 'not 2'],
    [{ parts: Array(3).fill({ version: 2 }) }, 'parts', 'longer than 2'],
    [{ either: 1 }, 'either', 'of no form that is known'],
    [{ even: 3, size: -1 }, 'size', 'less than 0'],
    [{ even: 3 }, 'even', 'not even'],
  ];
  for (const [value, place, mistake] of cases) {
    assert.deepEqual(shaped(schema, value), { ok: false, place, mistake }, JSON.stringify(value));
  }
  assert.deepEqual(shaped(schema, { name: 'abc', more: 1 }), { ok: true, value: { name: 'abc' } });
});
