import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { field, listOf, malformed, sectionList, textField, tomlOf } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedFacts, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { tableHashes } from './file-hash.ts';
import { versionAt } from './package-file.ts';
import { byName, pypiFacts, pypiId } from './package-name.ts';

/** The lock file of the Python packaging specifications ("pylock.toml", PEP 751). */
export const pylock: Cataloger<readonly LockedPackage[]> = {
  name: 'pylock',
  version: 2,
  title: 'Python lock files (pylock.toml)',
  files: ['**/pylock.toml', '**/pylock.*.toml'],
  tells: { licenses: false, dependencies: true, hashes: true, development: false, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const document = tomlOf(file);
    if (!textField(document, 'lock-version')?.startsWith('1.'))
      throw malformed(file, 'has no lock-version that is known, which is 1.0');
    const entries = sectionList(file, document, 'packages');
    const named = byName(file, entries, (entry) => textField(entry, 'name'));
    return lockedPackages(file, entries, {
      describe: (entry) => describe(file, entry),
      id: pypiId,
      // A dependency repeats as much of the package's entry as tells it from others of its name.
      dependencies: (entry) =>
        listOf(field(entry, 'dependencies')).flatMap((asked) => {
          const version = textField(asked, 'version');
          return named(textField(asked, 'name')).filter(
            (found) => version === undefined || textField(found, 'version') === version,
          );
        }),
    });
  },

  assemble: (view) => lockedComponents('pypi', view.found),
};

/** An archive need not have its version stated; its name may say it. */
function describe(file: CatalogFile, entry: unknown): LockedFacts | undefined {
  const archive = field(entry, 'archive');
  const name = textField(entry, 'name');
  const place = textField(archive, 'url') ?? textField(archive, 'path');
  const facts = pypiFacts(file, name, textField(entry, 'version') ?? versionAt(place, name ?? ''));
  if (field(entry, 'directory') !== undefined) return undefined;
  const files = [archive, field(entry, 'sdist'), ...listOf(field(entry, 'wheels'))];
  return { ...facts, hashes: files.flatMap((item) => tableHashes(field(item, 'hashes'))) };
}
