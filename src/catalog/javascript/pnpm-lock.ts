import type { Component } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { type Need, scopesFrom } from '../dependency-scope.ts';
import { entriesOf, field, isMapping, malformed, sectionOf, textField, yamlOf } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { integrityHashes } from './integrity.ts';
import { npmId, packageFacts, splitAtVersion } from './package-name.ts';

interface Entry {
  /** `/name/1.2.3_peers` (lockfileVersion 5), `/name@1.2.3(peers)` (6), `name@1.2.3(peers)` (9). */
  readonly key: string;
  /** What the package is. */
  readonly written: unknown;
  /** What it got: the same, until version 9 tells packages and their `snapshots` apart. */
  readonly snapshot: unknown;
}

/** pnpm's lock files, lockfileVersion 5 to 9 (github.com/pnpm/spec, "lockfile"). */
export const pnpmLock: Cataloger<readonly LockedPackage[]> = {
  name: 'pnpm-lock',
  version: 2,
  title: 'pnpm lock files',
  files: ['**/pnpm-lock.yaml'],
  tells: { licenses: false, dependencies: true, hashes: true, development: true, files: false },

  // Since version 11 a first document locks pnpm itself and its plugins.
  read: (file) =>
    isAmongInstalled(file.path) ? undefined : yamlOf(file).flatMap((document) => readDocument(file, document)),

  assemble: (view) => lockedComponents('npm', view.found),
};

function readDocument(file: CatalogFile, document: unknown): readonly LockedPackage[] {
  if (!isMapping(document) || field(document, 'lockfileVersion') === undefined)
    throw malformed(file, 'is not a pnpm lock file');
  const entries = entriesIn(file, document);
  const needs = ({ snapshot }: Entry) => [
    ...needsIn(entries, snapshot, 'dependencies', 'needed'),
    ...needsIn(entries, snapshot, 'optionalDependencies', 'optional'),
  ];
  const importers = sectionOf(file, document, 'importers').map(([, importer]) => importer);
  // Without workspaces, versions 5 and 6 give the only importer at the top.
  const roots = [document, ...importers].flatMap((importer) => [
    ...needsIn(entries, importer, 'dependencies', 'needed'),
    ...needsIn(entries, importer, 'optionalDependencies', 'optional'),
    ...needsIn(entries, importer, 'devDependencies', 'development'),
    ...needsIn(entries, importer, 'configDependencies', 'development'),
  ]);
  const scopes = scopesFrom(roots, needs);
  return lockedPackages(file, entries.values(), {
    describe: (entry) => describe(file, entry, scopes.get(entry)),
    id: npmId,
    dependencies: (entry) => needs(entry).map(({ entry }) => entry),
  });
}

function entriesIn(file: CatalogFile, document: unknown): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const packages = new Map(sectionOf(file, document, 'packages'));
  for (const [key, snapshot] of sectionOf(file, document, 'snapshots')) {
    const written = packages.get(key) ?? packages.get(withoutPeers(key));
    entries.set(key, { key, written, snapshot });
  }
  const seen = new Set([...entries.keys()].map(withoutPeers));
  for (const [key, written] of packages) {
    if (!isMapping(written)) throw malformed(file, `has no mapping for "${key.slice(0, 100)}"`);
    if (!seen.has(key)) entries.set(key, { key, written, snapshot: written });
  }
  return entries;
}

/** `name: reference`, or `name: { specifier, version: reference }` for importers since version 6. */
function* needsIn(
  entries: ReadonlyMap<string, Entry>,
  owner: unknown,
  kind: string,
  as: Need<Entry>['as'],
): Generator<Need<Entry>, void, undefined> {
  for (const [name, value] of entriesOf(field(owner, kind))) {
    const reference = typeof value === 'string' ? value : textField(value, 'version');
    if (reference === undefined) continue;
    const keys = [`${name}@${reference}`, `/${name}@${reference}`, `/${name}/${reference}`, reference];
    const entry = keys.map((key) => entries.get(key)).find((found) => found !== undefined);
    if (entry !== undefined) yield { entry, as };
  }
}

/** A package from elsewhere than a registry (a commit, an archive, a folder) has its name and version written out. */
function describe(file: CatalogFile, entry: Entry, reached: Component['scope']): LockedFacts | undefined {
  const { key, written, snapshot } = entry;
  const resolution = field(written, 'resolution');
  if (textField(resolution, 'type') === 'directory') return undefined;
  const [name, reference] = nameAndReference(key);
  const facts = packageFacts(file, textField(written, 'name') ?? name, textField(written, 'version') ?? reference);
  return (
    facts && {
      ...facts,
      hashes: integrityHashes(textField(resolution, 'integrity')),
      scope: scopeOf(snapshot, reached),
    }
  );
}

function nameAndReference(key: string): readonly [name: string, reference: string] {
  const plain = withoutPeers(key).replace(/^\//, '');
  const [name, reference] = splitAtVersion(plain);
  if (reference !== '' && name.split('/').length === (name.startsWith('@') ? 2 : 1)) return [name, reference];
  // A registry other than the package's own goes before the name: `registry.example/@scope/name@1.2.3`, and in version 5
  // `registry.example/@scope/name/1.2.3_peers`, where the peers follow an underscore, which no version has.
  const segments = plain.split('/').reverse();
  const [, joined, joinedVersion] = /^(?!\d+\.\d+\.\d)([^@]+)@(.+)$/.exec(segments[0] ?? '') ?? [];
  if (joined !== undefined && joinedVersion !== undefined) return [scoped(segments[1], joined), joinedVersion];
  const [version = '', last = '', scope] = plain.replace(/_.*$/s, '').split('/').reverse();
  return [scoped(scope, last), version];
}

function scoped(scope: string | undefined, name: string): string {
  return scope?.startsWith('@') === true ? `${scope}/${name}` : name;
}

function withoutPeers(key: string): string {
  const peers = key.indexOf('(');
  return peers < 0 ? key : key.slice(0, peers);
}

/** Versions 5 and 6 state it; version 9 states `optional` alone, and leaves the rest to be seen from the importers. */
function scopeOf(snapshot: unknown, reached: Component['scope']): Component['scope'] {
  if (field(snapshot, 'dev') === 'true') return 'development';
  return reached ?? (field(snapshot, 'optional') === 'true' ? 'optional' : undefined);
}
