import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { field, isMapping, jsonOf, listOf, malformed, sectionList, sectionOf, textField } from '../document.ts';
import {
  type ComposerPackage,
  composerComponents,
  composerPackages,
  isMadeUpForTests,
  type Written,
} from './composer-package.ts';
import { phpArrayOf } from './php-array.ts';

/**
 * What Composer installed, from its own list in the folder of packages: a list of packages (Composer 1), or an object
 * that also says which are for development (Composer 2). The project itself is not in it. Where that list was taken
 * away, the shorter one tells that Composer 2 writes for programs to ask (`Composer\InstalledVersions`).
 */
export const composerInstalled: Cataloger<readonly ComposerPackage[]> = {
  name: 'composer-installed',
  version: 2,
  title: 'PHP packages that are installed (Composer)',
  // The folder of packages need not be called vendor (`config.vendor-dir`).
  files: ['**/composer/installed.json', '**/composer/installed.php'],
  tells: { licenses: true, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    if (isMadeUpForTests(file.path)) return undefined;
    const entries = file.path.endsWith('.php') ? shortList(file) : fullList(file);
    return entries && composerPackages(file, entries);
  },

  assemble: (view) =>
    composerComponents(
      view.found.filter(
        ({ path }) => !path.endsWith('.php') || view.get(path.replace(/\.php$/, '.json')) === undefined,
      ),
    ),
};

function fullList(file: CatalogFile): readonly Written[] {
  const document = jsonOf(file);
  const packages = Array.isArray(document) ? document : field(document, 'packages');
  if (!Array.isArray(packages)) throw malformed(file, 'is not a list of packages');
  if (!Array.isArray(document)) sectionList(file, document, 'dev-package-names');
  const development = new Set(listOf(field(document, 'dev-package-names')));
  return packages.map((written) => ({ written, development: development.has(field(written, 'name')) }));
}

/** Names that another package replaces or provides stand in it without a version, and the project under its own name. */
function shortList(file: CatalogFile): readonly Written[] | undefined {
  const document = phpArrayOf(file);
  if (document === undefined) return undefined;
  if (!isMapping(field(document, 'versions'))) throw malformed(file, 'is not a list of packages');
  const project = textField(field(document, 'root'), 'name');
  return sectionOf(file, document, 'versions').flatMap(([name, value]) => {
    const version = textField(value, 'pretty_version');
    if (name === project || version === undefined) return [];
    return [{ written: { name, version }, development: field(value, 'dev_requirement') === true }];
  });
}
