/** Compiled `Cataloger.files`: which of many patterns match a path, by looking at the path's last segment first. */
export interface Patterns {
  /** Indexes of the matching patterns' owners, each once, ascending. */
  match(path: string): readonly number[];
  /** The same for each file of one folder: `usr/lib/`, or the empty text. */
  within(folder: string): (name: string) => readonly number[];
}

interface Rule {
  readonly owner: number;
  readonly whole: RegExp;
}

const none: readonly never[] = [];

/** `owners[i]` is the list of patterns that answer with index `i`. */
export function compilePatterns(owners: readonly (readonly string[])[]): Patterns {
  const byName = new Map<string, Rule[]>();
  const byExtension = new Map<string, Rule[]>();
  /** The last letters of the extensions: most names have another, and need no more of a look. */
  const lastLetters = new Set<number>();
  const byFolder = new Map<string, Rule[]>();
  const others: Rule[] = [];
  owners.forEach((patterns, owner) => {
    for (const pattern of patterns) {
      const rule = { owner, whole: toRegExp(pattern) };
      const start = pattern.lastIndexOf('/') + 1;
      const [folder, last] = [pattern.slice(0, start), pattern.slice(start)];
      const extension = /\.[^.*]+$/.exec(last)?.[0];
      if (!last.includes('*')) append(byName, last, rule);
      else if (extension !== undefined) {
        append(byExtension, extension.toLowerCase(), rule);
        for (const cased of [extension.toLowerCase(), extension.toUpperCase()]) {
          lastLetters.add(cased.charCodeAt(cased.length - 1));
        }
      } else if (!folder.includes('*')) append(byFolder, folder, rule);
      else others.push(rule);
    }
  });

  function rulesIn(folder: string): readonly Rule[] {
    const here = byFolder.get(folder);
    return here === undefined ? others : [...here, ...others];
  }

  function extendedBy(name: string): readonly Rule[] {
    if (!lastLetters.has(name.charCodeAt(name.length - 1))) return none;
    const dot = name.lastIndexOf('.');
    return dot < 0 ? none : (byExtension.get(name.slice(dot).toLowerCase()) ?? none);
  }

  function ownersOf(folder: string, name: string, here: readonly Rule[]): readonly number[] {
    const named = byName.get(name) ?? none;
    const extended = extendedBy(name);
    // Almost every path is of no interest to anyone, and an image has a million of them: nothing is made for those.
    if (named.length === 0 && extended.length === 0 && here.length === 0) return none;
    const path = folder + name;
    const hits = [...named, ...extended, ...here].filter(({ whole }) => whole.test(path));
    return [...new Set(hits.map(({ owner }) => owner))].sort((a, b) => a - b);
  }

  return {
    match(path) {
      const start = path.lastIndexOf('/') + 1;
      const folder = path.slice(0, start);
      return ownersOf(folder, path.slice(start), rulesIn(folder));
    },
    within(folder) {
      const here = rulesIn(folder);
      return (name) => ownersOf(folder, name, here);
    },
  };
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
