import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { field, isMapping, jsonOf, listOf, malformed, sectionOf, textField } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { fileHashes } from './file-hash.ts';
import { versionAt } from './package-file.ts';
import { pypiFacts, pypiId } from './package-name.ts';

interface Entry {
  /** `default`, `develop`, or a category that the project made up. */
  readonly category: string;
  readonly name: string;
  readonly written: unknown;
}

/** Pipenv's lock file (pipenv documentation, "Pipfile & Pipfile.lock"). It does not say which package needs which. */
export const pipfileLock: Cataloger<readonly LockedPackage[]> = {
  name: 'pipfile-lock',
  version: 2,
  title: 'Pipenv lock files',
  files: ['**/Pipfile.lock'],
  tells: { licenses: false, dependencies: false, hashes: true, development: true, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const document = jsonOf(file);
    if (!isMapping(document)) throw malformed(file, 'is not an object');
    const entries = Object.keys(document)
      .filter((category) => category !== '_meta')
      .flatMap((category) =>
        sectionOf(file, document, category).map(([name, written]): Entry => ({ category, name, written })),
      );
    return lockedPackages(file, entries, {
      describe: (entry) => describe(file, entry),
      id: pypiId,
      dependencies: () => [],
    });
  },

  assemble: (view) => lockedComponents('pypi', view.found),
};

function describe(file: CatalogFile, { category, name, written }: Entry): LockedFacts | undefined {
  if (!isMapping(written)) throw malformed(file, `has no object for "${name.slice(0, 100)}"`);
  const path = textField(written, 'path');
  const place = textField(written, 'file') ?? path;
  const pinned = /^={2,3}\s*(.*)$/.exec(textField(written, 'version') ?? '')?.[1];
  const version = pinned ?? versionAt(place, name);
  // A folder of the project itself.
  if (path !== undefined && version === undefined) return undefined;
  return {
    ...pypiFacts(file, name, version),
    hashes: fileHashes(listOf(field(written, 'hashes'))),
    scope: category === 'develop' ? 'development' : undefined,
  };
}
