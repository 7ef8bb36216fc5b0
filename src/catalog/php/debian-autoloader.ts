import { limits } from '../../limits.ts';
import type { Cataloger } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { lines } from '../lines.ts';
import { type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { composerId } from './composer-package.ts';

const autoloaders = 'usr/share/pkg-php-tools/autoloaders/';
const overrides = 'usr/share/pkg-php-tools/overrides/';

/**
 * Composer packages that came as Debian packages. These have neither composer.json nor Composer's list; what names them
 * are the tables that some of them have for building others with pkg-php-tools, each named like its Debian package:
 * autoloaders, `symfony console Symfony/Component/Console/autoload.php`, and, where a Debian package has none, overrides of
 * Debian names, `egulias email-validator php-email-validator`. They state no versions, and the Debian version is no
 * Composer version (`2.11.1+1.0.14-1`), so none is claimed: the owning Debian package has one, and its advisories.
 */
export const debianAutoloader: Cataloger<readonly LockedPackage[]> = {
  name: 'debian-php-autoloader',
  version: 2,
  title: 'PHP packages in Debian packages',
  files: [`${autoloaders}*`, `${overrides}*`],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },

  read(file) {
    const isOverride = file.path.startsWith(overrides);
    const owner = file.path.slice(file.path.lastIndexOf('/') + 1);
    // The package comes first; other names for the same are those of packages that it stands in for.
    const names = new Map<string, string>();
    for (const line of lines(boundedText(file, limits.autoloaderBytes))) {
      const [vendor, name, target] = line.split('#', 1).join('').trim().split(/\s+/);
      if (vendor === undefined || vendor === '') continue;
      if (name === undefined || target === undefined)
        throw malformed(file, 'has a line that is no vendor, package and autoloader or Debian package');
      const isOwn = isOverride ? target === owner && !isPear(vendor) : target !== 'none';
      if (isOwn && !names.has(target)) names.set(target, `${vendor}/${name}`);
    }
    return lockedPackages(
      file,
      [...names.values()].map((name) => ({ name })),
      { describe: (each) => each, id: composerId, dependencies: () => [] },
    );
  },

  assemble: (view) =>
    lockedComponents(
      'composer',
      view.found.filter(
        ({ path }) => !path.startsWith(overrides) || view.get(path.replace(overrides, autoloaders)) === undefined,
      ),
    ),
};

/** A channel of PEAR (dh_phppear, "Overrides") or an extension of PHP, `pear.phpunit.de`, `extension`. */
function isPear(vendor: string): boolean {
  return vendor.includes('.') || vendor === 'extension';
}
