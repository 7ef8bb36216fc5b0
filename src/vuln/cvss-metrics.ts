/** Metrics of a vector by name; only those that it states. */
export type Metrics = ReadonlyMap<string, string>;

/** Names of metrics with their values, `AV:N|A|L|P` a line or blank apart. */
export type Grammar = ReadonlyMap<string, ReadonlySet<string>>;

export function grammar(text: string): Grammar {
  return new Map(
    text
      .trim()
      .split(/\s+/)
      .map((metric) => {
        const [name = '', values = ''] = metric.split(':');
        return [name, new Set(values.split('|'))];
      }),
  );
}

/** `undefined`: not a valid vector (a metric that is missing, unknown, stated twice, or with a value it cannot have). */
export function readMetrics(text: string, required: Grammar, optional: Grammar): Metrics | undefined {
  const metrics = new Map<string, string>();
  for (const part of text.split('/')) {
    const [name = '', value = '', ...rest] = part.split(':');
    const values = required.get(name) ?? optional.get(name);
    if (rest.length > 0 || metrics.has(name) || values?.has(value) !== true) return undefined;
    metrics.set(name, value);
  }
  return [...required.keys()].every((name) => metrics.has(name)) ? metrics : undefined;
}
