/** Names and values that a signer puts into a signature, and that whoever verifies can ask for. */
export type Annotations = Readonly<Record<string, string>>;

/** The texts of a JSON object, and its numbers and truth values as texts; what has parts of its own is left out. */
export function textsOf(json: Readonly<Record<string, unknown>>): Annotations {
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : [],
    ),
  );
}

/** The first of the wanted annotations that is not there, or is another; `undefined`: all are as wanted. */
export function missingAnnotation(wanted: Annotations, has: Annotations): string | undefined {
  return Object.keys(wanted).find((name) => has[name] !== wanted[name]);
}
