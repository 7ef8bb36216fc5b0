import type { EntryKind, TarEntry } from './tar.ts';

/**
 * What stands in one layer, in the order of the archive, as plain data. Whiteouts are told from their names
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

/** One text for all entries: many small objects would cost more to keep and to hand over than the rest of the layer. */
export function packListing(entries: readonly ListedEntry[]): string {
  return entries
    .map(({ kind, path, target }) => `${letterOf.get(kind)}${path}` + (target === undefined ? '' : `\0${target}`))
    .join('\0\0');
}

export function* unpackListing(packed: string): Generator<ListedEntry> {
  if (packed === '') return;
  for (const line of packed.split('\0\0')) {
    const kind = kindOf[line.charAt(0)];
    if (kind === undefined) continue;
    const nul = line.indexOf('\0');
    yield nul < 0 ? { kind, path: line.slice(1) } : { kind, path: line.slice(1, nul), target: line.slice(nul + 1) };
  }
}
