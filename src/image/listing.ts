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
const kindOf: Readonly<Record<string, ListedEntry['kind']>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  h: 'hardlink',
  o: 'other',
  w: 'whiteout',
  q: 'opaque',
};
const letterOf = new Map(Object.entries(kindOf).map(([letter, kind]) => [kind, letter]));

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
 * A listing for keeping and handing over: one text instead of many small objects. A cleaned path holds no `//`, so that
 * parts the entries; `targets` are those of the links, in order.
 */
export interface PackedListing {
  readonly entries: string;
  readonly targets: readonly string[];
}

export interface ListingPacker {
  add(entry: ListedEntry): void;
  packed(): PackedListing;
}

export function listingPacker(): ListingPacker {
  const entries: string[] = [];
  const targets: string[] = [];
  return {
    add({ kind, path, target }) {
      entries.push(`${letterOf.get(kind)}${path}`);
      if (isLink({ kind })) targets.push(target ?? '');
    },
    packed: () => ({ entries: entries.join('//'), targets }),
  };
}

export function unpackListing(packed: PackedListing): ListedEntry[] {
  if (packed.entries === '') return [];
  let links = 0;
  const entries: ListedEntry[] = [];
  for (const text of packed.entries.split('//')) {
    const kind = kindOf[text.charAt(0)];
    if (kind === undefined) continue;
    const path = text.slice(1);
    entries.push(isLink({ kind }) ? { kind, path, target: packed.targets[links++] } : { kind, path });
  }
  return entries;
}

export function hides({ kind }: Pick<ListedEntry, 'kind'>): boolean {
  return kind === 'whiteout' || kind === 'opaque';
}

function isLink({ kind }: Pick<ListedEntry, 'kind'>): boolean {
  return kind === 'symlink' || kind === 'hardlink';
}
