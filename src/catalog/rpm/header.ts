import { limits } from '../../limits.ts';
import { brokenDatabase, part } from './part.ts';

/** rpm's lib/rpmtag.h, the tags that say what a package is. */
export const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  url: 1020,
  architecture: 1022,
  oldFileNames: 1027,
  sourceRpm: 1044,
  provideName: 1047,
  requireName: 1049,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  modularityLabel: 5096,
} as const;

export interface RpmHeader {
  /** The only or first string of a tag. */
  string(tag: number): string | undefined;
  strings(tag: number): readonly string[];
  /** 32-bit numbers. */
  integers(tag: number): readonly number[];
}

const int32 = 4;
const stringTypes = new Set([6, 8, 9]);
const entrySize = 16;

/**
 * A header as rpm's databases keep it (rpm.org, "RPM V4 header format"): the number of index entries and the size of
 * the store, then both, all big-endian. An entry is tag, type, offset into the store, count.
 *
 * @throws PlimsollError `catalog/broken-rpm-database`, here or when a tag is asked for whose value is not all there
 */
export function parseHeader(blob: Buffer): RpmHeader {
  const sizes = part(blob, 0, 8);
  const index = part(blob, 8, sizes.readUInt32BE(0) * entrySize);
  const store = part(blob, 8 + index.length, sizes.readUInt32BE(4));
  const entries = new Map<number, { readonly type: number; readonly offset: number; readonly count: number }>();
  for (let at = 0; at < index.length; at += entrySize) {
    // Entries after the immutable region were added on installation, and replace those of the same tag within it.
    entries.set(index.readUInt32BE(at), {
      type: index.readUInt32BE(at + 4),
      offset: index.readUInt32BE(at + 8),
      count: index.readUInt32BE(at + 12),
    });
  }

  function* stringsOf(tag: number): Generator<string, void, undefined> {
    const entry = entries.get(tag);
    if (entry === undefined || !stringTypes.has(entry.type)) return;
    if (entry.count > limits.entriesPerLayer) throw brokenDatabase(`tag ${tag} has ${entry.count} values`);
    let start = entry.offset;
    for (let left = entry.count; left > 0; left--) {
      const end = start < store.length ? store.indexOf(0, start) : -1;
      if (end < 0) throw brokenDatabase(`the text of tag ${tag} goes beyond its header`);
      yield store.toString('utf8', start, end);
      start = end + 1;
    }
  }

  return {
    string: (tag) => stringsOf(tag).next().value ?? undefined,
    strings: (tag) => [...stringsOf(tag)],
    integers: (tag) => {
      const entry = entries.get(tag);
      if (entry === undefined || entry.type !== int32) return [];
      const values = part(store, entry.offset, entry.count * 4);
      return Array.from({ length: entry.count }, (_, item) => values.readUInt32BE(item * 4));
    },
  };
}
