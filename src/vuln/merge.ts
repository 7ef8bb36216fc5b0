import type { Advisory } from './advisory.ts';

/** One vulnerability as several advisories tell it. */
export interface Merged<Hit> {
  /** All names, sorted. */
  readonly names: readonly string[];
  /** Sorted by the advisory's id. */
  readonly hits: readonly Hit[];
}

/** What one advisory says about one vulnerability: an erratum for several CVEs has a facet for each. */
interface Facet {
  readonly cves: readonly string[];
  readonly names: readonly string[];
  /** Names that mean this vulnerability and nothing else; the id of an erratum for several CVEs is not among them. */
  readonly identifying: readonly string[];
}

const cveForm = /^CVE-\d{4}-\d{4,}$/;

export function isCve(name: string): boolean {
  return cveForm.test(name);
}

/**
 * Advisories that hold for the same component, one group for each vulnerability.
 *
 * CVE ids anchor the groups. Two CVEs are one vulnerability only if an advisory lists both as aliases; that two of them
 * share a GHSA id is not enough, and neither is an erratum that fixes both. Advisories without a CVE join the groups
 * with which they share another name.
 */
export function mergeByNames<Hit extends { readonly advisory: Advisory }>(
  hits: readonly Hit[],
): readonly Merged<Hit>[] {
  const facets = [...hits]
    .sort((a, b) => byText(a.advisory.id, b.advisory.id))
    .flatMap((hit) => facetsOf(hit.advisory).map((facet) => ({ ...facet, hit })));
  const anchored = facets.filter(({ cves }) => cves.length > 0);
  const groups = connected(anchored, ({ cves }) => cves);
  const free = connected(
    facets.filter(({ cves }) => cves.length === 0),
    ({ identifying }) => identifying,
  );
  const byName = new Map<string, Set<number>>();
  for (const [index, group] of groups.entries()) {
    for (const name of group.flatMap(({ identifying }) => identifying)) {
      byName.set(name, (byName.get(name) ?? new Set()).add(index));
    }
  }
  const alone: (typeof free)[number][] = [];
  for (const cluster of free) {
    const joined = new Set(
      cluster.flatMap(({ identifying }) => identifying.flatMap((name) => [...(byName.get(name) ?? [])])),
    );
    for (const index of joined) groups[index]?.push(...cluster);
    if (joined.size === 0) alone.push(cluster);
  }
  return [...groups, ...alone].map((group) => ({
    names: [...new Set(group.flatMap(({ names }) => names))].sort(byText),
    hits: [...new Set(group.map(({ hit }) => hit))].sort((a, b) => byText(a.advisory.id, b.advisory.id)),
  }));
}

const knownFacets = new WeakMap<Advisory, readonly Facet[]>();

/** Remembered, since the same advisory is held against every version of a package in an artifact. */
function facetsOf(advisory: Advisory): readonly Facet[] {
  const known = knownFacets.get(advisory) ?? facetsIn(advisory);
  knownFacets.set(advisory, known);
  return known;
}

function facetsIn({ id, aliases, upstream }: Advisory): readonly Facet[] {
  const own = [id, ...aliases];
  const declared = unique(own.filter(isCve));
  const carried = unique(
    [...own.filter((name) => !isCve(name)), ...upstream].flatMap((name) => embeddedCve(name) ?? []),
  );
  const cves = unique([...declared, ...carried]);
  if (cves.length <= 1 || cves.length === declared.length) {
    const names = unique([...own, ...upstream, ...cves]);
    return [{ cves, names, identifying: names }];
  }
  const byCve = Map.groupBy([...own, ...upstream], embeddedCve);
  const shared = own.filter((name) => embeddedCve(name) === undefined);
  const others = upstream.filter((name) => embeddedCve(name) === undefined);
  return [
    ...cves.map((cve) => {
      const identifying = unique([cve, ...(byCve.get(cve) ?? [])]);
      return { cves: [cve], names: unique([...shared, ...identifying]), identifying };
    }),
    ...others.map((name) => ({ cves: [], names: [...shared, name], identifying: [name] })),
  ];
}

/** `UBUNTU-CVE-2024-1234` is Ubuntu's page about CVE-2024-1234. */
function embeddedCve(name: string): string | undefined {
  return /^(?:[A-Z]+-)?(CVE-\d{4}-\d{4,})$/.exec(name)?.[1];
}

/** Items that share a key, directly or through others, in one list; in the order of their first item. */
function connected<Item>(items: readonly Item[], keysOf: (item: Item) => readonly string[]): Item[][] {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    if (root !== key) parents.set(key, root);
    return root;
  };
  for (const item of items) {
    const [first = '', ...others] = keysOf(item).map(rootOf);
    for (const other of others) if (rootOf(other) !== rootOf(first)) parents.set(rootOf(other), rootOf(first));
  }
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const root = rootOf(keysOf(item)[0] ?? '');
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
