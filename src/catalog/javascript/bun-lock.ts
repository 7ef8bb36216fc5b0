import { PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import type { Component } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { type Need, scopesFrom } from '../dependency-scope.ts';
import { boundedText, entriesOf, field, isMapping, listOf, malformed, sectionOf, textField } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { integrityHashes } from './integrity.ts';
import { plainJson } from './jsonc.ts';
import { type FindByName, nodeResolver } from './node-lookup.ts';
import { npmId, packageFacts, splitAtVersion } from './package-name.ts';

interface Entry {
  /** Where it is installed: `mocha/debug` of the file as `node_modules/mocha/node_modules/debug`. */
  readonly folder: string;
  /** `name@1.2.3`, `name@workspace:packages/a`, `name@github:user/repository#commit`. */
  readonly resolved: string;
  /** Its dependencies by kind; what stands where differs by source, but there is one object. */
  readonly manifest: unknown;
  readonly integrity: string | undefined;
}

/** Bun's lock file since 1.2, JSON with comments and trailing commas (bun documentation, "Lockfile"). */
export const bunLock: Cataloger<readonly LockedPackage[]> = {
  name: 'bun-lock',
  version: 1,
  title: 'Bun lock files',
  files: ['**/bun.lock', '**/bun.lockb'],
  tells: { licenses: false, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    if (file.path.endsWith('b')) throw binaryLock(file);
    const document = parse(file);
    const entries = entriesIn(file, document);
    const resolve = nodeResolver(entries);
    const needs = ({ folder, manifest }: Entry) => needsOf(resolve(folder), manifest);
    const scopes = scopesFrom(rootsIn(file, document, resolve), needs);
    return lockedPackages(file, entries.values(), {
      describe: (entry) => describe(file, entry, scopes.get(entry)),
      id: npmId,
      dependencies: (entry) => needs(entry).map(({ entry }) => entry),
    });
  },

  assemble: (view) => lockedComponents('npm', view.found),
};

function binaryLock(file: CatalogFile): PlimsollError {
  return new PlimsollError('catalog/binary-lock-file', `"${file.path}" is Bun's binary lock file, which is not read.`, {
    hint: 'Turn it into bun.lock with `bun install --save-text-lockfile --frozen-lockfile --lockfile-only`.',
  });
}

function parse(file: CatalogFile): unknown {
  let document: unknown;
  try {
    document = JSON.parse(plainJson(boundedText(file)));
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw malformed(file, 'is not valid JSON with comments and trailing commas', thrown);
  }
  if (!isMapping(document)) throw malformed(file, 'is not an object');
  return document;
}

function entriesIn(file: CatalogFile, document: unknown): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [key, written] of sectionOf(file, document, 'packages')) {
    const parts: readonly unknown[] = Array.isArray(written) ? written : [];
    const [resolved, ...rest] = parts;
    if (typeof resolved !== 'string') throw malformed(file, `has no package for "${key.slice(0, 100)}"`);
    const folder = folderOf(key);
    if (folder.length > limits.pathBytes || folder.split('/').length > limits.directoryDepth)
      throw malformed(file, 'nests packages too deeply');
    const integrity = rest.at(-1);
    entries.set(folder, {
      folder,
      resolved,
      manifest: rest.find(isMapping),
      integrity: typeof integrity === 'string' ? integrity : undefined,
    });
  }
  return entries;
}

/** Names of packages, each inside the one before it. */
function folderOf(key: string): string {
  return key.replace(/(^|\/)((?:@[^/]*\/)?[^/]+)/g, '$1node_modules/$2');
}

type Resolve = (folder: string) => FindByName<Entry>;

/** Workspaces, the project's own folder among them, are where needing starts; that one has an empty path. */
function* rootsIn(file: CatalogFile, document: unknown, resolve: Resolve): Generator<Need<Entry>, void, undefined> {
  for (const [path, workspace] of sectionOf(file, document, 'workspaces')) {
    const find = resolve(path === '' ? '' : folderOf(textField(workspace, 'name') ?? path));
    yield* needsOf(find, workspace);
    yield* needsOfKind(find, workspace, 'devDependencies', 'development');
  }
}

function needsOf(find: FindByName<Entry>, manifest: unknown): readonly Need<Entry>[] {
  return [
    ...needsOfKind(find, manifest, 'dependencies', 'needed'),
    ...needsOfKind(find, manifest, 'peerDependencies', 'needed'),
    ...needsOfKind(find, manifest, 'optionalDependencies', 'optional'),
  ];
}

function* needsOfKind(
  find: FindByName<Entry>,
  manifest: unknown,
  kind: string,
  as: Need<Entry>['as'],
): Generator<Need<Entry>, void, undefined> {
  const unneeded = kind === 'peerDependencies' ? new Set(listOf(field(manifest, 'optionalPeers'))) : undefined;
  for (const [name] of entriesOf(field(manifest, kind))) {
    const entry = unneeded?.has(name) ? undefined : find(name);
    if (entry !== undefined) yield { entry, as };
  }
}

function describe(file: CatalogFile, entry: Entry, scope: Component['scope']): LockedFacts | undefined {
  const facts = packageFacts(file, ...splitAtVersion(entry.resolved));
  return facts && { ...facts, hashes: integrityHashes(entry.integrity), scope };
}
