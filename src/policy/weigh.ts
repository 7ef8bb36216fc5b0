import type { Cover } from './exception.ts';
import type { Place, Suppressed } from './verdict.ts';

/** A rule that holds, and where. */
export interface Held {
  readonly rule: string;
  readonly places: readonly Place[];
}

export interface Weighed<Item extends Held> {
  /** What holds after the exceptions, where it does. */
  readonly standing: readonly Item[];
  readonly suppressed: readonly Suppressed[];
  readonly expired: readonly Suppressed[];
  /** Whether there is a place that no exception covers altogether. */
  readonly stands: boolean;
}

/** Takes away from each rule that holds the places which exceptions cover. `places`: all those of the subject. */
export function weigh<Item extends Held>(
  held: readonly Item[],
  covers: readonly Cover[],
  places: readonly Place[],
): Weighed<Item> {
  const suppressed: Suppressed[] = [];
  const expired: Suppressed[] = [];
  const isHeldAt = (at: readonly Place[], rule?: string) =>
    held.some((item) => (rule === undefined || item.rule === rule) && item.places.some((place) => at.includes(place)));
  for (const { note, ended, rules, places: covered } of covers) {
    for (const rule of rules ?? [undefined]) {
      const counts = isHeldAt(covered, rule);
      if (ended && counts) expired.push({ ...note, rule, where: shown(covered) });
      if (!ended && (counts || rule === undefined)) suppressed.push({ ...note, rule, where: shown(covered) });
    }
  }
  const active = covers.filter(({ ended }) => !ended);
  const left = without(
    places,
    active.filter(({ rules }) => rules === undefined),
  );
  const standing = held.map((item) => {
    const own = active.filter(({ rules }) => rules === undefined || rules.includes(item.rule));
    return { ...item, places: without(item.places, own) };
  });
  return { standing: standing.filter((item) => item.places.length > 0), suppressed, expired, stands: left.length > 0 };
}

/** Without the place that stands for "nobody knows where". */
export function shown(places: readonly Place[]): readonly Place[] {
  return places.filter(({ path, layer }) => path !== undefined || layer !== undefined);
}

function without(places: readonly Place[], covers: readonly Cover[]): readonly Place[] {
  if (covers.length === 0) return places;
  const covered = new Set(covers.flatMap((cover) => cover.places));
  return places.filter((place) => !covered.has(place));
}
