import { limits } from '../../limits.ts';
import { exactVersion, interpolate, isCoordinate, ownProperties, type Pom, type PomDependency } from './pom-xml.ts';

/** A pom in the tree. */
export interface PlacedPom {
  readonly path: string;
  readonly pom: Pom;
}

export interface DeclaredDependency {
  readonly name: string;
  /** Absent where it stands in a parent or a bill of materials outside the tree, or is a range. */
  readonly version?: string | undefined;
  readonly scope?: 'development' | 'optional' | undefined;
}

/**
 * What a project declares, with the parents that stand in the same tree applied: their properties, managed versions
 * and dependencies (maven.apache.org/pom.html, "Inheritance"). Plugins, profiles and imported bills of materials are not.
 */
export function declaredDependencies(
  project: PlacedPom,
  at: (path: string) => PlacedPom | undefined,
): DeclaredDependency[] {
  const family = lineage(project, at);
  const values = new Map<string, string>();
  for (const pom of family.toReversed()) for (const [name, value] of ownProperties(pom)) values.set(name, value);
  const fill = (text: string | undefined) =>
    text === undefined ? undefined : interpolate(text, (name) => values.get(name));

  const managed = new Map<string, PomDependency>();
  for (const dependency of family.flatMap((pom) => pom.managed)) {
    const key = keyOf(dependency, fill);
    if (key !== undefined && !managed.has(key) && dependency.scope !== 'import') managed.set(key, dependency);
  }
  const declared = new Map<string, DeclaredDependency>();
  for (const dependency of family.flatMap((pom) => pom.dependencies)) {
    const key = keyOf(dependency, fill);
    if (key === undefined || declared.has(key)) continue;
    const rule = managed.get(key);
    const scope = fill(dependency.scope ?? rule?.scope);
    // A `system` dependency is a file of the machine that builds.
    if (scope === 'system') continue;
    declared.set(key, {
      name: `${fill(dependency.group)}:${fill(dependency.artifact)}`,
      version: exactVersion(fill(dependency.version ?? rule?.version)),
      scope:
        scope === 'test' || scope === 'provided'
          ? 'development'
          : fill(dependency.optional ?? rule?.optional) === 'true'
            ? 'optional'
            : undefined,
    });
  }
  return [...declared.values()];
}

/** The project and its parents, nearest first, as far as they stand where `relativePath` says and are who they should be. */
function lineage(project: PlacedPom, at: (path: string) => PlacedPom | undefined): readonly Pom[] {
  const family: Pom[] = [];
  const seen = new Set<string>();
  let current: PlacedPom | undefined = project;
  while (current !== undefined && !seen.has(current.path) && family.length < limits.pomParents) {
    family.push(current.pom);
    seen.add(current.path);
    current = parentOf(current, at);
  }
  return family;
}

function parentOf({ path, pom }: PlacedPom, at: (path: string) => PlacedPom | undefined): PlacedPom | undefined {
  const { parent } = pom;
  if (parent === undefined || parent.relativePath === '') return undefined;
  const where = resolve(path.slice(0, path.lastIndexOf('/') + 1), parent.relativePath ?? '../pom.xml');
  if (where === undefined) return undefined;
  const found = at(where) ?? at(where === '' ? 'pom.xml' : `${where}/pom.xml`);
  const group = found?.pom.group ?? found?.pom.parent?.group;
  return found?.pom.artifact === parent.artifact && group === parent.group ? found : undefined;
}

/** `undefined`: it leads out of the tree. */
function resolve(folder: string, relative: string): string | undefined {
  const segments: string[] = [];
  for (const segment of `${folder}${relative}`.split(/[/\\]/)) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/');
}

/** What makes two declarations one: group, artifact and type. */
function keyOf({ group, artifact, type }: PomDependency, fill: (text: string | undefined) => string | undefined) {
  const [by, name] = [fill(group), fill(artifact)];
  return isCoordinate(by) && isCoordinate(name) ? `${by}:${name}:${type ?? 'jar'}` : undefined;
}
