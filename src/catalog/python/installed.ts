import { limits } from '../../limits.ts';
import type { Cataloged, Cataloger, CatalogFile, Found, View } from '../cataloger.ts';
import { boundedText, field, jsonOf, malformed } from '../document.ts';
import { dependencyIds } from '../installed.ts';
import { isAmongInstalled, isInTests } from '../installed-folder.ts';
import { lines } from '../lines.ts';
import type { LockedHash } from '../lock-file.ts';
import { metadataHomepage, metadataLicenses, metadataSupplier, readMetadata } from './core-metadata.ts';
import { fileHashes, tableHashes } from './file-hash.ts';
import { normalisedName, pypiFacts, pypiId } from './package-name.ts';
import { parseRequirement } from './requirement.ts';

type Package = {
  readonly kind: 'package';
  readonly id: string;
  readonly name: string;
  readonly version?: string | undefined;
  readonly licenses: readonly string[];
  readonly supplier?: string | undefined;
  readonly homepage?: string | undefined;
  /** Normalised names. */
  readonly needs: readonly string[];
};

type Fragment =
  | Package
  /** `direct_url.json` (PEP 610): where the package came from, if not from an index. */
  | { readonly kind: 'origin'; readonly hashes: readonly LockedHash[] }
  /** `requires.txt`, where setuptools keeps what `Requires-Dist` says elsewhere. */
  | { readonly kind: 'requires'; readonly needs: readonly string[] };

/**
 * Installed Python packages: `*.dist-info` (Python packaging specifications, "Recording installed projects"), and
 * `*.egg-info` and `*.egg` of setuptools and distutils (setuptools documentation, "The Internal Structure of Python Eggs").
 */
export const pythonInstalled: Cataloger<Fragment> = {
  name: 'python-installed',
  version: 1,
  title: 'Installed Python packages',
  files: [
    '**/*.dist-info/METADATA',
    '**/*.dist-info/direct_url.json',
    '**/*.egg-info/PKG-INFO',
    '**/*.egg-info/requires.txt',
    '**/*.egg-info',
    '**/EGG-INFO/PKG-INFO',
    '**/EGG-INFO/requires.txt',
  ],
  tells: { licenses: true, dependencies: true, hashes: true, development: false, files: false },

  read(file) {
    if (isMadeUp(file.path) || isOwnProject(file.path)) return undefined;
    if (file.path.endsWith('/direct_url.json')) return { kind: 'origin', hashes: originHashes(jsonOf(file)) };
    if (file.path.endsWith('/requires.txt')) return { kind: 'requires', needs: eggRequirements(file) };
    return readPackage(file);
  },

  assemble(view) {
    const packages = view.found.flatMap(({ fragment, ...place }): readonly Found<Package>[] =>
      fragment.kind === 'package' ? [{ ...place, fragment }] : [],
    );
    const find = finder(packages);
    return packages.map(({ path, layer, fragment }): Cataloged => {
      const { kind: _, needs, ...described } = fragment;
      const origin = beside(view, path, 'direct_url.json');
      const requires = beside(view, path, 'requires.txt');
      const names = [...needs, ...(requires?.kind === 'requires' ? requires.needs : [])];
      return {
        ...described,
        type: 'pypi',
        hashes: origin?.kind === 'origin' ? origin.hashes : [],
        dependsOn: dependencyIds(
          described.id,
          names.flatMap((name) => find(path, name) ?? []),
        ),
        locations: [{ path, layer }],
      };
    });
  },
};

/** Some packages bring along packages for their tests. */
function isMadeUp(path: string): boolean {
  const [, ...inside] = path.split(/(?:^|\/)(?:site|dist)-packages\//);
  return isInTests(inside.join('/'));
}

/** `name.egg-info` stands in the sources of a project; where setuptools installs, it is `name-1.0-py3.11.egg-info`. */
function isOwnProject(path: string): boolean {
  return !isAmongInstalled(path) && /(?:^|\/)[^/-]+\.egg-info(?:\/|$)/.test(path);
}

/** @throws PlimsollError `catalog/malformed-file` */
function readPackage(file: CatalogFile): Package {
  const metadata = readMetadata(file);
  const name = metadata.get('name')?.[0]?.trim();
  const version = metadata.get('version')?.[0]?.trim();
  const facts = pypiFacts(file, name, version === '' ? undefined : version);
  return {
    kind: 'package',
    id: pypiId(facts.name, facts.version),
    ...facts,
    licenses: metadataLicenses(metadata),
    supplier: metadataSupplier(metadata),
    homepage: metadataHomepage(metadata),
    needs: neededNames(file, metadata.get('requires-dist') ?? []),
  };
}

/** Conditions other than extras are not judged: whether they hold shows in what is installed. */
function neededNames(file: CatalogFile, requirements: Iterable<string>): readonly string[] {
  const names = new Set<string>();
  for (const text of requirements) {
    const requirement = parseRequirement(text);
    if (requirement !== undefined && !requirement.forExtra) names.add(normalisedName(requirement.name));
    if (names.size > limits.dependenciesPerPackage) throw malformed(file, 'names too many dependencies');
  }
  return [...names];
}

/** Requirements in sections: `[extra]`, `[:condition]`, `[extra:condition]`; those before the first one always hold. */
function eggRequirements(file: CatalogFile): readonly string[] {
  const needed: string[] = [];
  let forExtra = false;
  for (const line of lines(boundedText(file))) {
    if (line.startsWith('[')) forExtra = !line.startsWith('[:');
    else if (!forExtra && line.trim() !== '') needed.push(line);
  }
  return neededNames(file, needed);
}

/** `hash` is the form of older files, `sha256=HEX`. */
function originHashes(origin: unknown): readonly LockedHash[] {
  const archive = field(origin, 'archive_info');
  const table = tableHashes(field(archive, 'hashes'));
  const single = field(archive, 'hash');
  return table.length > 0 ? table : fileHashes([typeof single === 'string' ? single.replace('=', ':') : undefined]);
}

function beside(view: View<Fragment>, path: string, name: string): Fragment | undefined {
  return view.get(`${path.slice(0, path.lastIndexOf('/') + 1)}${name}`)?.fragment;
}

/** Finds a package by its normalised name: in the folder of the one that asks, else in the same environment. */
function finder(packages: readonly Found<Package>[]): (path: string, name: string) => string | undefined {
  const inFolder = new Map<string, string>();
  const inEnvironment = new Map<string, string>();
  for (const { path, fragment } of packages) {
    const name = normalisedName(fragment.name);
    const folder = folderOf(path);
    inFolder.set(`${folder}\0${name}`, fragment.id);
    inEnvironment.set(`${environmentOf(folder)}\0${name}`, fragment.id);
  }
  return (path, name) => {
    const folder = folderOf(path);
    return inFolder.get(`${folder}\0${name}`) ?? inEnvironment.get(`${environmentOf(folder)}\0${name}`);
  };
}

/** The folder that holds `name.dist-info`, `name.egg-info` or `name.egg`. */
function folderOf(path: string): string {
  const metadata = path.replace(/\/(?:METADATA|(?:EGG-INFO\/)?PKG-INFO)$/, '');
  return metadata.slice(0, Math.max(metadata.lastIndexOf('/'), 0));
}

/** One interpreter looks into several folders: `lib` and `lib64`, the distribution's and `/usr/local`'s. */
function environmentOf(folder: string): string {
  const [, root, major] = /^(.*?)(?:\/local)?\/lib(?:64)?\/python(\d)[^/]*\/(?:site|dist)-packages$/.exec(folder) ?? [];
  return root === undefined ? folder : `${root} ${major}`;
}
