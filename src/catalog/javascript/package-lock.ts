import { limits } from '../../limits.ts';
import type { Component } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { entriesOf, field, isMapping, jsonOf, malformed, sectionOf, textField } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { integrityHashes } from './integrity.ts';
import { licensesOf, neededNames } from './manifest.ts';
import { nodeResolver } from './node-lookup.ts';
import { npmId, packageFacts } from './package-name.ts';
import { installedFrom } from './tarball.ts';

/** A package at one place, whichever version of the format told of it. */
interface Entry {
  /** Where it is installed, seen from the lock file: `node_modules/a/node_modules/@b/c`. */
  readonly folder: string;
  readonly name: string;
  /** A version, or what stands in place of one. */
  readonly resolution: string;
  readonly written: unknown;
  readonly needs: readonly string[];
}

type Locked = LockedFacts & {
  /** In lock files that tell what was installed: where, in the artifact. */
  readonly folder?: string | undefined;
};

/** What npm keeps of an installation. */
const hiddenLock = 'node_modules/.package-lock.json';

/** npm's lock files of lockfileVersion 1 to 3 (npm documentation, "package-lock.json"). */
export const packageLock: Cataloger<readonly LockedPackage<Locked>[]> = {
  name: 'package-lock',
  version: 2,
  title: 'npm lock files',
  files: ['**/package-lock.json', '**/npm-shrinkwrap.json', `**/${hiddenLock}`],
  tells: { licenses: true, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    const hidden = file.path === hiddenLock || file.path.endsWith(`/${hiddenLock}`);
    if (!hidden && isAmongInstalled(file.path)) return undefined;
    const root = hidden ? file.path.slice(0, -hiddenLock.length) : undefined;
    const document = jsonOf(file);
    if (!isMapping(document)) throw malformed(file, 'is not an object');
    const entries =
      field(document, 'packages') === undefined ? nestedEntries(file, document) : flatEntries(file, document);
    const resolve = nodeResolver(entries);
    return lockedPackages(file, entries.values(), {
      describe: (entry) => describe(file, entry, root),
      id: npmId,
      dependencies({ folder, needs }) {
        const find = resolve(folder);
        return needs.flatMap((name) => find(name) ?? []);
      },
    });
  },

  // Images delete packages from node_modules, and npm's note of them stays.
  assemble: (view) => lockedComponents('npm', view.found, ({ folder }) => folder === undefined || view.exists(folder)),
};

/** `packages` (version 2 and 3): each by its folder. Version 2 repeats them in the form of version 1. */
function flatEntries(file: CatalogFile, document: unknown): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [folder, written] of sectionOf(file, document, 'packages')) {
    if (!isMapping(written)) throw malformed(file, `has no object for "${folder}"`);
    checkFolder(file, folder);
    // The project itself and its workspaces stand under folders that are not in node_modules.
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder)?.[1];
    if (name === undefined) continue;
    entries.set(folder, {
      folder,
      name: textField(written, 'name') ?? name,
      resolution: field(written, 'link') === true ? 'link:' : (textField(written, 'version') ?? ''),
      written,
      needs: neededNames(written),
    });
  }
  return entries;
}

/** `dependencies` (version 1): a tree, with the packages that are installed inside another one below it. */
function nestedEntries(file: CatalogFile, document: unknown): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const open = [{ parent: '', written: document }];
  let length = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const [name, written] of sectionOf(file, node.written, 'dependencies')) {
      if (!isMapping(written)) throw malformed(file, `has no object for "${name}"`);
      const folder = `${node.parent}node_modules/${name}`;
      checkFolder(file, folder);
      length += folder.length;
      if (length > limits.nestedPathLength) throw malformed(file, 'nests too many packages too deeply');
      const needs = entriesOf(field(written, 'requires')).map(([needed]) => needed);
      entries.set(folder, { folder, name, resolution: textField(written, 'version') ?? '', written, needs });
      open.push({ parent: `${folder}/`, written });
    }
  }
  return entries;
}

function checkFolder(file: CatalogFile, folder: string): void {
  if (folder.length > limits.pathBytes || folder.split('/').length > limits.directoryDepth)
    throw malformed(file, `nests packages too deeply, at "${folder.slice(0, 100)}…"`);
}

function describe(file: CatalogFile, entry: Entry, root: string | undefined): Locked | undefined {
  const { folder, name, resolution, written } = entry;
  const facts = packageFacts(file, name, resolution);
  return (
    facts && {
      ...installedFrom(facts, textField(written, 'resolved') ?? ''),
      licenses: licensesOf(written),
      hashes: integrityHashes(textField(written, 'integrity')),
      scope: scopeOf(written),
      folder: root === undefined ? undefined : root + folder,
    }
  );
}

/** `devOptional`: development needs it, and something else can do without it. */
function scopeOf(written: unknown): Component['scope'] {
  if (field(written, 'dev') === true) return 'development';
  return field(written, 'optional') === true || field(written, 'devOptional') === true ? 'optional' : undefined;
}
