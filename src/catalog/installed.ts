/** What the package databases of distributions have in common: which layer brought a package, and which package answers a requirement. */
import { limits } from '../limits.ts';
import type { Found } from './cataloger.ts';

/**
 * The layer that brought what the visible database holds. Every layer that installs something has a copy of the whole
 * database, so it is the oldest of those copies, in an unbroken row up to the visible one, that have the same `key`
 * (package and version).
 */
export function bringingLayer<Fragment>(
  history: readonly Found<Fragment>[],
  keysOf: (fragment: Fragment) => Iterable<string>,
): (key: string) => number {
  const copies = history.map(({ layer, fragment }) => ({ layer, keys: new Set(keysOf(fragment)) })).reverse();
  return (key) => {
    let layer = copies[0]?.layer ?? 0;
    for (const copy of copies) {
      if (!copy.keys.has(key)) break;
      layer = copy.layer;
    }
    return layer;
  };
}

/** Packages by the names that each has or provides. A name keeps its first `limits.providersPerName` packages: any one of them answers. */
export function byNames<Package>(
  packages: Iterable<Package>,
  namesOf: (item: Package) => Iterable<string>,
): ReadonlyMap<string, readonly Package[]> {
  const index = new Map<string, Package[]>();
  for (const item of packages) {
    for (const name of namesOf(item)) {
      const same = index.get(name);
      if (same === undefined) index.set(name, [item]);
      else if (same.length < limits.providersPerName && same.at(-1) !== item) same.push(item);
    }
  }
  return index;
}

/** Sorted, each once, without the package itself. */
export function dependencyIds(self: string, ids: Iterable<string>): readonly string[] {
  const all = new Set(ids);
  all.delete(self);
  return [...all].sort();
}
