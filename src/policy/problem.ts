import * as z from 'zod/mini';
import { nearest } from '../nearest.ts';
import type { Mistake } from './mistake.ts';
import { policySchema } from './schema.ts';
import type { Path } from './yaml-source.ts';

/** Something wrong with a policy file, or (`warning`) something that works but probably not as meant. */
export interface Problem extends Mistake {
  readonly level: 'error' | 'warning';
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** `rules[0].when.severity`; empty for the file as a whole. */
  readonly path: string;
}

/** A problem before it is known where in the text it stands. */
export interface Located extends Mistake {
  readonly level: 'error' | 'warning';
  readonly path: Path;
  /** Whether the key is wrong, or its value. */
  readonly part: 'key' | 'value';
}

/** Keys that are told of one place; guessing what was meant takes time. */
const shownAtMost = 100;

type Issue = z.core.$ZodIssue;

export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** What zod found, in sentences. `root` is the value that was parsed. */
export function problemsOf(issues: readonly Issue[], root: unknown): readonly Located[] {
  return issues.flatMap((issue) => explain(issue, [], root));
}

function explain(issue: Issue, before: Path, root: unknown): readonly Located[] {
  const path = [...before, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const value = valueAt(root, path);
  const single = bareBound(path, value);
  if (single !== undefined) return [{ level: 'error', path, part: 'value', ...single }];
  if (issue.code === 'invalid_union') {
    const branch = branchFor(issue.errors, value);
    if (branch !== undefined) return branch.flatMap((inner) => explain(inner, path, root));
    return [{ level: 'error', path, part: 'value', ...wrongType(value, expectedOf(issue.errors), path) }];
  }
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(policySchema, path);
    return issue.keys.slice(0, shownAtMost).map((key) => ({
      level: 'error',
      path: [...path, key],
      part: 'key',
      ...unknownKey(key, path, known),
    }));
  }
  return [{ level: 'error', path, part: 'value', ...sentence(issue, path, value) }];
}

function unknownKey(key: string, path: Path, known: readonly string[]): Mistake {
  const guess = nearest(key, known);
  const where = path.length === 0 ? 'a policy' : `"${pathText(path)}"`;
  return {
    message: `"${key}" is not a key of ${where}`,
    hint: guess === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${guess}"?`,
  };
}

function sentence(issue: Issue, path: Path, value: unknown): Mistake {
  const name = nameOf(path);
  switch (issue.code) {
    case 'custom':
      return { message: issue.message, hint: typeof issue.params?.['hint'] === 'string' ? issue.params['hint'] : '' };
    case 'invalid_type':
      if (value === undefined) return { message: `${name} is missing`, hint: `Add ${name}.` };
      if (path.length === 0 && value === null)
        return { message: 'the file is empty', hint: 'Begin with "version: 1".' };
      return wrongType(value, words[issue.expected] ?? issue.expected, path);
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      if (value === undefined) return { message: `${name} is missing`, hint: `Add ${name}: ${listed(allowed)}.` };
      const message = `${describe(value)} is not a value of ${keyOf(path)}`;
      if (typeof value !== 'string') return { message, hint: `Write ${listed(allowed)}.` };
      if (allowed.includes(value)) return { message, hint: `Write ${value} without quotes.` };
      const guess = nearest(value, allowed);
      return { message, hint: guess === undefined ? `Write ${listed(allowed)}.` : `Did you mean "${guess}"?` };
    }
    case 'invalid_key':
      return { message: `"${path.at(-1)}" is not a name`, hint: formats['"name"'] ?? elsewhere };
    case 'invalid_format':
      return {
        message: `${describe(value)} is not a value of ${keyOf(path)}`,
        hint: formats[keyOf(path)] ?? elsewhere,
      };
    case 'too_small':
    case 'too_big': {
      const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum;
      const side = issue.code === 'too_small' ? 'at least' : 'at most';
      if (issue.origin === 'number')
        return { message: `${describe(value)} is not a value of ${keyOf(path)}`, hint: `It is ${side} ${limit}.` };
      if (issue.code === 'too_small') return { message: `${name} is empty`, hint: 'Give it a value, or remove it.' };
      return {
        message: `${name} is too long`,
        hint: `It has ${side} ${limit} ${issue.origin === 'array' ? 'entries' : 'characters'}.`,
      };
    }
    default:
      return { message: `${name} is not as it should be`, hint: elsewhere };
  }
}

const elsewhere = 'See docs/policy.md.';

/** What a text of a certain form looks like, by its key. */
const age = 'Write a whole number and h, d or w (hours, days, weeks): 7d.';
const formats: Readonly<Record<string, string>> = {
  '"name"': 'Use lower-case letters, digits and hyphens: critical-with-fix.',
  '"until"': 'Write a day that exists as YYYY-MM-DD: 2026-12-31.',
  '"vulnerability"': 'Write one whole name without wildcards: CVE-2021-44228, GHSA-jfh8-c2jp-5v3q.',
  '"atLeast"': age,
  '"below"': age,
  '"maxAge"': age,
};

const words: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function wrongType(value: unknown, expected: string, path: Path): Mistake {
  const name = nameOf(path);
  const found = value === null || value === undefined ? 'empty' : describe(value);
  return { message: `${name} is ${found}; ${expected} is expected`, hint: typeHint(value, expected, path) };
}

function typeHint(value: unknown, expected: string, path: Path): string {
  if (expected === words['array']) return 'Write a list: [first, second].';
  if (expected === words['object']) {
    const keys = keysAt(policySchema, path);
    return `Write a mapping: { key: value }.${keys.length === 0 ? '' : ` Its keys are ${keys.join(', ')}.`}`;
  }
  const form = expected === words['string'] ? formats[nameOf(path)] : undefined;
  if (form !== undefined) return form;
  const isUnquoted = expected === words['string'] && (typeof value === 'number' || typeof value === 'boolean');
  return isUnquoted ? `Put it in quotes: "${value}".` : `Write ${expected}.`;
}

const ranges = new Set(['cvss', 'epss', 'epssPercentile', 'fixAge', 'age']);

/** `cvss: 9`, `fixAge: ">= 7d"`: a bound that stands where a range belongs. */
function bareBound(path: Path, value: unknown): Mistake | undefined {
  const key = path.at(-1);
  if (typeof key !== 'string' || !ranges.has(key) || (typeof value !== 'string' && typeof value !== 'number'))
    return undefined;
  const bound = String(value)
    .slice(0, 40)
    .replace(/^[<>=\s]+|[+\s]+$/g, '');
  if (!/^[\d.]/.test(bound)) return undefined;
  const meant = /^\s*</.test(String(value)) ? 'below' : 'atLeast';
  return { message: `${describe(value)} is not a range of "${key}"`, hint: `Write { ${meant}: ${bound} }.` };
}

function nameOf(path: Path): string {
  if (path.length === 0) return 'the policy';
  return typeof path.at(-1) === 'number' ? `an entry of ${keyOf(path)}` : keyOf(path);
}

function keyOf(path: Path): string {
  return `"${path.findLast((step) => typeof step === 'string') ?? ''}"`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function listed(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

/** The alternative that was meant: the one whose kind of value (single, list, keys) was written. */
function branchFor(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | undefined {
  const isGroup = typeof value === 'object' && value !== null;
  return branches.find((issues) =>
    issues.every(({ code, path }) => {
      if (path.length > 0) return true;
      return isGroup ? code !== 'invalid_type' && code !== 'invalid_value' : code !== 'invalid_type';
    }),
  );
}

function expectedOf(branches: readonly (readonly Issue[])[]): string {
  const expected = branches.flatMap((issues) => issues.flatMap((issue) => expectation(issue)));
  return listed([...new Set(expected)]);
}

function expectation(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_type') return [words[issue.expected] ?? issue.expected];
  return issue.code === 'invalid_value' ? issue.values.map(String) : [];
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return value;
}

/** The keys that the schema has at `path`. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  if (schema instanceof z.ZodMiniOptional) return keysAt(schema.def.innerType, path);
  if (schema instanceof z.ZodMiniPipe) return keysAt(schema.def.in, path);
  if (schema instanceof z.ZodMiniUnion) return schema.def.options.flatMap((option) => keysAt(option, path));
  const [step, ...rest] = path;
  if (schema instanceof z.ZodMiniRecord) return step === undefined ? [] : keysAt(schema.def.valueType, rest);
  if (schema instanceof z.ZodMiniArray) return typeof step === 'number' ? keysAt(schema.def.element, rest) : [];
  if (!(schema instanceof z.ZodMiniObject)) return [];
  if (step === undefined) return Object.keys(schema.shape);
  const field = schema.shape[step];
  return field === undefined ? [] : keysAt(field, rest);
}
