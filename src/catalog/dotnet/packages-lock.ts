import type { Cataloger } from '../cataloger.ts';
import { field, isMapping, jsonOf, malformed, sectionOf, textField } from '../document.ts';
import {
  checkCount,
  exactVersion,
  isPackageName,
  type NugetPackage,
  nugetComponents,
  nugetId,
  sha512Hex,
  textsOf,
} from './package.ts';

interface Locked {
  readonly name: string;
  readonly version: string | undefined;
  /** A project of the same solution: it passes on what it needs, and is no package. */
  readonly isProject: boolean;
  readonly value: unknown;
}

/** By the name in lower case: NuGet compares names without regard to case. */
type Framework = ReadonlyMap<string, Locked>;

/** NuGet's lock file: the packages of each target framework, and for each runtime what differs there (`net8.0/linux-x64`). */
export const nugetLock: Cataloger<readonly NugetPackage[]> = {
  name: 'nuget-lock',
  version: 1,
  title: 'NuGet lock files',
  files: ['**/packages.lock.json'],
  tells: { licenses: false, dependencies: true, hashes: true, development: false, files: false },
  read(file) {
    const document = jsonOf(file);
    if (!isMapping(document)) throw malformed(file, 'is not a lock file of NuGet: it holds no mapping');
    const frameworks = new Map<string, Framework>();
    let count = 0;
    for (const [framework, packages] of sectionOf(file, document, 'dependencies')) {
      if (!isMapping(packages)) throw malformed(file, `has packages of "${framework}" that are not a mapping`);
      const locked = new Map<string, Locked>();
      for (const [name, value] of Object.entries(packages)) {
        const isProject = textField(value, 'type')?.toLowerCase() === 'project';
        if (!isProject && !isPackageName(name)) throw malformed(file, 'names a package as NuGet does not allow');
        locked.set(name.toLowerCase(), { name, version: exactVersion(textField(value, 'resolved')), isProject, value });
      }
      count += locked.size;
      checkCount(file, count);
      frameworks.set(framework, locked);
    }
    return [...frameworks].flatMap(([framework, packages]) => {
      const common = frameworks.get(framework.slice(0, framework.lastIndexOf('/')));
      return [...packages.values()]
        .filter(({ isProject }) => !isProject)
        .map(({ name, version, value }) => ({
          name,
          version,
          sha512: sha512Hex(textField(value, 'contentHash')),
          needs: needsOf(value, packages, common),
        }));
    });
  },
  assemble: (view) => view.found.flatMap(nugetComponents),
};

function needsOf(value: unknown, packages: Framework, common: Framework | undefined): readonly string[] {
  return textsOf(field(value, 'dependencies')).flatMap(([name]) => {
    const key = name.toLowerCase();
    const needed = packages.get(key) ?? common?.get(key);
    return needed === undefined || needed.isProject ? [] : [nugetId(needed.name, needed.version)];
  });
}
