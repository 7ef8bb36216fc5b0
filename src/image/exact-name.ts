/** Names that decide what an image is made of, in manifests and indexes, and in configurations. */
const inManifests = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'manifests',
  'config',
  'layers',
  'subject',
  'annotations',
  'digest',
  'size',
  'urls',
  'data',
  'platform',
  'os',
  'architecture',
  'variant',
];
const inConfigurations = ['os', 'architecture', 'variant', 'rootfs', 'type', 'diff_ids'];

const documents = {
  manifest: { names: byFolded(inManifests), parts: new Set(['manifests', 'layers', 'config', 'subject', 'platform']) },
  configuration: { names: byFolded(inConfigurations), parts: new Set(['rootfs']) },
} as const;

/**
 * A name of a parsed document that is written in another case than the specification has it: Go, and with it what runs
 * images, takes `Layers` for `layers`, and would see another image in it than whoever reads names as they are.
 */
export function inexactName(json: unknown, document: keyof typeof documents): string | undefined {
  const { names, parts } = documents[document];
  function find(value: unknown, depth: number): string | undefined {
    if (typeof value !== 'object' || value === null || depth > deepest) return undefined;
    if (Array.isArray(value)) return first(value, (item) => find(item, depth + 1));
    return first(Object.entries(value), ([name, part]) => {
      if ((names.get(folded(name)) ?? name) !== name) return name;
      return parts.has(name) ? find(part, depth + 1) : undefined;
    });
  }
  return find(json, 0);
}

/**
 * A name that an object of a JSON text has twice: some readers take the first, others the last, and Go lets parts of the
 * first shine through. `text` has been parsed: it is JSON.
 */
export function repeatedName(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, quoted] of text.matchAll(nameOrBrace)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (quoted !== undefined) {
      const name = String(JSON.parse(quoted));
      const names = open.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
  }
  return undefined;
}

/** Texts are taken whole, so that braces in them are none; those before a colon are names. */
const nameOrBrace = /("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/g;

/** A platform, in a descriptor, in a list, in an index. */
const deepest = 4;

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byFolded(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [folded(name), name]));
}

/** As Unicode folds: the long s is an s, and the sign for Kelvin a k. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
