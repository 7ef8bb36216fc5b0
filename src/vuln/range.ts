import type { Affected, RangeEvent } from './advisory.ts';
import type { VersionKey } from './version/key.ts';

/** How an advisory stands to one version of its package. */
export type Answer =
  | { readonly affected: 'no' }
  | { readonly affected: 'yes'; readonly end: RangeEnd }
  /** `bound`: the version that has no place in the ecosystem's order, the component's own or one of the advisory. */
  | { readonly affected: 'unknown'; readonly bound: string };

/** Where the affected versions end, going up from the one asked about. */
type RangeEnd =
  | { readonly kind: 'fixed'; readonly version: string }
  /** They have an end (`last_affected`, `limit`, a list of versions), but which version is fixed is not said. */
  | { readonly kind: 'unstated' }
  | { readonly kind: 'unfixed' };

const no: Answer = { affected: 'no' };
const unstated: RangeEnd = { kind: 'unstated' };
const unfixed: RangeEnd = { kind: 'unfixed' };

/** OSV schema 1.7, "Evaluation": a version is affected if it is in `versions` or in any range. */
export function evaluate(affected: Affected, version: string, key: VersionKey): Answer {
  const at = key(version);
  if (at === undefined) {
    // Still, a version that the advisory lists letter by letter is affected, ordered or not.
    const listed = affected.versions.includes(version);
    return listed ? { affected: 'yes', end: unstated } : { affected: 'unknown', bound: version };
  }
  let unordered: string | undefined;
  for (const { events } of affected.ranges) {
    const answer = inRange(events, at, key);
    if (answer.affected === 'yes') return answer;
    if (answer.affected === 'unknown') unordered ??= answer.bound;
  }
  if (isListed(affected.versions, version, at, key)) return { affected: 'yes', end: endAfterListed(affected, at, key) };
  return unordered === undefined ? no : { affected: 'unknown', bound: unordered };
}

/** A range made ready: its bounds in the order of their versions. */
type Prepared =
  | { readonly kind: 'empty' }
  | { readonly kind: 'unordered'; readonly bound: string }
  | { readonly kind: 'bounds'; readonly bounds: readonly Bound[]; readonly limits: readonly string[] };

interface Bound {
  readonly event: RangeEvent;
  readonly key: string;
}

function inRange(events: readonly RangeEvent[], at: string, key: VersionKey): Answer {
  const range = prepared(events, key);
  if (range.kind === 'empty') return no;
  if (range.kind === 'unordered') return { affected: 'unknown', bound: range.bound };
  const { bounds, limits } = range;
  if (limits.length > 0 && !limits.some((limit) => at < limit)) return no;
  let inside = false;
  for (const { event, key: bound } of bounds) {
    if ('introduced' in event) {
      if (bound <= at) inside = true;
    } else if ('fixed' in event) {
      if (bound <= at) inside = false;
      else if (inside) return { affected: 'yes', end: { kind: 'fixed', version: event.fixed } };
    } else {
      if (bound < at) inside = false;
      else if (inside) return { affected: 'yes', end: unstated };
    }
  }
  if (!inside) return no;
  return { affected: 'yes', end: limits.length > 0 ? unstated : unfixed };
}

const preparedRanges = new WeakMap<readonly RangeEvent[], { readonly key: VersionKey; readonly range: Prepared }>();

/** Remembered, since the same advisory is held against every version of a package in an artifact. */
function prepared(events: readonly RangeEvent[], key: VersionKey): Prepared {
  const known = preparedRanges.get(events);
  if (known?.key === key) return known.range;
  const range = prepare(events, key);
  preparedRanges.set(events, { key, range });
  return range;
}

function prepare(events: readonly RangeEvent[], key: VersionKey): Prepared {
  const bounds: Bound[] = [];
  const limits: string[] = [];
  for (const event of events) {
    const version = versionOf(event);
    // Alpine's and Wolfi's way to say "never affected".
    if ('fixed' in event && version === '0') return { kind: 'empty' };
    if ('limit' in event && version === '*') continue;
    const bound = version === '0' ? '' : key(version);
    if (bound === undefined) return { kind: 'unordered', bound: version };
    if ('limit' in event) limits.push(bound);
    else bounds.push({ event, key: bound });
  }
  bounds.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  // "introduced 4.2, fixed 4.2.0.beta3", as some feeds write it, would never end; its author meant no release at all.
  const [first] = bounds;
  if (bounds.length === 2 && first !== undefined && !('introduced' in first.event)) return { kind: 'empty' };
  return { kind: 'bounds', bounds, limits };
}

function versionOf(event: RangeEvent): string {
  if ('introduced' in event) return event.introduced;
  if ('fixed' in event) return event.fixed;
  return 'limit' in event ? event.limit : event.lastAffected;
}

function isListed(versions: readonly string[], version: string, at: string, key: VersionKey): boolean {
  return versions.includes(version) || versions.some((listed) => haveSameDigits(listed, version) && key(listed) === at);
}

/**
 * Versions that are equal in any ordering have the same digits, zeros and what follows a `+` aside. Lists of hundreds of
 * versions need not be parsed to see that most are different.
 */
function haveSameDigits(a: string, b: string): boolean {
  let i = 0;
  let j = 0;
  for (;;) {
    while (i < a.length && !isSignificant(a.charCodeAt(i))) i++;
    while (j < b.length && !isSignificant(b.charCodeAt(j))) j++;
    const endA = i === a.length || a[i] === '+';
    const endB = j === b.length || b[j] === '+';
    if (endA || endB) return endA === endB;
    if (a[i] !== b[j]) return false;
    i++;
    j++;
  }
}

function isSignificant(code: number): boolean {
  return code === 0x2b || (code >= 0x31 && code <= 0x39);
}

/** The smallest fixed version above one that only the list of versions names. */
function endAfterListed(affected: Affected, at: string, key: VersionKey): RangeEnd {
  let end: { readonly version: string; readonly key: string } | undefined;
  for (const event of affected.ranges.flatMap(({ events }) => events)) {
    const bound = 'fixed' in event ? key(event.fixed) : undefined;
    if (!('fixed' in event) || bound === undefined || bound <= at) continue;
    if (end === undefined || bound < end.key) end = { version: event.fixed, key: bound };
  }
  return end === undefined ? unstated : { kind: 'fixed', version: end.version };
}
