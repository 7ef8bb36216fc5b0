import { limits } from '../../limits.ts';
import type { Cataloged, Cataloger, CatalogFile, View } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';
import { lines } from '../lines.ts';
import { composerId } from './composer-package.ts';
import { type PhpPackage, phpPackagesIn, upstreamVersion } from './debian-version.ts';

const autoloaders = 'usr/share/pkg-php-tools/autoloaders/';
const overrides = 'usr/share/pkg-php-tools/overrides/';
const dpkgFiles = ['var/lib/dpkg/status', 'var/lib/dpkg/status.d/*'];

type Fragment =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'packages'; readonly packages: readonly PhpPackage[] };

/**
 * Composer packages that came as Debian packages. These have neither composer.json nor Composer's list; what names them
 * are the tables that some of them have for building others with pkg-php-tools, each named like its Debian package:
 * autoloaders, `symfony console Symfony/Component/Console/autoload.php`, and, where a Debian package has none, overrides of
 * Debian names, `egulias email-validator php-email-validator`. They state no versions: the version is the upstream part of
 * the Debian package's, where that plainly has one and the package brings one Composer package only.
 */
export const debianAutoloader: Cataloger<Fragment> = {
  name: 'debian-php-autoloader',
  version: 3,
  title: 'PHP packages in Debian packages',
  files: [`${autoloaders}*`, `${overrides}*`, ...dpkgFiles],
  tells: { licenses: false, dependencies: false, hashes: false, development: false, files: false },

  read(file) {
    if (file.path.startsWith(autoloaders) || file.path.startsWith(overrides)) return namesIn(file);
    const packages = phpPackagesIn(file.content.text());
    return packages.length === 0 ? undefined : { kind: 'packages', packages };
  },

  assemble(view) {
    const versions = new Map(
      view.found.flatMap(({ fragment }) =>
        fragment.kind === 'packages' ? fragment.packages.map(({ name, version }) => [name, version] as const) : [],
      ),
    );
    return view.found.flatMap(({ path, layer, fragment }): Cataloged[] => {
      if (fragment.kind !== 'names' || isOverruled(path, view)) return [];
      const stated = fragment.names.length === 1 ? versions.get(ownerOf(path)) : undefined;
      const version = stated === undefined ? undefined : upstreamVersion(stated);
      return fragment.names.map((name) => ({
        id: composerId(name, version),
        type: 'composer',
        name,
        version,
        licenses: [],
        hashes: [],
        dependsOn: [],
        locations: [{ path, layer }],
      }));
    });
  },
};

function namesIn(file: CatalogFile): Fragment {
  const isOverride = file.path.startsWith(overrides);
  // The package comes first; other names for the same are those of packages that it stands in for.
  const names = new Map<string, string>();
  for (const line of lines(boundedText(file, limits.autoloaderBytes))) {
    const [vendor, name, target] = line.split('#', 1).join('').trim().split(/\s+/);
    if (vendor === undefined || vendor === '') continue;
    if (name === undefined || target === undefined)
      throw malformed(file, 'has a line that is no vendor, package and autoloader or Debian package');
    const isOwn = isOverride ? target === ownerOf(file.path) && !isPear(vendor) : target !== 'none';
    if (isOwn && !names.has(target)) names.set(target, `${vendor}/${name}`);
    if (names.size > limits.componentsPerFile) throw malformed(file, 'names more packages than are read of one file');
  }
  // A name that is none is told of this file, which stays unread.
  for (const name of names.values()) composerId(name, undefined);
  return { kind: 'names', names: [...names.values()] };
}

function ownerOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A Debian package that has both tables is named by its autoloaders. */
function isOverruled(path: string, view: View<Fragment>): boolean {
  return path.startsWith(overrides) && view.get(path.replace(overrides, autoloaders)) !== undefined;
}

/** A channel of PEAR (dh_phppear, "Overrides") or an extension of PHP, `pear.phpunit.de`, `extension`. */
function isPear(vendor: string): boolean {
  return vendor.includes('.') || vendor === 'extension';
}
