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

/** How much of what should be a list of objects is something else: what it stands for is not known. */
export function strayIn(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return Array.isArray(value) ? value.filter((each) => !isObject(each)).length : 1;
}

/** The sentence on {@link strayIn}, if there is something to say. */
export function strayProblem(list: string, count: number): readonly string[] {
  if (count === 0) return [];
  return [`"${list}" holds ${count === 1 ? 'something that is' : `${count} things that are`} not what belongs there`];
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
