/** Compiled `Cataloger.files`: which of many patterns match a path, by looking at the path's last segment first. */
export interface Patterns {
  /** Indexes of the matching patterns' owners, each once, ascending. */
  match(path: string): readonly number[];
}

interface Rule {
  readonly owner: number;
  readonly whole: RegExp;
}

const none: readonly number[] = [];

/** `owners[i]` is the list of patterns that answer with index `i`. */
export function compilePatterns(owners: readonly (readonly string[])[]): Patterns {
  const byName = new Map<string, Rule[]>();
  const byExtension = new Map<string, Rule[]>();
  const others: Rule[] = [];
  owners.forEach((patterns, owner) => {
    for (const pattern of patterns) {
      const rule = { owner, whole: toRegExp(pattern) };
      const last = pattern.slice(pattern.lastIndexOf('/') + 1);
      const extension = /\.[^.*]+$/.exec(last)?.[0];
      if (!last.includes('*')) append(byName, last, rule);
      else if (extension !== undefined) append(byExtension, extension.toLowerCase(), rule);
      else others.push(rule);
    }
  });
  return {
    match(path) {
      const last = path.slice(path.lastIndexOf('/') + 1);
      const dot = last.lastIndexOf('.');
      // Almost every path is of no interest to anyone, and an image has a million of them: nothing is made for those.
      let hits = matching(byName.get(last), path, none);
      if (dot >= 0) hits = matching(byExtension.get(last.slice(dot).toLowerCase()), path, hits);
      hits = matching(others, path, hits);
      return hits.length < 2 ? hits : [...new Set(hits)].sort((a, b) => a - b);
    },
  };
}

function matching(rules: readonly Rule[] | undefined, path: string, before: readonly number[]): readonly number[] {
  let hits = before;
  for (const { owner, whole } of rules ?? []) if (whole.test(path)) hits = [...hits, owner];
  return hits;
}

/** The folders that patterns name in full: `var/lib/dpkg` for `var/lib/dpkg/*.d/status`, none for one that holds anywhere. */
export function namedFolders(patterns: readonly string[]): ReadonlySet<string> {
  const folders = patterns.map((pattern) => {
    const segments = pattern.split('/').slice(0, -1);
    const open = segments.findIndex((segment) => segment.includes('*'));
    return segments.slice(0, open < 0 ? segments.length : open).join('/');
  });
  return new Set(folders.filter((folder) => folder !== ''));
}

/** The folders that patterns name at any depth, each as an expression for paths: `composer` where `composer/installed.json` is wanted. */
export function openFolders(patterns: readonly string[]): readonly RegExp[] {
  const folders = patterns.flatMap((pattern) => {
    const [first, ...segments] = pattern.split('/').slice(0, -1);
    return first === '**' ? segments.map((_, index) => `**/${segments.slice(0, index + 1).join('/')}`) : [];
  });
  return [...new Set(folders)].map(toRegExp);
}

function append(index: Map<string, Rule[]>, key: string, rule: Rule): void {
  const rules = index.get(key);
  if (rules === undefined) index.set(key, [rule]);
  else rules.push(rule);
}

function toRegExp(pattern: string): RegExp {
  const segments = pattern.split('/').map((segment, index, all) => {
    if (segment === '**') return index === all.length - 1 ? '.*' : '(?:[^/]+/)*';
    return index === all.length - 1 ? lastSegment(segment) : `${literal(segment)}/`;
  });
  return new RegExp(`^${segments.join('')}$`, 's');
}

/** An extension after `*` is taken in any case: `java -cp 'lib/*'` loads `a.JAR`, too. */
function lastSegment(segment: string): string {
  const [, start = segment, extension = ''] = /^(.*\*)((?:\.[^.*]+)+)$/.exec(segment) ?? [];
  return (
    literal(start) +
    literal(extension).replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
  );
}

function literal(segment: string): string {
  return segment.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
}
