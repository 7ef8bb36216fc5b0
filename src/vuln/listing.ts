import { lines } from './enrichment.ts';
import { isAdvisoryId } from './osv.ts';
import { timeKey } from './timestamp.ts';

/** A feed's `modified_id.csv`, read. */
export interface Listing {
  /** Id to {@link timeKey}, empty where the time is none: Go's feed has `0001-01-01T00:00:00Z` everywhere. */
  readonly modified: ReadonlyMap<string, string>;
  /** Ids that are no names of advisories (`../x`): never asked for. */
  readonly refused: readonly string[];
}

/** Undefined if it is not such a list: an error page, a list cut off within a line. */
export function parseListing(csv: Uint8Array): Listing | undefined {
  const modified = new Map<string, string>();
  const refused: string[] = [];
  for (const line of lines(csv)) {
    const comma = line.indexOf(',');
    if (line === '') continue;
    if (!/^\d{4}-/.test(line) || comma < 0) return undefined;
    const id = line.slice(comma + 1);
    if (isAdvisoryId(id)) modified.set(id, timeKey(line.slice(0, comma)) ?? '');
    else refused.push(id.slice(0, 200));
  }
  return modified.size === 0 ? undefined : { modified, refused };
}

/** What to bring from a feed: `all` of it, or what was changed and removed since. */
export type Difference =
  | { readonly kind: 'all' }
  | { readonly kind: 'changes'; readonly changed: readonly string[]; readonly removed: readonly string[] };

/**
 * Ids whose time is another one than the stored record's: a time in the future that a feed takes back later goes
 * backwards. One without a time may have changed. Beyond `most` differences, or where nothing is known, all.
 */
export function differenceOf(
  listing: Listing | undefined,
  stored: ReadonlyMap<string, string>,
  most: number,
): Difference {
  if (listing === undefined || stored.size === 0) return { kind: 'all' };
  const changed = [...listing.modified]
    .filter(([id, time]) => time === '' || stored.get(id) !== time)
    .map(([id]) => id);
  const removed = [...stored.keys()].filter((id) => !listing.modified.has(id));
  return changed.length + removed.length > most ? { kind: 'all' } : { kind: 'changes', changed, removed };
}
