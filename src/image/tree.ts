import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { hides, type ListedEntry } from './listing.ts';
import { parentOf } from './path.ts';

/** Where a visible file's bytes come from: a path as the layer's archive has it. */
export interface ContentSource {
  readonly layer: number;
  readonly path: string;
}

/** A file or symbolic link in the squashed view. */
export type TreeEntry =
  | { readonly kind: 'file'; readonly path: string; readonly content: ContentSource }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

/** The file system that a container would see: all layers, one over the other. */
export interface Tree {
  /** Files and symbolic links, in no particular order. */
  entries(): Iterable<TreeEntry>;
  /** The file that `path` leads to, symbolic links followed; `undefined` where there is none. */
  file(path: string): (TreeEntry & { kind: 'file' }) | undefined;
  /** Whether anything is there, symbolic links followed. */
  exists(path: string): boolean;
  /** The one name of the folder that `path` leads to, symbolic links followed; `undefined` where there is none. */
  folder(path: string): string | undefined;
  /** `path` with the symbolic links of its folders resolved: the one name a file has. */
  canonical(path: string): string | undefined;
  /** Entries that could not be placed, with the reason: their folders are a cycle of links, a hard link leads nowhere, or to content that the archive replaces. */
  readonly misplaced: readonly { readonly layer: number; readonly path: string; readonly reason: string }[];
}

type Node =
  | {
      readonly kind: 'directory';
      readonly name: string;
      readonly parent: Directory | undefined;
      readonly children: Map<string, Node>;
    }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly parent: Directory;
      readonly layer: number;
      readonly source: string;
    }
  | { readonly kind: 'symlink'; readonly name: string; readonly parent: Directory; readonly target: string }
  | { readonly kind: 'other'; readonly name: string; readonly parent: Directory };
type Directory = Node & { kind: 'directory' };

/**
 * Lays layers over one another as a container runtime does when it unpacks them (OCI image-spec v1.1, "Applying
 * Changesets"): whiteouts hide only what lower layers brought; entries below a linked folder land where the link leads.
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
  /** Folders by the path that an archive used for them; dropped whenever a folder, or a link that may lead to one, is replaced. */
  let folders = new Map<string, Directory>();
  /** Archives list a folder's entries together, so the next one is mostly in the same folder as the last. */
  let last: { readonly path: string; readonly folder: Directory } | undefined;

  /** Hard links to files of the layer at hand, by the path under which its archive has the content. */
  let hardLinks = new Map<string, string[]>();
  let nodes = 0;
  let steps = 0;

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
  function parentFor(path: string): Directory | undefined {
    const slash = path.lastIndexOf('/');
    if (last !== undefined && slash === last.path.length && path.startsWith(last.path)) return last.folder;
    const folder = folderFor(slash < 0 ? '' : path.slice(0, slash));
    last = folder === undefined || slash < 0 ? undefined : { path: path.slice(0, slash), folder };
    return folder;
  }

  function folderFor(path: string): Directory | undefined {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const folder = path === '' ? root : makeFolder(path);
    if (folder !== undefined) folders.set(path, folder);
    return folder;
  }

  function makeFolder(path: string): Directory | undefined {
    const parent = folderFor(parentOf(path));
    if (parent === undefined) return undefined;
    const name = nameOf(path);
    const there = parent.children.get(name);
    if (there?.kind === 'directory') return there;
    if (there?.kind === 'symlink') {
      const end = walk(there);
      return end?.kind === 'directory' ? end : undefined;
    }
    const made: Directory = { kind: 'directory', name, parent, children: new Map() };
    place(parent, made);
    return made;
  }

  /** Follows links from a node; `undefined` where they lead nowhere or round in a circle. */
  function walk(from: Node, hops: { left: number } = { left: limits.symbolicLinkHops }): Node | undefined {
    let node: Node | undefined = from;
    while (node?.kind === 'symlink') {
      if (hops.left-- === 0) return undefined;
      const start: Directory = node.target.startsWith('/') ? root : node.parent;
      node = descend(start, node.target, hops);
    }
    return node;
  }

  function descend(start: Directory, path: string, hops: { left: number }): Node | undefined {
    let at: Node = start;
    for (const segment of path.split('/')) {
      if (++steps > bounds.pathSteps) throw endlessLinks();
      if (segment === '' || segment === '.') continue;
      const folder = walk(at, hops);
      if (folder?.kind !== 'directory') return undefined;
      const next: Node | undefined = segment === '..' ? (folder.parent ?? folder) : folder.children.get(segment);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  function find(path: string): Node | undefined {
    const node = descend(root, path, { left: limits.symbolicLinkHops });
    return node === undefined ? undefined : walk(node);
  }

  function hide(entry: ListedEntry): void {
    if (entry.kind === 'opaque') {
      const folder = descend(root, entry.path, { left: limits.symbolicLinkHops });
      if (folder?.kind !== 'directory') return;
      folder.children.clear();
      forgetFolders();
    } else {
      const parent = find(parentOf(entry.path));
      if (parent?.kind !== 'directory') return;
      const name = nameOf(entry.path);
      if (leadsOn(parent.children.get(name))) forgetFolders();
      parent.children.delete(name);
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
    const name = nameOf(path);
    const there = parent.children.get(name);
    if (entry.kind === 'directory') {
      if (there?.kind === 'directory') return;
      if (leadsOn(there)) forgetFolders();
      place(parent, { kind: 'directory', name, parent, children: new Map() });
      return;
    }
    const node = leaf(entry, layer, name, parent);
    if (node === undefined) {
      misplaced.push({ layer, path, reason: `it is a hard link to "${entry.target ?? ''}", which is not there` });
      return;
    }
    if (leadsOn(there)) forgetFolders();
    place(parent, node);
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
    if (entry.kind === 'symlink') return { kind: 'symlink', name, parent, target: entry.target ?? '' };
    if (entry.kind !== 'hardlink') return { kind: 'other', name, parent };
    const target = descend(root, entry.target ?? '', { left: limits.symbolicLinkHops });
    if (target === undefined || target.kind === 'directory') return undefined;
    return { ...target, name, parent };
  }

  const waiting = new Map<number, readonly ListedEntry[]>();
  let next = 0;

  function addLayer(layer: number, entries: readonly ListedEntry[]): void {
    waiting.set(layer, entries);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      waiting.delete(next);
      hardLinks = new Map();
      for (const entry of ready) if (hides(entry)) hide(entry);
      for (const entry of ready) if (!hides(entry)) add(entry, next);
      next++;
    }
  }

  function* entriesBelow(start: Directory): Generator<TreeEntry> {
    const open: { folder: Directory; path: string }[] = [{ folder: start, path: '' }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const [name, node] of next.folder.children) {
        const path = next.path === '' ? name : `${next.path}/${name}`;
        if (node.kind === 'directory') open.push({ folder: node, path });
        else if (node.kind === 'file') yield { kind: 'file', path, content: { layer: node.layer, path: node.source } };
        else if (node.kind === 'symlink') yield { kind: 'symlink', path, target: node.target };
      }
    }
  }

  const tree: Tree = {
    misplaced,
    entries: () => entriesBelow(root),
    exists: (path) => find(path) !== undefined,
    file: (path) => {
      const node = find(path);
      return node?.kind === 'file'
        ? { kind: 'file', path: pathOf(node), content: { layer: node.layer, path: node.source } }
        : undefined;
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

/** Whether paths may lead through it. */
function leadsOn(node: Node | undefined): boolean {
  return node?.kind === 'directory' || node?.kind === 'symlink';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function pathOf(node: Node): string {
  const names: string[] = [];
  for (let at: Node | undefined = node; at !== undefined && at.name !== ''; at = at.parent) names.push(at.name);
  return names.reverse().join('/');
}

function tooMany(most: number): PlimsollError {
  return new PlimsollError('image/too-many-entries', `The layers name more than ${most} files and folders`, {
    hint: 'No ordinary image has that many. Inspect its layers by hand before you trust it.',
  });
}

function endlessLinks(): PlimsollError {
  return new PlimsollError('image/endless-links', 'The symbolic links lead on and on', {
    hint: 'No ordinary image has such links. Inspect its layers by hand before you trust it.',
  });
}
