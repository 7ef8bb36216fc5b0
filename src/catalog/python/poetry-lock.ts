import type { Component } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { entriesOf, field, listOf, sectionList, textField, tomlOf } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { fileHashes } from './file-hash.ts';
import { byName, pypiFacts, pypiId } from './package-name.ts';

/**
 * Poetry's lock file, lock-version 1.0 to 2.1 (poetry's `packages/locker.py` writes it). Development packages are told
 * apart by `category` before poetry 1.5 and by `groups` since poetry 2.0; in between it is not stated.
 */
export const poetryLock: Cataloger<readonly LockedPackage[]> = {
  name: 'poetry-lock',
  version: 1,
  title: 'Poetry lock files',
  files: ['**/poetry.lock'],
  tells: { licenses: false, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const document = tomlOf(file);
    const entries = sectionList(file, document, 'package');
    const named = byName(file, entries, (entry) => textField(entry, 'name'));
    const metadata = field(document, 'metadata');
    return lockedPackages(file, entries, {
      describe: (entry) => describe(file, entry, metadata),
      id: pypiId,
      dependencies: (entry) => neededNames(entry).flatMap(named),
    });
  },

  assemble: (view) => lockedComponents('pypi', view.found),
};

function describe(file: CatalogFile, entry: unknown, metadata: unknown): LockedFacts | undefined {
  const facts = pypiFacts(file, textField(entry, 'name'), textField(entry, 'version'));
  if (textField(field(entry, 'source'), 'type') === 'directory') return undefined;
  return { ...facts, hashes: hashesOf(entry, facts.name, metadata), scope: scopeOf(entry) };
}

/** In the package since lock-version 2, before that for all packages at the end; poetry 1.0 and older give bare SHA-256. */
function hashesOf(entry: unknown, name: string, metadata: unknown): LockedFacts['hashes'] {
  const files = field(entry, 'files') ?? field(field(metadata, 'files'), name);
  const bare = listOf(field(field(metadata, 'hashes'), name)).map((hex) => `sha256:${hex}`);
  return fileHashes([...listOf(files).map((item) => field(item, 'hash')), ...bare]);
}

function scopeOf(entry: unknown): Component['scope'] {
  const groups = listOf(field(entry, 'groups'));
  const development =
    groups.length > 0 ? !groups.includes('main') : (textField(entry, 'category') ?? 'main') !== 'main';
  if (development) return 'development';
  return field(entry, 'optional') === true ? 'optional' : undefined;
}

/** `name = "^1.0"`, or a table, or a list of tables for several conditions. Optional ones come with extras only. */
function neededNames(entry: unknown): readonly string[] {
  return entriesOf(field(entry, 'dependencies'))
    .filter(([, asked]) => !(Array.isArray(asked) ? asked : [asked]).every((item) => field(item, 'optional') === true))
    .map(([name]) => name);
}
