import type { Cataloger } from '../cataloger.ts';
import { field, jsonOf, listOf, malformed, sectionList } from '../document.ts';
import { type ComposerPackage, composerComponents, composerPackages } from './composer-package.ts';

/**
 * What Composer installed, from its own list in the folder of packages: a list of packages (Composer 1), or an object
 * that also says which are for development (Composer 2). The project itself is not in it.
 */
export const composerInstalled: Cataloger<readonly ComposerPackage[]> = {
  name: 'composer-installed',
  version: 1,
  title: 'PHP packages that are installed (Composer)',
  // The folder of packages need not be called vendor (`config.vendor-dir`).
  files: ['**/composer/installed.json'],
  tells: { licenses: true, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    const document = jsonOf(file);
    const packages = Array.isArray(document) ? document : field(document, 'packages');
    if (!Array.isArray(packages)) throw malformed(file, 'is not a list of packages');
    if (!Array.isArray(document)) sectionList(file, document, 'dev-package-names');
    const development = new Set(listOf(field(document, 'dev-package-names')));
    return composerPackages(
      file,
      packages.map((written) => ({ written, development: development.has(field(written, 'name')) })),
    );
  },

  assemble: (view) => composerComponents(view.found),
};
