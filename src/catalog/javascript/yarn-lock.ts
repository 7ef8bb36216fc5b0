import type { Cataloger } from '../cataloger.ts';
import { boundedText } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedPackage, lockedComponents } from '../lock-file.ts';
import { readBerryLock, readJsonLock } from './yarn-berry.ts';
import { readClassicLock } from './yarn-classic.ts';

/** Yarn's lock files: the classic format of yarn 1, YAML since yarn 2 ("berry"), JSON since yarn 6. None tells development apart. */
export const yarnLock: Cataloger<readonly LockedPackage[]> = {
  name: 'yarn-lock',
  version: 3,
  title: 'Yarn lock files',
  files: ['**/yarn.lock'],
  tells: { licenses: false, dependencies: true, hashes: true, development: false, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const text = boundedText(file);
    if (text.trimStart().startsWith('{')) return readJsonLock(file);
    return /^__metadata:/m.test(text) ? readBerryLock(file) : readClassicLock(file);
  },

  assemble: (view) => lockedComponents('npm', view.found),
};
