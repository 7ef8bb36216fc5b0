import type { Tree, TreeFile } from '../image/index.ts';
import type { Unknown } from '../sbom/index.ts';
import type { Cataloger, Found, Json, LinkedFolder, View } from './cataloger.ts';
import type { Alias, Facts, StoredFragment, UnreadFact } from './facts.ts';
import { compilePatterns, namedFolders, openFolders } from './pattern.ts';

/** What is known of one layer: its facts, and those of its files that were read again under other names. */
export interface KnownLayer {
  /** Absent for a layer that was not read. */
  readonly facts?: Facts | undefined;
  readonly reread?: Facts | undefined;
}

/** A file whose bytes were not offered to a cataloger that wants it under the name it has in the squashed view. */
export interface MissingAlias extends Alias {
  readonly layer: number;
}

/** All layers of an artifact laid over one another, with what the catalogers learned at the places that are visible. */
export interface SquashedFacts {
  view(cataloger: Cataloger): View<Json>;
  /** Links that need another look at their layer; those that were reread are not among them. */
  readonly missing: readonly MissingAlias[];
  /** Visible files that were not read. */
  readonly unread: readonly Unknown[];
}

/** @param tree of the same layers */
export function squashFacts(
  catalogers: readonly Cataloger[],
  layers: readonly KnownLayer[],
  tree: Tree,
): SquashedFacts {
  const patterns = compilePatterns(catalogers.map(({ files }) => files));
  const own = layers.map(({ facts }) => indexFacts(facts));
  const reread = layers.map(({ reread }) => indexFacts(reread));
  const linkedFolders = [...namedFolders(catalogers.flatMap(({ files }) => files))].flatMap((named) => {
    const folder = tree.folder(named);
    return folder === undefined || folder === named ? [] : [{ named: `${named}/`, folder: `${folder}/` }];
  });
  const links = tree.symlinks();
  const otherNames = folderNames(
    linkedFolders,
    linkedNames(tree, links, openFolders(catalogers.flatMap(({ files }) => files))),
  );
  const readsBinaries = new Set(catalogers.filter(({ binaries }) => binaries !== undefined).map(({ name }) => name));
  const found = new Map<string, Found<Json>[]>(catalogers.map(({ name }) => [name, []]));
  const missing: MissingAlias[] = [];
  const unread: (Unknown & { kind: 'unread-file' })[] = [];

  const namesOf = (owners: readonly number[]) => owners.map((owner) => catalogers[owner]?.name ?? '');
  const namesFor = (path: string) => namesOf(patterns.match(path));

  function report(layer: number, fact: UnreadFact, path: string): void {
    const shown = fact.path.startsWith(fact.file) ? path + fact.path.slice(fact.file.length) : fact.path;
    unread.push({ kind: 'unread-file', path: shown, layer, cataloger: fact.cataloger ?? 'files', reason: fact.reason });
  }

  function place(path: string, layer: number, { cataloger, fragment }: StoredFragment): void {
    found.get(cataloger)?.push({ path, layer, fragment: JSON.parse(fragment) });
  }

  /** What `source` in the layer's archive says, as it counts under its visible name. */
  function placeFile(folder: string, name: string, layer: number, otherSource: string | undefined): void {
    // Almost no file has something to say, and an image has a million of them: their paths are not even put together.
    if (otherSource === undefined && own[layer]?.names.has(name) !== true) return;
    const path = folder + name;
    const source = otherSource ?? path;
    const fragments = own[layer]?.fragments.get(source);
    if (fragments !== undefined) {
      const names = namesFor(path);
      for (const stored of fragments) {
        if (names.includes(stored.cataloger) || readsBinaries.has(stored.cataloger)) place(path, layer, stored);
      }
    }
    for (const fact of own[layer]?.unread.get(source) ?? []) report(layer, fact, path);
    if (source !== path) placeAlias(path, layer, source, namesFor(path), new Set(namesFor(source)));
  }

  /** A name that leads to `source`, for the catalogers that want it and have not seen the bytes under another name. */
  function placeAlias(
    path: string,
    layer: number,
    source: string,
    names: readonly string[],
    seen: ReadonlySet<string>,
  ): void {
    const unseen = names.filter((name) => !seen.has(name));
    if (unseen.length === 0) return;
    if (layers[layer]?.reread === undefined) missing.push({ layer, file: source, as: path });
    for (const stored of reread[layer]?.fragments.get(path) ?? []) {
      if (unseen.includes(stored.cataloger)) place(path, layer, stored);
    }
    for (const fact of reread[layer]?.unread.get(path) ?? []) report(layer, fact, path);
  }

  /** What is at `target` under a name that a link gives it, for those who do not want it under its own. */
  function placeLinked(path: string, wanting: readonly string[], target: TreeFile): void {
    const { layer, source } = target;
    const known = namesFor(target.path);
    const names = wanting.filter((name) => !known.includes(name));
    for (const stored of own[layer]?.fragments.get(source) ?? []) {
      if (names.includes(stored.cataloger)) place(path, layer, stored);
    }
    placeAlias(path, layer, source, names, new Set(namesFor(source)));
  }

  /** For the entries of `folder`: what they are under the names that links give it. */
  function placeUnder(folder: string, others: readonly string[]): (name: string) => void {
    const each = others.map((other) => ({ other, ownersOf: patterns.within(other) }));
    return (name) => {
      for (const { other, ownersOf } of each) {
        const owners = ownersOf(name);
        const target = owners.length === 0 ? undefined : tree.file(folder + name);
        if (target !== undefined) placeLinked(other + name, namesOf(owners), target);
      }
    };
  }

  tree.visit((folder) => {
    const placeOthers = placeUnder(folder, otherNames(folder));
    return (name, layer, source) => {
      placeFile(folder, name, layer, source);
      placeOthers(name);
    };
  });
  for (const path of links) {
    const start = path.lastIndexOf('/') + 1;
    const folder = path.slice(0, start);
    placeUnder(folder, [folder, ...otherNames(folder)])(path.slice(start));
  }

  own.forEach((index, layer) => {
    // What could not even be opened is not a file in the tree, or is one without content: it is reported either way.
    for (const fact of [...index.unread.values()].flat()) {
      if (fact.cataloger === undefined && tree.file(fact.file) === undefined) report(layer, fact, fact.file);
    }
  });
  for (const { layer, path, reason } of tree.misplaced) report(layer, { file: path, path, reason }, path);

  return {
    missing,
    unread: unread.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    view(cataloger) {
      const visible = (found.get(cataloger.name) ?? []).sort((a, b) =>
        a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
      );
      const byPath = new Map(visible.map((item) => [item.path, item]));
      const get = (path: string) => byPath.get(path) ?? byPath.get(tree.file(path)?.path ?? '');
      return {
        found: visible,
        get,
        exists: tree.exists,
        linkedFolders: (name) => linksToFolders(tree, links, name),
        history(path) {
          const last = get(path);
          if (last === undefined) return [];
          const earlier = own
            .slice(0, last.layer)
            .flatMap(({ fragments }, layer) =>
              (fragments.get(last.path) ?? fragments.get(path) ?? [])
                .filter((item) => item.cataloger === cataloger.name)
                .map(({ fragment }) => ({ path: last.path, layer, fragment: JSON.parse(fragment) })),
            );
          return [...earlier, last];
        },
      };
    },
  };
}

function* linksToFolders(tree: Tree, links: readonly string[], name: RegExp): Generator<LinkedFolder> {
  for (const path of links) {
    if (!name.test(path)) continue;
    const folder = tree.folder(path);
    if (folder !== undefined) yield { path, folder };
  }
}

/**
 * The names that a folder has by links to it and to those it is in, where such a link is called like a folder that a cataloger
 * looks into. Of several links to a folder that are called alike, the first counts: the content is the same.
 */
function linkedNames(
  tree: Tree,
  links: readonly string[],
  names: readonly RegExp[],
): ReadonlyMap<string, readonly string[]> {
  const byFolder = new Map<string, string[]>();
  for (const name of names) {
    const seen = new Set<string>();
    for (const { path, folder } of linksToFolders(tree, links, name)) {
      if (seen.has(folder)) continue;
      seen.add(folder);
      const known = byFolder.get(folder);
      if (known === undefined) byFolder.set(folder, [path]);
      else if (!known.includes(path)) known.push(path);
    }
  }
  return byFolder;
}

/**
 * The names that links give a folder: those to it, and those of the folder that it is in. A folder is asked about after the
 * one that it is in; all end with a slash.
 */
function folderNames(
  linked: readonly { readonly named: string; readonly folder: string }[],
  byFolder: ReadonlyMap<string, readonly string[]>,
): (folder: string) => readonly string[] {
  /** Only of those that have some. */
  const known = new Map<string, readonly string[]>();
  return (folder) => {
    if (folder === '') return [];
    const there = known.get(folder);
    if (there !== undefined) return there;
    const start = folder.lastIndexOf('/', folder.length - 2) + 1;
    const names = [
      ...linked.flatMap((link) => (link.folder === folder ? [link.named] : [])),
      ...(byFolder.get(folder.slice(0, -1)) ?? []).map((link) => `${link}/`),
      ...(known.get(folder.slice(0, start)) ?? []).map((name) => name + folder.slice(start)),
    ];
    if (names.length > 0) known.set(folder, names);
    return names;
  };
}

function indexFacts(facts: Facts | undefined) {
  return {
    fragments: Map.groupBy(facts?.fragments ?? [], ({ file }) => file),
    unread: Map.groupBy(facts?.unread ?? [], ({ file }) => file),
    /** The last names of all those files. */
    names: new Set([...(facts?.fragments ?? []), ...(facts?.unread ?? [])].map(({ file }) => lastName(file))),
  };
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
