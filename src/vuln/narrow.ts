import { PlimsollError } from '../error.ts';

/** From parsed JSON to values of a known shape. `where` names the field in the error: `affected[].package.name`. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws PlimsollError `vuln/bad-record`, as all here. */
export function object(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw badRecord(`${where} is not an object`);
  return value;
}

export function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw badRecord(`${where} is not a text`);
  return value;
}

/** Absent, `null` and the empty text are the same. */
export function optionalText(value: unknown, where: string): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : text(value, where);
}

/** Absent and `null` are the empty list. */
export function list(value: unknown, where: string, max: number): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRecord(`${where} is not a list`);
  if (value.length > max) throw badRecord(`${where} has ${value.length} entries, more than the ${max} allowed`);
  return value;
}

export function texts(value: unknown, where: string, max: number): readonly string[] {
  return list(value, where, max).map((entry) => text(entry, `${where}[]`));
}

export function badRecord(what: string): PlimsollError {
  return new PlimsollError('vuln/bad-record', `${what}.`, {
    hint: 'Report it to the feed that the record comes from; the other records are not touched by it.',
  });
}
