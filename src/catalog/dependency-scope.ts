import type { Component } from '../sbom/index.ts';

/** How one package needs another. */
export interface Need<Entry> {
  readonly entry: Entry;
  readonly as: 'needed' | 'optional' | 'development';
}

/**
 * The scope of every package that a project reaches: without one if it is needed, over needed packages only; `optional`
 * if it is reached without development dependencies; else `development`. What is not reached is not in the answer.
 *
 * @param needs what a package needs in turn, `development` never among it
 */
export function scopesFrom<Entry>(
  roots: Iterable<Need<Entry>>,
  needs: (entry: Entry) => Iterable<Need<Entry>>,
): ReadonlyMap<Entry, Component['scope']> {
  const scopes = new Map<Entry, Component['scope']>();
  const waiting = { needed: [] as Entry[], optional: [] as Entry[], development: [] as Entry[] };
  for (const { entry, as } of roots) waiting[as].push(entry);

  for (const as of ['needed', 'optional', 'development'] as const) {
    const open = waiting[as];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      if (scopes.has(entry)) continue;
      scopes.set(entry, as === 'needed' ? undefined : as);
      for (const need of needs(entry)) waiting[as === 'needed' ? need.as : as].push(need.entry);
    }
  }
  return scopes;
}
