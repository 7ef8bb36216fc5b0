import type { Cataloger } from '../cataloger.ts';
import { isMapping, jsonOf, malformed, sectionList } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type ComposerPackage, composerComponents, composerPackages } from './composer-package.ts';

/** `vendor/symfony/console/composer.lock`: of a package that Composer installed, whose list is beside it. */
const packageFolder = /^(.*\/)?[^/]+\/[^/]+\/composer\.lock$/;

/** Composer's lock file. The platform (`php`, extensions) is no package. */
export const composerLock: Cataloger<readonly ComposerPackage[]> = {
  name: 'composer-lock',
  version: 1,
  title: 'PHP packages that are locked (Composer)',
  files: ['**/composer.lock'],
  tells: { licenses: true, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const document = jsonOf(file);
    if (!isMapping(document)) throw malformed(file, 'is not an object');
    return composerPackages(
      file,
      ['packages', 'packages-dev'].flatMap((kind) =>
        sectionList(file, document, kind).map((written) => ({ written, development: kind === 'packages-dev' })),
      ),
    );
  },

  assemble: (view) =>
    composerComponents(
      view.found.filter(({ path }) => {
        const folder = packageFolder.exec(path);
        return folder === null || !view.exists(`${folder[1] ?? ''}composer/installed.json`);
      }),
    ),
};
