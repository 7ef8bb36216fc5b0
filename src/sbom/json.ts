/** Narrowing for documents that any tool may have written: what has another shape than expected is not there. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function objectIn(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objectsIn(value: unknown): readonly JsonObject[] {
  return listIn(value).filter(isObject);
}

/** A text with something in it. */
export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function textsIn(value: unknown): readonly string[] {
  return listIn(value).flatMap((each) => textIn(each) ?? []);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
