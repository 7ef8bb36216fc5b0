import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type ListedEntry, type PackedListing, readListing } from './listing.ts';
import { parentOf } from './path.ts';
import type { EntryKind } from './tar.ts';
import { type Directory, leadsOn, type Node, nameOf, pathOf } from './tree-node.ts';
import { newTrail, treeWalk } from './tree-walk.ts';

/** Where a visible file's bytes come from: `source` is the path that the layer's archive has them under. */
export interface TreeFile {
  readonly path: string;
  readonly layer: number;
  readonly source: string;
}

/** Sees the files of a folder; symbolic links are not files. `source` is absent where the layer's archive has the file under its own path. */
export type FileVisitor = (name: string, layer: number, source: string | undefined) => void;

/** The file system that a container would see: all layers, one over the other. */
export interface Tree {
  /** Shows every folder, in no particular order; the root is the empty string, all others end with a slash. */
  visit(enter: (folder: string) => FileVisitor | undefined): void;
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
export function squash(layers: readonly PackedListing[], bounds?: TreeBounds): Tree {
  const squasher = treeOfLayers(bounds);
  layers.forEach((listing, layer) => {
    squasher.add(layer, listing);
  });
  return squasher.tree;
}

/** The way that a path takes. `linked`: through a symbolic link of a layer below the one at hand; `direct`: through none at all. */
interface Way {
  readonly folder: Directory;
  readonly linked: boolean;
  readonly direct: boolean;
}

export interface TreeBounds {
  readonly entriesPerImage: number;
  readonly pathSteps: number;
}

export interface LayerTree {
  /** Each layer once, in any order: it counts when all below it are there, so that reading the next goes on meanwhile. */
  add(layer: number, listing: PackedListing): void;
  /** What was laid over one another so far. */
  readonly tree: Tree;
}

/** As {@link squash}, for layers that come one after the other. */
export function treeOfLayers(bounds: TreeBounds = limits): LayerTree {
  const root: Directory = { kind: 'directory', name: '', parent: undefined, children: new Map() };
  const misplaced: { layer: number; path: string; reason: string }[] = [];
  /** By the path that the archive at hand used; dropped whenever a folder, or a link that may lead to one, is replaced. */
  let folders = new Map<string, Way>();
  /** A listing has a folder's entries together, so the next one is mostly in the same folder as the last. */
  let last: { readonly path: string; readonly way: Way | undefined } | undefined;
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
  /** The last names of those paths: most files are told apart by theirs. */
  let hardLinked = new Set<string>();
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

  /** The folder that entries lie in, made where it is missing. */
  function parentFor(path: string): Way | undefined {
    if (last === undefined || last.path !== path) last = { path, way: wayTo(path) };
    return last.way;
  }

  function wayTo(path: string): Way | undefined {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const way = path === '' ? { folder: root, linked: false, direct: true } : findOrMake(path);
    if (way !== undefined) folders.set(path, way);
    return way;
  }

  function findOrMake(path: string): Way | undefined {
    const parent = wayTo(parentOf(path));
    if (parent === undefined) return undefined;
    const { folder, linked, direct } = parent;
    const name = nameOf(path);
    const there = folder.children.get(name);
    if (there?.kind === 'directory') return { folder: there, linked, direct };
    if (there?.kind === 'symlink') return throughLink(there, path, linked);
    return linked && there !== undefined ? undefined : { folder: makeFolder(folder, name), linked, direct };
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
    return { folder: end, linked: linked || isLower, direct: false };
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

  function hide({ kind, path }: ListedEntry): void {
    if (kind === 'opaque') {
      const folder = path === '' ? undefined : locateDirectly(path);
      if (folder === undefined) return;
      for (const node of folder.children.values()) hidden.push({ folder, node });
      folder.children.clear();
      forgetFolders();
    } else {
      const folder = locateDirectly(parentOf(path));
      const node = folder?.children.get(nameOf(path));
      if (folder === undefined || node === undefined) return;
      displace(folder, node);
      hidden.push({ folder, node });
      folder.children.delete(node.name);
    }
  }

  function add(kind: EntryKind, parentPath: string, name: string, target: string | undefined): void {
    if (name === '') return;
    const path = () => (parentPath === '' ? name : `${parentPath}/${name}`);
    const parent = parentFor(parentPath);
    if (parent === undefined) {
      misplaced.push({ layer: next, path: path(), reason: 'its folder is a symbolic link that leads to no folder' });
      return;
    }
    const { folder, linked, direct } = parent;
    const there = folder.children.get(name);
    if (there !== undefined && linked) return;
    if (kind === 'directory') {
      if (there?.kind === 'directory') return;
      displace(folder, there);
      makeFolder(folder, name);
      return;
    }
    if (kind === 'hardlink') {
      const node = linkTo(target ?? '', name, folder);
      if (node === undefined) {
        misplaced.push({
          layer: next,
          path: path(),
          reason: `it is a hard link to "${target ?? ''}", which is not there`,
        });
        return;
      }
      displace(folder, there);
      place(folder, node);
      if (node.kind === 'file' && node.layer === next && node.source !== undefined) noteHardLink(node.source, path());
      return;
    }
    displace(folder, there);
    if (kind === 'symlink') place(folder, { kind, name, parent: folder, layer: next, target: target ?? '' });
    else if (kind === 'other') place(folder, { kind, name, parent: folder });
    else {
      place(folder, { kind, name, parent: folder, layer: next, source: direct ? undefined : path() });
      if (hardLinked.has(name)) noteReplaced(path());
    }
  }

  function linkTo(target: string, name: string, parent: Directory): Node | undefined {
    const node = locate(target);
    if (node === undefined || node.kind === 'directory') return undefined;
    return node.kind === 'file'
      ? { ...node, source: node.source ?? pathOf(node), name, parent }
      : { ...node, name, parent };
  }

  function noteHardLink(source: string, path: string): void {
    const links = hardLinks.get(source);
    if (links === undefined) hardLinks.set(source, [path]);
    else links.push(path);
    hardLinked.add(nameOf(source));
  }

  /** Content goes by its path, so a link to what the same archive replaces later would show the later content. */
  function noteReplaced(source: string): void {
    const reason = `it is a hard link to "${source}" as it was before the layer replaced it`;
    for (const path of hardLinks.get(source) ?? []) if (path !== source) misplaced.push({ layer: next, path, reason });
    hardLinks.delete(source);
  }

  const waiting = new Map<number, PackedListing>();

  function addLayer(layer: number, listing: PackedListing): void {
    waiting.set(layer, listing);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      waiting.delete(next);
      hardLinks = new Map();
      hardLinked = new Set();
      hidden = [];
      displaced = new Map();
      crossed = new Set();
      forgetFolders();
      for (const entry of ready.hiding) hide(entry);
      readListing(ready, add);
      next++;
    }
  }

  function visit(enter: (folder: string) => ((node: Exclude<Node, Directory>) => void) | undefined): void {
    const open: { folder: Directory; start: string }[] = [{ folder: root, start: '' }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const see = enter(next.start);
      for (const node of next.folder.children.values()) {
        if (node.kind === 'directory') open.push({ folder: node, start: `${next.start}${node.name}/` });
        else see?.(node);
      }
    }
  }

  const tree: Tree = {
    misplaced,
    visit: (enter) =>
      visit((folder) => {
        const see = enter(folder);
        if (see === undefined) return undefined;
        return (node) => {
          if (node.kind === 'file') see(node.name, node.layer, node.source);
        };
      }),
    symlinks: () => {
      const links: string[] = [];
      visit((folder) => (node) => {
        if (node.kind === 'symlink') links.push(folder + node.name);
      });
      return links;
    },
    exists: (path) => find(path) !== undefined,
    file: (path) => {
      const node = find(path);
      if (node?.kind !== 'file') return undefined;
      const own = pathOf(node);
      return { path: own, layer: node.layer, source: node.source ?? own };
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
