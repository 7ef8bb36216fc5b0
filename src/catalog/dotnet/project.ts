import type { Cataloger } from '../cataloger.ts';
import { parseXml, textOf, type XmlElement } from '../xml.ts';
import { checkCount, exactVersion, isPackageName, type NugetPackage, nugetComponents } from './package.ts';

type Reference = { readonly name: string; readonly version?: string | undefined; readonly development: boolean };

type Fragment =
  | { readonly kind: 'project'; readonly references: readonly Reference[] }
  /** `Directory.Packages.props`: the versions for all projects below, and packages that all of them use to build. */
  | { readonly kind: 'central'; readonly versions: readonly Reference[]; readonly everywhere: readonly Reference[] };

const centralName = 'Directory.Packages.props';

/**
 * What .NET projects refer to directly. Only what is written out counts: conditions are not evaluated, and a version
 * that is a range or a property is unknown. A plain version is the one that NuGet takes, the lowest that is allowed.
 * Projects with a lock file beside them are left to that.
 */
export const dotnetProject: Cataloger<Fragment> = {
  name: 'dotnet-project',
  version: 2,
  title: '.NET projects',
  files: [
    ...['**/*.csproj', '**/*.fsproj', '**/*.vbproj'],
    // Taken into every project below (MSBuild, "Customize the build by folder").
    ...['**/Directory.Build.props', '**/Directory.Build.targets'],
    `**/${centralName}`,
  ],
  tells: { licenses: false, dependencies: false, hashes: false, development: true, files: false },
  read(file) {
    const root = parseXml(file.content.text());
    if (root.name !== 'Project') return undefined;
    const items = root.children.filter(({ name }) => name === 'ItemGroup').flatMap(({ children }) => children);
    checkCount(file, items.length);
    const named = (name: string) => items.filter((item) => item.name === name).flatMap(referencesOf);
    return file.path.slice(folderOf(file.path).length) === centralName
      ? { kind: 'central', versions: named('PackageVersion'), everywhere: named('GlobalPackageReference') }
      : { kind: 'project', references: named('PackageReference') };
  },
  assemble(view) {
    const versions = new Map(view.found.map(({ path, fragment }) => [path, versionsIn(fragment)]));
    return view.found.flatMap(({ path, layer, fragment }) => {
      if (fragment.kind === 'central') {
        const everywhere = fragment.everywhere.map((reference) => packageOf({ ...reference, development: true }));
        return nugetComponents({ path, layer, fragment: everywhere });
      }
      if (view.exists(`${folderOf(path)}packages.lock.json`)) return [];
      const central = nearestVersions(versions, path);
      const packages = fragment.references.map((reference) =>
        packageOf({ ...reference, version: reference.version ?? central.get(reference.name.toLowerCase()) }),
      );
      return nugetComponents({ path, layer, fragment: packages });
    });
  },
};

/** `Include` may list several, apart by `;`. Items that change others (`Update`, `Remove`) are conditions of a kind. */
function referencesOf(item: XmlElement): readonly Reference[] {
  const value = (name: string) => item.attributes.get(name) ?? textOf(item, name);
  const version = value('VersionOverride') ?? value('Version');
  const development = value('PrivateAssets')?.toLowerCase() === 'all';
  return (item.attributes.get('Include') ?? '')
    .split(';')
    .map((name) => name.trim())
    .filter(isPackageName)
    .map((name) => ({ name, version, development }));
}

function packageOf({ name, version, development }: Reference): NugetPackage {
  return { name, version: exactVersion(version), needs: [], ...(development ? { development } : {}) };
}

type Versions = ReadonlyMap<string, string>;

function versionsIn(fragment: Fragment): Versions {
  const stated = fragment.kind === 'central' ? fragment.versions : [];
  return new Map(stated.map(({ name, version = '' }) => [name.toLowerCase(), version]));
}

/** The nearest `Directory.Packages.props` in the folders above counts, and no other (NuGet, "Central Package Management"). */
function nearestVersions(byPath: ReadonlyMap<string, Versions>, path: string): Versions {
  for (let folder = folderOf(path); ; folder = folderOf(folder.slice(0, -1))) {
    const versions = byPath.get(`${folder}${centralName}`);
    if (versions !== undefined) return versions;
    if (folder === '') return new Map();
  }
}

/** With its `/`; empty at the root. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
