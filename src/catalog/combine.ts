import type { Tree } from '../image/index.ts';
import type { Component, Hash, Location } from '../sbom/index.ts';
import type { Cataloged } from './cataloger.ts';
import { findOwners } from './ownership.ts';

/** What one cataloger found. */
export interface Finds {
  readonly foundBy: string;
  /** Whether it tells development dependencies apart: only then does a component without scope count as needed. */
  readonly tellsScope: boolean;
  readonly components: readonly Cataloged[];
}

/**
 * One component for each id, whoever found it and at however many places, with its owner, in a stable order.
 *
 * @param layered whether layer numbers mean anything: outside images there is one "layer" that nobody knows
 */
export function combine(found: readonly Finds[], tree: Tree, layered: boolean): Component[] {
  const byId = new Map<string, Component>();
  const needed = new Set<string>();
  for (const { foundBy, tellsScope, components } of found) {
    for (const { owns: _, ...component } of components) {
      const known = byId.get(component.id);
      if (tellsScope && component.scope === undefined) needed.add(component.id);
      byId.set(component.id, known === undefined ? { ...component, foundBy } : merge(known, component));
    }
  }
  const everyone = found.flatMap(({ components }) => components);
  const packages = everyone.filter(({ owns }) => owns !== undefined);
  const packageIds = new Set(packages.map(({ id }) => id));
  const owners = findOwners(
    packages,
    [...byId.values()].filter(({ id }) => !packageIds.has(id)),
    tree,
  );
  return [...byId.values()]
    .map((component) => ({
      ...component,
      scope: needed.has(component.id) ? undefined : component.scope,
      licenses: sorted(component.licenses),
      hashes: unique(component.hashes, hashKey),
      locations: unique(component.locations, locationKey).map(({ path, layer }) =>
        layered ? { path, layer } : { path },
      ),
      dependsOn: sorted(component.dependsOn.filter((id) => byId.has(id) && id !== component.id)),
      ownedBy: owners.get(component.id),
    }))
    .sort((a, b) => compare(a.id, b.id));
}

/** Two finds of one package. What one of them does not say, the other may. */
function merge(known: Component, other: Cataloged): Component {
  return {
    ...known,
    source: known.source ?? other.source,
    supplier: known.supplier ?? other.supplier,
    homepage: known.homepage ?? other.homepage,
    scope: known.scope === 'optional' ? known.scope : (other.scope ?? known.scope),
    embedded: known.embedded ?? other.embedded,
    licenses: [...known.licenses, ...other.licenses],
    hashes: [...known.hashes, ...other.hashes],
    locations: [...known.locations, ...other.locations],
    dependsOn: [...known.dependsOn, ...other.dependsOn],
  };
}

function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compare);
}

function unique<T>(values: readonly T[], key: (value: T) => string): T[] {
  const byKey = new Map(values.map((value) => [key(value), value]));
  return [...byKey].sort(([a], [b]) => compare(a, b)).map(([, value]) => value);
}

function hashKey({ algorithm, value }: Hash): string {
  return `${algorithm} ${value}`;
}

function locationKey({ path, layer }: Location): string {
  return `${path}\0${layer ?? ''}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
