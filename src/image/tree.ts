import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { hides, type ListedEntry } from './listing.ts';
import { parentOf } from './path.ts';
import { type Directory, leadsOn, type Node, nameOf, pathOf } from './tree-node.ts';
import { newTrail, treeWalk } from './tree-walk.ts';

/** Where a visible file's bytes come from: `source` is the path that the layer's archive has them under. */
export interface TreeFile {
  readonly path: string;
  readonly layer: number;
  readonly source: string;
}

/** The file system that a container would see: all layers, one over the other. */
export interface Tree {
  /** Shows every file, folder by folder, in no particular order; symbolic links are not files. */
  visitFiles(see: (path: string, layer: number, source: string) => void): void;
  /** The paths of all symbolic links. */
  symlinks(): readonly string[];
  /** The file that `path` leads to, symbolic links followed; `undefined` where there is none. */
  file(path: string): TreeFile | undefined;
  /** Whether anything is there, symbolic links followed. */
  exists(path: string): boolean;
  /** The one name of the folder that `path` leads to, symbolic links followed; `undefined` where there is none. */
  folder(path: string): string | undefined;
  /** `path` with the symbolic links of its folders resolved: the one name a file has. */
  canonical(path: string): string | undefined;
  /** Entries that could not be placed, with the reason: their folders are a cycle of links, a hard link leads nowhere, or to content that the archive replaces. */
  readonly misplaced: readonly { readonly layer: number; readonly path: string; readonly reason: string }[];
}

/**
 * Lays layers over one another as container runtimes do when they unpack them (OCI image-spec v1.1, "Applying
 * Changesets"): whiteouts hide only what lower layers brought; entries below a linked folder land where the link leads.
 *
 * Some runtimes unpack each layer into an empty folder and leave it to overlayfs to lay them over one another, others
 * unpack over what is there, and for some archives that differs. Then what any of them shows is here, so that nothing
 * that can be run is hidden: through a link of a lower layer nothing is hidden or replaced, an opaque root counts for
 * nothing, and neither does what a layer hides when it makes a folder of what it hid or replaced before.
 *
 * @throws PlimsollError `image/too-many-entries`, `image/endless-links`; the tree's own functions throw the latter too
 */
export function squash(layers: readonly (readonly ListedEntry[])[], bounds?: TreeBounds): Tree {
  const squasher = treeOfLayers(bounds);
  layers.forEach((entries, layer) => {
    squasher.add(layer, entries);
  });
  return squasher.tree;
}

/** The way that a path takes. `linked`: through a symbolic link of a layer below the one at hand. */
interface Way {
  readonly folder: Directory;
  readonly linked: boolean;
}

export interface TreeBounds {
  readonly entriesPerImage: number;
  readonly pathSteps: number;
}

export interface LayerTree {
  /** Each layer once, in any order: it counts when all below it are there, so that reading the next goes on meanwhile. */
  add(layer: number, entries: readonly ListedEntry[]): void;
  /** What was laid over one another so far. */
  readonly tree: Tree;
}

/** As {@link squash}, for layers that come one after the other. */
export function treeOfLayers(bounds: TreeBounds = limits): LayerTree {
  const root: Directory = { kind: 'directory', name: '', parent: undefined, children: new Map() };
  const misplaced: { layer: number; path: string; reason: string }[] = [];
  /** By the path that the archive at hand used; dropped whenever a folder, or a link that may lead to one, is replaced. */
  let folders = new Map<string, Way>();
  /** Archives list a folder's entries together, so the next one is mostly in the same folder as the last. */
  let last: { readonly path: string; readonly way: Way } | undefined;
  /** The layer at hand. */
  let next = 0;
  /** All that it hides. */
  let hidden: { readonly folder: Directory; readonly node: Node }[] = [];
  /** Folders that it hides by name or replaces by something else. */
  let displaced = new Map<Directory, Map<string, Directory>>();
  /** Links of lower layers that it leads through. */
  let crossed = new Set<Node>();

  /** Hard links to files of the layer at hand, by the path under which its archive has the content. */
  let hardLinks = new Map<string, string[]>();
  let nodes = 0;
  const { walk, find, locate, locateDirectly } = treeWalk(root, bounds.pathSteps);

  /** A few bytes of a path can name thousands of folders. */
  function place(folder: Directory, node: Node): void {
    const before = folder.children.size;
    folder.children.set(node.name, node);
    nodes += folder.children.size - before;
    if (nodes > bounds.entriesPerImage) throw tooMany(bounds.entriesPerImage);
  }

  function forgetFolders(): void {
    folders = new Map();
    last = undefined;
  }

  /** The folder that an entry lies in, made where it is missing. */
  function parentFor(path: string): Way | undefined {
    const slash = path.lastIndexOf('/');
    if (last !== undefined && slash === last.path.length && path.startsWith(last.path)) return last.way;
    const way = wayTo(slash < 0 ? '' : path.slice(0, slash));
    last = way === undefined || slash < 0 ? undefined : { path: path.slice(0, slash), way };
    return way;
  }

  function wayTo(path: string): Way | undefined {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const way = path === '' ? { folder: root, linked: false } : findOrMake(path);
    if (way !== undefined) folders.set(path, way);
    return way;
  }

  function findOrMake(path: string): Way | undefined {
    const parent = wayTo(parentOf(path));
    if (parent === undefined) return undefined;
    const { folder, linked } = parent;
    const name = nameOf(path);
    const there = folder.children.get(name);
    if (there?.kind === 'directory') return { folder: there, linked };
    if (there?.kind === 'symlink') return throughLink(there, path, linked);
    return linked && there !== undefined ? undefined : { folder: makeFolder(folder, name), linked };
  }

  function throughLink(link: Node & { kind: 'symlink' }, path: string, linked: boolean): Way | undefined {
    const trail = newTrail();
    const end = walk(link, trail);
    if (end?.kind !== 'directory') return undefined;
    const isLower = trail.oldest < next;
    if (isLower && !crossed.has(link)) {
      crossed.add(link);
      const reason =
        'it is a symbolic link of a lower layer, and to some runtimes a folder in its place, since this layer has files below it';
      misplaced.push({ layer: next, path, reason });
    }
    return { folder: end, linked: linked || isLower };
  }

  function makeFolder(parent: Directory, name: string): Directory {
    const before = displaced.get(parent)?.get(name);
    const folder = before ?? { kind: 'directory', name, parent, children: new Map() };
    place(parent, folder);
    if (before !== undefined) bringBack();
    return folder;
  }

  /** Overlayfs merges a folder with that of the layers below, and forgets with it what was hidden there before. */
  function bringBack(): void {
    const all = hidden;
    hidden = [];
    for (const { folder, node } of all) adopt(folder, node);
    forgetFolders();
  }

  function adopt(folder: Directory, node: Node): void {
    const there = folder.children.get(node.name);
    if (there === undefined) {
      node.parent = folder;
      place(folder, node);
    } else if (there.kind === 'directory' && node.kind === 'directory' && there !== node) {
      for (const child of node.children.values()) adopt(there, child);
    }
  }

  function displace(parent: Directory, node: Node | undefined): void {
    if (leadsOn(node)) forgetFolders();
    if (node?.kind !== 'directory') return;
    const names = displaced.get(parent) ?? new Map<string, Directory>();
    displaced.set(parent, names.set(node.name, node));
  }

  function hide(entry: ListedEntry): void {
    if (entry.kind === 'opaque') {
      const folder = entry.path === '' ? undefined : locateDirectly(entry.path);
      if (folder === undefined) return;
      for (const node of folder.children.values()) hidden.push({ folder, node });
      folder.children.clear();
      forgetFolders();
    } else {
      const folder = locateDirectly(parentOf(entry.path));
      const node = folder?.children.get(nameOf(entry.path));
      if (folder === undefined || node === undefined) return;
      displace(folder, node);
      hidden.push({ folder, node });
      folder.children.delete(node.name);
    }
  }

  function add(entry: ListedEntry, layer: number): void {
    const { path } = entry;
    if (path === '') return;
    const parent = parentFor(path);
    if (parent === undefined) {
      misplaced.push({ layer, path, reason: 'its folder is a symbolic link that leads to no folder' });
      return;
    }
    const { folder, linked } = parent;
    const name = nameOf(path);
    const there = folder.children.get(name);
    if (there !== undefined && linked) return;
    if (entry.kind === 'directory') {
      if (there?.kind === 'directory') return;
      displace(folder, there);
      makeFolder(folder, name);
      return;
    }
    const node = leaf(entry, layer, name, folder);
    if (node === undefined) {
      misplaced.push({ layer, path, reason: `it is a hard link to "${entry.target ?? ''}", which is not there` });
      return;
    }
    displace(folder, there);
    place(folder, node);
    noteContent(entry, node, layer);
  }

  /** Content goes by its path, so a link to what the same archive replaces later would show the later content. */
  function noteContent(entry: ListedEntry, node: Node, layer: number): void {
    if (entry.kind === 'hardlink' && node.kind === 'file' && node.layer === layer) {
      const links = hardLinks.get(node.source);
      if (links === undefined) hardLinks.set(node.source, [entry.path]);
      else links.push(entry.path);
    } else if (entry.kind === 'file') {
      const reason = `it is a hard link to "${entry.path}" as it was before the layer replaced it`;
      for (const path of hardLinks.get(entry.path) ?? [])
        if (path !== entry.path) misplaced.push({ layer, path, reason });
      hardLinks.delete(entry.path);
    }
  }

  function leaf(entry: ListedEntry, layer: number, name: string, parent: Directory): Node | undefined {
    if (entry.kind === 'file') return { kind: 'file', name, parent, layer, source: entry.path };
    if (entry.kind === 'symlink') return { kind: 'symlink', name, parent, layer, target: entry.target ?? '' };
    if (entry.kind !== 'hardlink') return { kind: 'other', name, parent };
    const target = locate(entry.target ?? '');
    if (target === undefined || target.kind === 'directory') return undefined;
    return { ...target, name, parent };
  }

  const waiting = new Map<number, readonly ListedEntry[]>();

  function addLayer(layer: number, entries: readonly ListedEntry[]): void {
    waiting.set(layer, entries);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      waiting.delete(next);
      hardLinks = new Map();
      hidden = [];
      displaced = new Map();
      crossed = new Set();
      forgetFolders();
      for (const entry of ready) if (hides(entry)) hide(entry);
      for (const entry of ready) if (!hides(entry)) add(entry, next);
      next++;
    }
  }

  function visit(see: (folder: string, node: Exclude<Node, Directory>) => void): void {
    const open: { folder: Directory; start: string }[] = [{ folder: root, start: '' }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const node of next.folder.children.values()) {
        if (node.kind === 'directory') open.push({ folder: node, start: `${next.start}${node.name}/` });
        else see(next.start, node);
      }
    }
  }

  const tree: Tree = {
    misplaced,
    visitFiles: (see) =>
      visit((start, node) => {
        if (node.kind === 'file') see(start + node.name, node.layer, node.source);
      }),
    symlinks: () => {
      const links: string[] = [];
      visit((start, node) => {
        if (node.kind === 'symlink') links.push(start + node.name);
      });
      return links;
    },
    exists: (path) => find(path) !== undefined,
    file: (path) => {
      const node = find(path);
      return node?.kind === 'file' ? { path: pathOf(node), layer: node.layer, source: node.source } : undefined;
    },
    folder: (path) => {
      const node = find(path);
      return node?.kind === 'directory' ? pathOf(node) : undefined;
    },
    canonical: (path) => {
      const parent = find(parentOf(path));
      if (parent?.kind !== 'directory') return undefined;
      const node = parent.children.get(nameOf(path));
      return node === undefined ? undefined : pathOf(node);
    },
  };
  return { add: addLayer, tree };
}

function tooMany(most: number): PlimsollError {
  return new PlimsollError('image/too-many-entries', `The layers name more than ${most} files and folders`, {
    hint: 'No ordinary image has that many. Inspect its layers by hand before you trust it.',
  });
}
