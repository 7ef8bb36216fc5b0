import { limits } from '../../limits.ts';
import type { Cataloger } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { lines } from '../lines.ts';
import { type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { composerId } from './composer-package.ts';

/**
 * Composer packages that came as Debian packages. These have neither composer.json nor Composer's list; what names them is
 * pkg-php-tools' table of autoloaders, `symfony console Symfony/Component/Console/autoload.php`, for those Debian packages that have
 * a part in it. It states no versions, and the Debian version is no Composer version (`2.11.1+1.0.14-1`), so none is
 * claimed: the owning Debian package has one, and its advisories.
 */
export const debianAutoloader: Cataloger<readonly LockedPackage[]> = {
  name: 'debian-php-autoloader',
  version: 1,
  title: 'PHP packages in Debian packages',
  files: ['usr/share/pkg-php-tools/autoloaders/*'],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },

  read(file) {
    const names = new Set<string>();
    for (const line of lines(boundedText(file, limits.autoloaderBytes))) {
      const [vendor, name, autoloader] = line.split('#', 1).join('').trim().split(/\s+/);
      if (vendor === undefined || vendor === '') continue;
      if (name === undefined || autoloader === undefined)
        throw malformed(file, 'has a line that is no vendor, package and autoloader');
      names.add(`${vendor}/${name}`);
    }
    return lockedPackages(
      file,
      [...names].map((name) => ({ name })),
      { describe: (each) => each, id: composerId, dependencies: () => [] },
    );
  },

  assemble: (view) => lockedComponents('composer', view.found),
};
