import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { entriesOf, field, isMapping, jsonOf, malformed, sectionOf, textField } from '../document.ts';
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

interface Library {
  /** `Newtonsoft.Json/13.0.1`. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  readonly sha512: string | undefined;
  readonly isPackage: boolean;
}

/**
 * What a built .NET program or an installed shared framework consists of (github.com/dotnet/sdk,
 * documentation/specs/runtime-configuration-file.md). Packages of which nothing was deployed (the framework has newer
 * files of theirs, or they were needed to compile) only pass on what they need themselves. The runtime packs of a
 * self-contained program are the packages that advisories name.
 */
export const dotnetDeps: Cataloger<readonly NugetPackage[]> = {
  name: 'dotnet-deps',
  version: 1,
  title: '.NET programs and shared frameworks',
  files: ['**/*.deps.json'],
  tells: { licenses: false, dependencies: true, hashes: true, development: false, files: false },
  read(file) {
    const document = jsonOf(file);
    if (!isMapping(document) || !isMapping(field(document, 'libraries'))) return undefined;
    const libraries = librariesOf(file, document);
    checkCount(file, libraries.size);
    const target = targetOf(document);
    const deployed = (key: string) => target === undefined || hasAssets(field(target, key));
    const components = [...libraries.values()].filter(({ key, isPackage }) => isPackage && deployed(key));
    const ids = new Map(components.map(({ key, name, version }) => [key, nugetId(name, version)]));
    return components.map(({ key, name, version, sha512 }) => ({
      name,
      version,
      sha512,
      needs: needsOf(key, target, ids),
    }));
  },
  assemble: (view) => view.found.flatMap(nugetComponents),
};

function librariesOf(file: CatalogFile, document: unknown): ReadonlyMap<string, Library> {
  const libraries = new Map<string, Library>();
  for (const [key, library] of sectionOf(file, document, 'libraries')) {
    const slash = key.lastIndexOf('/');
    const kind = textField(library, 'type')?.toLowerCase();
    const isPackage = kind === 'package' || kind === 'runtimepack';
    const name = key.slice(0, slash).replace(/^runtimepack\./, '');
    const version = exactVersion(key.slice(slash + 1));
    if (isPackage && (slash < 0 || !isPackageName(name) || version === undefined)) {
      throw malformed(file, `names a package as "${key.slice(0, 100)}" where name/version is due`);
    }
    const sha512 = sha512Hex(textField(library, 'sha512'));
    libraries.set(key, { key, name, version: version ?? '', sha512, isPackage });
  }
  return libraries;
}

/** The target that the program runs as; in the file's first years a plain text. `undefined`: the file has none. */
function targetOf(document: unknown): unknown {
  const runtimeTarget = field(document, 'runtimeTarget');
  const name = typeof runtimeTarget === 'string' ? runtimeTarget : textField(runtimeTarget, 'name');
  const targets = field(document, 'targets');
  return field(targets, name ?? '') ?? entriesOf(targets).at(-1)?.[1];
}

function hasAssets(library: unknown): boolean {
  if (field(library, 'compileOnly') === true) return false;
  return ['runtime', 'native', 'resources', 'runtimeTargets'].some((kind) =>
    entriesOf(field(library, kind)).some(([path]) => !path.endsWith('/_._')),
  );
}

/** Ids of the nearest packages with something deployed, each asked once. */
function needsOf(key: string, target: unknown, ids: ReadonlyMap<string, string>): readonly string[] {
  const needs = new Set<string>();
  const seen = new Set([key]);
  const open = [key];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    for (const [name, version] of textsOf(field(field(target, current), 'dependencies'))) {
      const next = `${name}/${version}`;
      if (seen.has(next)) continue;
      seen.add(next);
      const id = ids.get(next);
      if (id === undefined) open.push(next);
      else needs.add(id);
    }
  }
  return [...needs].sort();
}
