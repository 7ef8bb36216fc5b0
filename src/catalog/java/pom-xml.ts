import { licenseExpression } from '../license.ts';
import { child, listed, parseXml, textOf, type XmlElement } from '../xml.ts';

/** A Maven project file as it is written, before parents and properties are applied (maven.apache.org/pom.html). */
export type Pom = {
  readonly group?: string | undefined;
  readonly artifact?: string | undefined;
  readonly version?: string | undefined;
  readonly parent?:
    | {
        readonly group?: string | undefined;
        readonly artifact?: string | undefined;
        readonly version?: string | undefined;
        /** Absent: `../pom.xml`. Empty: not in this tree. */
        readonly relativePath?: string | undefined;
      }
    | undefined;
  readonly homepage?: string | undefined;
  readonly supplier?: string | undefined;
  readonly licenses: readonly string[];
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly dependencies: readonly PomDependency[];
  /** `dependencyManagement`: versions and scopes for whoever does not state them. */
  readonly managed: readonly PomDependency[];
};

export type PomDependency = {
  readonly group: string;
  readonly artifact: string;
  readonly version?: string | undefined;
  readonly scope?: string | undefined;
  /** Absent: `jar`. */
  readonly type?: string | undefined;
  readonly optional?: string | undefined;
};

/**
 * `undefined`: XML, but no Maven project.
 * @throws PlimsollError `catalog/bad-xml`
 */
export function parsePom(text: string): Pom | undefined {
  const project = parseXml(text);
  if (project.name !== 'project') return undefined;
  const parent = child(project, 'parent');
  return {
    group: textOf(project, 'groupId'),
    artifact: textOf(project, 'artifactId'),
    version: textOf(project, 'version'),
    parent:
      parent === undefined
        ? undefined
        : {
            group: textOf(parent, 'groupId'),
            artifact: textOf(parent, 'artifactId'),
            version: textOf(parent, 'version'),
            relativePath: child(parent, 'relativePath')?.text,
          },
    homepage: textOf(project, 'url'),
    supplier: textOf(child(project, 'organization'), 'name'),
    licenses: listed(project, 'licenses', 'license').flatMap((license) => {
      const name = textOf(license, 'name') ?? textOf(license, 'url');
      return name === undefined ? [] : [licenseExpression(name)];
    }),
    properties: child(project, 'properties')?.children.map(({ name, text }) => [name, text] as const) ?? [],
    dependencies: dependenciesIn(project),
    managed: dependenciesIn(child(project, 'dependencyManagement')),
  };
}

function dependenciesIn(element: XmlElement | undefined): readonly PomDependency[] {
  return listed(element, 'dependencies', 'dependency').flatMap((dependency) => {
    const group = textOf(dependency, 'groupId');
    const artifact = textOf(dependency, 'artifactId');
    if (group === undefined || artifact === undefined) return [];
    const version = textOf(dependency, 'version');
    const scope = textOf(dependency, 'scope');
    const type = textOf(dependency, 'type');
    return [{ group, artifact, version, scope, type, optional: textOf(dependency, 'optional') }];
  });
}

const longestValue = 1_000;

/**
 * `text` with its `${…}` replaced, or `undefined` where one has no value. Bounded in depth and length, since properties
 * may refer to each other in circles or double themselves.
 */
export function interpolate(text: string, lookUp: (name: string) => string | undefined): string | undefined {
  let current = text;
  for (let round = 0; round < 16; round++) {
    if (current.length > longestValue) return undefined;
    if (!current.includes('${')) return current;
    let missing = false;
    current = current.replace(/\$\{([^${}]*)\}/g, (_, name: string) => {
      const value = lookUp(name.trim());
      missing ||= value === undefined || value.length > longestValue;
      return missing ? '' : (value ?? '');
    });
    if (missing) return undefined;
  }
  return undefined;
}

/** A pom's own values of `${…}` (maven.apache.org/ref/current/maven-model-builder, "Model Interpolation"). */
export function ownProperties(pom: Pom): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const group = pom.group ?? pom.parent?.group;
  const version = pom.version ?? pom.parent?.version;
  for (const [name, value] of [
    ['groupId', group],
    ['artifactId', pom.artifact],
    ['version', version],
    ['parent.groupId', pom.parent?.group],
    ['parent.artifactId', pom.parent?.artifact],
    ['parent.version', pom.parent?.version],
  ] as const) {
    if (value === undefined) continue;
    for (const prefix of ['project.', 'pom.', '']) values.set(`${prefix}${name}`, value);
  }
  for (const [name, value] of pom.properties) values.set(name, value);
  return values;
}

/** A Maven version that names exactly one release: no range, no `LATEST`, nothing left to fill in. `[1.2]` is `1.2`. */
export function exactVersion(version: string | undefined): string | undefined {
  const [, pinned] = /^\[([^,[\]()]+)\]$/.exec(version ?? '') ?? [];
  const exact = pinned ?? version;
  return exact !== undefined && /^[\w.+~-]{1,128}$/.test(exact) && !/^(?:LATEST|RELEASE)$/.test(exact)
    ? exact
    : undefined;
}

/** Whether `id` can be a Maven group or artifact id. */
export function isCoordinate(id: string | undefined): id is string {
  return id !== undefined && /^[\w.+~-]{1,256}$/.test(id);
}
