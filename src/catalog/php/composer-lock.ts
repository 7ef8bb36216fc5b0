import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { field, isMapping, jsonOf, malformed, sectionList, textField } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type ComposerPackage, composerComponents, composerPackages, isMadeUpForTests } from './composer-package.ts';

/** Composer's lock file. The platform (`php`, extensions) is no package, and a folder beside the project is part of it. */
export const composerLock: Cataloger<readonly ComposerPackage[]> = {
  name: 'composer-lock',
  version: 2,
  title: 'PHP packages that are locked (Composer)',
  files: ['**/composer.lock'],
  tells: { licenses: true, dependencies: true, hashes: true, development: true, files: false },

  read(file) {
    if (isAmongInstalled(file.path) || isMadeUpForTests(file.path)) return undefined;
    const document = jsonOf(file);
    if (!isMapping(document)) throw malformed(file, 'is not an object');
    return composerPackages(
      file,
      ['packages', 'packages-dev'].flatMap((kind) =>
        lockedList(file, document, kind)
          .filter((written) => textField(field(written, 'dist'), 'type') !== 'path')
          .map((written) => ({ written, development: kind === 'packages-dev' })),
      ),
    );
  },

  assemble: (view) => composerComponents(view.found.filter(({ path }) => !isOfInstalled(path, view.exists))),
};

/** Composer 1 writes `null` for development packages that it did not look for. */
function lockedList(file: CatalogFile, document: unknown, kind: string): readonly unknown[] {
  return field(document, kind) === null ? [] : sectionList(file, document, kind);
}

/** `vendor/symfony/console/tools/composer.lock`: of a package that Composer installed, whose list is in `vendor`. */
function isOfInstalled(path: string, exists: (path: string) => boolean): boolean {
  const segments = path.split('/');
  return segments
    .slice(2)
    .some((_, depth) =>
      ['json', 'php'].some((kind) => exists([...segments.slice(0, depth), 'composer', `installed.${kind}`].join('/'))),
    );
}
