import type { Cataloger } from '../cataloger.ts';
import { malformed } from '../document.ts';
import { parseXml } from '../xml.ts';
import { checkCount, exactVersion, isPackageName, type NugetPackage, nugetComponents } from './package.ts';

/** The packages of older .NET projects (learn.microsoft.com, packages.config reference); each stands there in its exact version. */
export const packagesConfig: Cataloger<readonly NugetPackage[]> = {
  name: 'nuget-packages-config',
  version: 1,
  title: 'packages.config of NuGet',
  files: ['**/packages.config'],
  tells: { licenses: false, dependencies: false, hashes: false, development: true, files: false },
  read(file) {
    const root = parseXml(file.content.text());
    if (root.name !== 'packages') return undefined;
    checkCount(file, root.children.length);
    return root.children
      .filter(({ name }) => name === 'package')
      .map(({ attributes }) => {
        const name = attributes.get('id');
        const version = exactVersion(attributes.get('version'));
        if (!isPackageName(name) || version === undefined) throw malformed(file, 'has a package without id or version');
        const development = attributes.get('developmentDependency')?.toLowerCase() === 'true';
        return { name, version, needs: [], ...(development ? { development } : {}) };
      });
  },
  assemble: (view) => view.found.flatMap(nugetComponents),
};
