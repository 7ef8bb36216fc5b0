import type { EntryKind, TarEntry } from './tar.ts';

/**
 * What stands in one layer, as plain data. Whiteouts are told from their names
 * (OCI image-spec v1.1, "Layer Filesystem Changeset"): `whiteout` names the hidden path, `opaque` the emptied folder.
 */
export interface ListedEntry {
  readonly kind: EntryKind | 'whiteout' | 'opaque';
  readonly path: string;
  readonly target?: string | undefined;
}

const whiteoutPrefix = '.wh.';
const opaqueName = '.wh..wh..opq';
const kindOf: Readonly<Record<string, EntryKind>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  h: 'hardlink',
  o: 'other',
};
const letterOf = new Map<ListedEntry['kind'], string>(Object.entries(kindOf).map(([letter, kind]) => [kind, letter]));

/** How an entry of a layer is listed. AUFS's own `.wh..wh.*` files (hard link farms) are not part of the file system. */
export function listedEntry(entry: Pick<TarEntry, 'kind' | 'path' | 'target'>): ListedEntry | undefined {
  const slash = entry.path.lastIndexOf('/');
  const name = entry.path.slice(slash + 1);
  if (!name.startsWith(whiteoutPrefix)) return { kind: entry.kind, path: entry.path, target: entry.target };
  const folder = slash < 0 ? '' : entry.path.slice(0, slash);
  if (name === opaqueName) return { kind: 'opaque', path: folder };
  if (name.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`)) return undefined;
  const hidden = name.slice(whiteoutPrefix.length);
  return hidden === '' ? undefined : { kind: 'whiteout', path: folder === '' ? hidden : `${folder}/${hidden}` };
}

/**
 * A listing for keeping and handing over: one text instead of many small objects. Archives list a folder's entries
 * together, so a folder is named once before them. A cleaned path holds no `//`, so that parts what stands in the text;
 * `targets` are those of the links, in order. What hides stands apart: it counts before all others.
 */
export interface PackedListing {
  readonly hiding: readonly ListedEntry[];
  readonly entries: string;
  readonly targets: readonly string[];
}

export interface ListingPacker {
  add(entry: ListedEntry): void;
  packed(): PackedListing;
}

const folderLetter = '/';
const separator = '//';

export function listingPacker(): ListingPacker {
  const hiding: ListedEntry[] = [];
  const entries: string[] = [];
  const targets: string[] = [];
  let folder = '';
  return {
    add(entry) {
      if (hides(entry)) {
        hiding.push(entry);
        return;
      }
      const { kind, path, target } = entry;
      const slash = Math.max(path.lastIndexOf('/'), 0);
      if (slash !== folder.length || !path.startsWith(folder)) {
        folder = path.slice(0, slash);
        entries.push(`${folderLetter}${folder}`);
      }
      entries.push(`${letterOf.get(kind)}${slash === 0 ? path : path.slice(slash + 1)}`);
      if (isLink(kind)) targets.push(target ?? '');
    },
    packed: () => ({ hiding, entries: entries.join(separator), targets }),
  };
}

export function packListing(entries: readonly ListedEntry[]): PackedListing {
  const packer = listingPacker();
  for (const entry of entries) packer.add(entry);
  return packer.packed();
}

/** Shows what was packed, in its order and but for what hides. `folder` is the same string for entries that were together. */
export function readListing(
  { entries, targets }: PackedListing,
  see: (kind: EntryKind, folder: string, name: string, target: string | undefined) => void,
): void {
  let links = 0;
  let folder = '';
  for (let at = 0; at < entries.length; ) {
    const next = entries.indexOf(separator, at + 1);
    const end = next < 0 ? entries.length : next;
    const letter = entries.charAt(at);
    const text = entries.slice(at + 1, end);
    const kind = kindOf[letter];
    if (letter === folderLetter) folder = text;
    else if (kind !== undefined) see(kind, folder, text, isLink(kind) ? targets[links++] : undefined);
    at = end + separator.length;
  }
}

function hides({ kind }: ListedEntry): boolean {
  return kind === 'whiteout' || kind === 'opaque';
}

function isLink(kind: ListedEntry['kind']): boolean {
  return kind === 'symlink' || kind === 'hardlink';
}
