/** What the lock files of all ecosystems come to: packages with their versions, hashes and dependencies. */
import { limits } from '../limits.ts';
import type { Component, Hash, PackageType } from '../sbom/index.ts';
import type { Cataloged, CatalogFile, Found } from './cataloger.ts';
import { malformed } from './document.ts';
import { dependencyIds } from './installed.ts';

/** A {@link Hash} that is plain enough to be remembered. */
export type LockedHash = Pick<Hash, 'algorithm' | 'value'>;

/** What an entry of a lock file says about its package, apart from others. */
export type LockedFacts = {
  readonly name: string;
  /** Absent when only a source is locked (a commit, an archive), or nothing. */
  readonly version?: string | undefined;
  readonly licenses?: readonly string[] | undefined;
  readonly hashes?: readonly LockedHash[] | undefined;
  readonly scope?: Component['scope'];
};

/** A package of a lock file: what `read` gives and a layer is remembered by. */
export type LockedPackage<Facts extends LockedFacts = LockedFacts> = Facts & {
  readonly id: string;
  /** Indexes into the list that the package stands in: ids can be a hundred times as long as what refers to them. */
  readonly dependsOn?: readonly number[];
};

/** How to understand the entries of one format. */
export interface EntryReader<Entry, Facts extends LockedFacts> {
  /** `undefined`: no package from outside, but the project itself, a workspace or a local folder. */
  readonly describe: (entry: Entry) => Facts | undefined;
  readonly id: (name: string, version: string | undefined) => string;
  /** The entries that it needs. */
  readonly dependencies: (entry: Entry) => Iterable<Entry>;
}

/**
 * The packages of one file. Entries are told apart by identity.
 *
 * @throws PlimsollError `catalog/malformed-file` when there are more packages or dependencies than are read,
 *   `sbom/no-purl` when a name is none
 */
export function lockedPackages<Entry, Facts extends LockedFacts>(
  file: CatalogFile,
  entries: Iterable<Entry>,
  { describe, id, dependencies }: EntryReader<Entry, Facts>,
): readonly LockedPackage<Facts>[] {
  const packages = new Map<Entry, LockedPackage<Facts>>();
  const indexes = new Map<Entry, number>();
  for (const entry of entries) {
    const facts = describe(entry);
    if (facts === undefined) continue;
    indexes.set(entry, packages.size);
    packages.set(entry, { id: id(facts.name, facts.version), ...facts });
    if (packages.size > limits.componentsPerFile)
      throw malformed(file, 'names more packages than are read of one file');
  }
  return [...packages].map(([entry, locked]) => {
    const needed = new Set<number>();
    for (const dependency of dependencies(entry)) {
      const index = indexes.get(dependency);
      if (index !== undefined) needed.add(index);
      if (needed.size > limits.dependenciesPerPackage)
        throw malformed(file, `gives ${locked.name} too many dependencies`);
    }
    return needed.size === 0 ? locked : { ...locked, dependsOn: [...needed] };
  });
}

/** The components of lock files, each at the place of its file; of all packages, or of those that `counts` says. */
export function lockedComponents<Facts extends LockedFacts>(
  type: PackageType,
  found: readonly Found<readonly LockedPackage<Facts>[]>[],
  counts: (locked: Facts) => boolean = () => true,
): readonly Cataloged[] {
  return found.flatMap(({ path, layer, fragment }) =>
    fragment.filter(counts).map((locked) => {
      const ids = (locked.dependsOn ?? []).flatMap((index) => fragment[index]?.id ?? []);
      const { id, name, version, scope, licenses = [], hashes = [] } = locked;
      return {
        id,
        type,
        name,
        version,
        scope,
        licenses,
        hashes,
        dependsOn: dependencyIds(id, ids),
        locations: [{ path, layer }],
      };
    }),
  );
}
