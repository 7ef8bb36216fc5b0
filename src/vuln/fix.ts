import type { AffectedAgain, Finding, Fix } from '../sbom/index.ts';
import type { Advisory, Affected } from './advisory.ts';
import { type Answer, evaluate } from './range.ts';
import { compareVersions } from './version/compare.ts';
import type { VersionKey } from './version/key.ts';

/** What an advisory says about the package of a component, and the version that was held against it. */
export interface Asked {
  readonly advisory: Advisory;
  readonly affected: Affected;
  readonly version: string;
  readonly key: VersionKey;
  readonly answer: Exclude<Answer, { readonly affected: 'unknown' }>;
}

/** An advisory that holds for the version. */
export interface Held extends Asked {
  readonly answer: Extract<Answer, { readonly affected: 'yes' }>;
}

export function isHeld(asked: Asked): asked is Held {
  return asked.answer.affected === 'yes';
}

/** Ratings by which a distribution says that no fix will come: Debian's urgencies and sub-states, Wolfi's and Chainguard's status. */
const refusals: ReadonlySet<string> = new Set([
  'end-of-life',
  'fix-not-planned',
  'ignored',
  'no-dsa',
  'postponed',
  'unimportant',
]);

/**
 * The smallest version above the installed one, on its branch, that no advisory about this vulnerability holds for;
 * where one of them knows no fix, the smallest that any of them calls fixed.
 *
 * `asked`: all that these advisories say about the package, `held` among it.
 */
export function fixOf(held: readonly Held[], asked: readonly Asked[]): Fix {
  const clean = firstClean(asked);
  const version = clean ?? smallestFixed(held);
  if (version !== undefined) {
    const affectedAgain = stretchesFrom(version, clean !== undefined, asked);
    const fix = { state: 'fixed', version, since: publishedWith(version, held) } as const;
    return affectedAgain.length === 0 ? fix : { ...fix, affectedAgain };
  }
  const refusal = held.find(({ affected }) => affected.rating !== undefined && refusals.has(affected.rating));
  if (refusal?.affected.rating !== undefined) return { state: 'wont-fix', reason: refusal.affected.rating };
  return held.every(({ answer }) => answer.end.kind === 'unfixed') ? { state: 'not-fixed' } : { state: 'unknown' };
}

/** No package keeps more of them; what lies beyond is not called clear. */
const mostBranches = 100;

/**
 * Where the advisories hold again from the fix on: a fix on an old branch says nothing about the next one, and what one of
 * their entries calls fixed, another can call unfixed.
 */
function stretchesFrom(fix: string, isClean: boolean, asked: readonly Asked[]): readonly AffectedAgain[] {
  const starts: { readonly from: string; readonly at: string; readonly key: VersionKey }[] = [];
  for (const [index, { affected, key }] of asked.entries()) {
    const fixed = key(fix) ?? '';
    if (index === 0 && !isClean) starts.push({ from: fix, at: fixed, key });
    for (const { events } of affected.ranges) {
      for (const event of events) {
        // "0" is the beginning, above which every fix is.
        if (!('introduced' in event) || event.introduced === '0') continue;
        const at = key(event.introduced);
        if (at !== undefined && at >= fixed) starts.push({ from: event.introduced, at, key });
      }
    }
  }
  const stretches: AffectedAgain[] = [];
  let end = '';
  for (const { from, at, key } of starts.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    if (at < end || !asked.some(({ affected, key }) => evaluate(affected, from, key).affected === 'yes')) continue;
    const fixed = stretches.length < mostBranches ? firstClean(asked, from) : undefined;
    stretches.push(fixed === undefined ? { from } : { from, fixed });
    if (fixed === undefined) break;
    end = key(fixed) ?? '';
  }
  return stretches;
}

/**
 * Climbs from fix to fix until no advisory holds any more: each step leaves the affected versions of one advisory by
 * their nearest end, so the version reached is the smallest.
 */
function firstClean(asked: readonly Asked[], from?: string): string | undefined {
  let current = from;
  for (;;) {
    let next: string | undefined;
    for (const { affected, key, answer: installed } of asked) {
      const answer = current === undefined ? installed : evaluate(affected, current, key);
      if (answer.affected === 'unknown') return undefined;
      if (answer.affected === 'no') continue;
      if (answer.end.kind !== 'fixed') return undefined;
      if (next === undefined || isAbove(answer.end.version, next, key)) next = answer.end.version;
    }
    if (next === undefined) return current;
    current = next;
  }
}

function smallestFixed(held: readonly Held[]): string | undefined {
  let smallest: string | undefined;
  for (const { answer, key } of held) {
    if (answer.end.kind !== 'fixed') continue;
    if (smallest === undefined || isAbove(smallest, answer.end.version, key)) smallest = answer.end.version;
  }
  return smallest;
}

function isAbove(a: string, b: string, key: VersionKey): boolean {
  return (key(a) ?? '') > (key(b) ?? '');
}

function publishedWith(version: string, held: readonly Held[]): string | undefined {
  const dates = held.flatMap(({ advisory, answer, key }) =>
    answer.end.kind === 'fixed' && key(answer.end.version) === key(version) && advisory.published !== undefined
      ? [advisory.published]
      : [],
  );
  return dates.sort()[0];
}

/**
 * The smallest version that clears all these findings of one component: the highest of their fixes, or, where one of
 * them holds again for that, the one after it.
 * `undefined`: one of them has no fix, or there are none.
 */
export function fixForAll(findings: readonly Finding[]): string | undefined {
  let version: string | undefined;
  for (const { fix, matched } of findings) {
    if (fix.state !== 'fixed') return undefined;
    const order = version === undefined ? 1 : compareVersions(matched.ecosystem, fix.version, version);
    if (order === undefined) return undefined;
    if (order > 0) version = fix.version;
  }
  while (version !== undefined) {
    const at = version;
    const [stretch] = findings.flatMap((finding) => affectedAgainAt(at, finding));
    if (stretch === undefined) return version;
    version = stretch.fixed;
  }
  return undefined;
}

function affectedAgainAt(version: string, { fix, matched: { ecosystem } }: Finding): readonly AffectedAgain[] {
  const isBelow = (a: string, b: string) => (compareVersions(ecosystem, a, b) ?? 1) < 0;
  return (fix.state === 'fixed' ? (fix.affectedAgain ?? []) : []).filter(
    ({ from, fixed }) => !isBelow(version, from) && (fixed === undefined || isBelow(version, fixed)),
  );
}
