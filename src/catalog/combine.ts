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
 * @param layered whether this is an image. Outside images layer numbers mean nothing. In images what is installed is
 *   shipped, so no lock file can make it a development dependency, least of all one that was put there to do so.
 */
export function combine(found: readonly Finds[], tree: Tree, layered: boolean): Component[] {
  const finds = new Map<string, { readonly foundBy: string; readonly all: Cataloged[] }>();
  const needed = new Set<string>();
  for (const { foundBy, tellsScope, components } of found) {
    for (const component of components) {
      if ((tellsScope || layered) && component.scope === undefined) needed.add(component.id);
      const known = finds.get(component.id);
      if (known === undefined) finds.set(component.id, { foundBy, all: [component] });
      else known.all.push(component);
    }
  }
  const byId = new Map([...finds].map(([id, { foundBy, all }]) => [id, { ...merge(all), foundBy }]));
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

/** All finds of one package. What the first one does not say, another may. */
function merge(finds: readonly Cataloged[]): Omit<Cataloged, 'owns'> {
  const [first, ...others] = finds.map(({ owns: _, ...component }) => component);
  if (first === undefined) throw new TypeError('what nobody found is no component');
  if (others.length === 0) return first;
  const all = [first, ...others];
  return {
    ...first,
    source: all.find(({ source }) => source !== undefined)?.source,
    supplier: all.find(({ supplier }) => supplier !== undefined)?.supplier,
    homepage: all.find(({ homepage }) => homepage !== undefined)?.homepage,
    scope: (all.find(({ scope }) => scope === 'optional') ?? all.findLast(({ scope }) => scope !== undefined))?.scope,
    embedded: all.find(({ embedded }) => embedded !== undefined)?.embedded,
    licenses: all.flatMap(({ licenses }) => licenses),
    hashes: all.flatMap(({ hashes }) => hashes),
    locations: all.flatMap(({ locations }) => locations),
    dependsOn: all.flatMap(({ dependsOn }) => dependsOn),
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
