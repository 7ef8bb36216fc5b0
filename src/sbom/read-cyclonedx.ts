import type { Component, Distro, Location } from './component.ts';
import type { Described, Description } from './described.ts';
import type { Unknown } from './evidence.ts';
import { type JsonObject, objectIn, objectsIn, strayIn, strayProblem, textIn, textsIn } from './json.ts';
import { licensesOf, propertiesOf, toolFacts } from './read-cyclonedx-facts.ts';
import { distroNamed, namesPackage } from './read-distro.ts';
import { unknownSchema } from './spdx-annotation.ts';

/** What a reader of either format gives. */
export interface ReadDocument extends Description {
  /** What the document says it is about. */
  readonly subject: string | undefined;
  readonly distro: Distro | undefined;
  readonly unknown: readonly Unknown[];
  /** What is wrong with the document, a sentence each. */
  readonly problems: readonly string[];
}

/** CycloneDX 1.2 to 1.7, JSON. `maxComponents`: beyond, `tooMany` is called, which throws. */
export function readCycloneDx(document: JsonObject, maxComponents: number, tooMany: () => never): ReadDocument {
  const metadata = objectIn(document['metadata']) ?? {};
  const subject = objectIn(metadata['component']);
  const tool = toolOf(metadata);
  const needs = needsIn(document);
  const packages: Described[] = [];
  const lockFiles = new Map<string, string>();
  let distro: Distro | undefined;
  let seen = 0;
  let stray = strayIn(document['components']) + strayIn(subject?.['components']);
  // Components of components are as deep as the document likes: no recursion.
  const waiting = [...objectsIn(document['components']), ...objectsIn(subject?.['components'])].reverse();
  for (let component = waiting.pop(); component !== undefined; component = waiting.pop()) {
    seen += 1;
    if (seen > maxComponents) tooMany();
    stray += strayIn(component['components']);
    for (const inner of objectsIn(component['components']).toReversed()) waiting.push(inner);
    const ref = textIn(component['bom-ref']);
    const properties = propertiesOf(component);
    const purl = textIn(component['purl']);
    const isSystem = component['type'] === 'operating-system';
    if (isSystem) distro ??= distroOf(component, properties);
    if (isSystem && !namesPackage(purl)) continue;
    if (purl === undefined && properties.has('aquasecurity:trivy:Class')) {
      // Trivy lists a lock file as an application that depends on the packages in it.
      const name = textIn(component['name']);
      if (ref !== undefined && name !== undefined) lockFiles.set(ref, name);
    } else if (purl !== undefined || !notPackages.has(String(component['type']))) {
      packages.push(describe(component, properties, tool));
    }
  }
  const properties = objectsIn(metadata['properties']);
  return {
    packages: withLockFiles(packages, needs, lockFiles),
    needs,
    subject: subjectName(subject),
    distro,
    unknown: properties.flatMap(unknownIn),
    problems: [...strayProblem('components', stray), ...(tool === 'plimsoll' ? [] : incompleteness(document))],
  };
}

/** Without a purl these are no packages: the files that Syft lists, keys, data sets. */
const notPackages: ReadonlySet<string> = new Set(['file', 'cryptographic-asset', 'data']);

function describe(
  component: JsonObject,
  properties: ReadonlyMap<string, readonly string[]>,
  tool: string | undefined,
): Described {
  const one = (name: string) => properties.get(`plimsoll:${name}`)?.[0];
  const foundBy = one('foundBy');
  const ref = textIn(component['bom-ref']);
  const purl = textIn(component['purl']);
  const name = textIn(component['name']) ?? purl ?? ref ?? '';
  const group = textIn(component['group']);
  const separator = purl?.startsWith('pkg:maven/') === true ? ':' : '/';
  const facts = toolFacts(properties);
  const sourceName = one('source:name');
  const source = sourceName === undefined ? facts.source : { name: sourceName, version: one('source:version') };
  return {
    ref,
    names: group === undefined ? [name] : [`${group}${separator}${name}`, name],
    exact: foundBy !== undefined,
    version: textIn(component['version']),
    purl,
    source,
    architecture: one('architecture'),
    module: one('module') ?? facts.module,
    licenses: licensesOf(component),
    supplier:
      textIn(objectIn(component['supplier'])?.['name']) ??
      textIn(component['publisher']) ??
      textIn(objectIn(component['manufacturer'])?.['name']),
    homepage: one('homepage') ?? website(component),
    hashes: objectsIn(component['hashes']).map(({ alg, content }) => ({
      algorithm: textIn(alg) ?? '',
      value: textIn(content) ?? '',
    })),
    scope: scopeOf(component, properties),
    locations: [...occurrences(component), ...facts.locations],
    ownedBy: one('ownedBy'),
    embedded: one('embedded') === 'true' ? true : undefined,
    foundBy: foundBy ?? facts.foundBy ?? tool ?? 'cyclonedx',
  };
}

/** `excluded` is what is not needed at run time; npm says itself what is for development, whatever the scope. */
function scopeOf(component: JsonObject, properties: ReadonlyMap<string, readonly string[]>): Component['scope'] {
  const scope = component['scope'];
  if (scope === 'excluded' || properties.get('cdx:npm:package:development')?.[0] === 'true') return 'development';
  return scope === 'optional' ? 'optional' : undefined;
}

function occurrences(component: JsonObject): readonly Location[] {
  return objectsIn(objectIn(component['evidence'])?.['occurrences']).flatMap(({ location, additionalContext }) => {
    const path = textIn(location)?.replace(/^\/+/, '') ?? '';
    const [, layer] = /^layer (\d{1,6})$/.exec(textIn(additionalContext) ?? '') ?? [];
    return path === '' ? [] : [layer === undefined ? { path } : { path, layer: Number(layer) }];
  });
}

function website(component: JsonObject): string | undefined {
  const references = objectsIn(component['externalReferences']);
  return textIn(references.find(({ type }) => type === 'website')?.['url']);
}

function distroOf(component: JsonObject, properties: ReadonlyMap<string, readonly string[]>): Distro | undefined {
  const one = (name: string) => properties.get(name)?.[0];
  const name = textIn(component['name']);
  const own = one('plimsoll:distro:id');
  if (own !== undefined) {
    return {
      id: own,
      versionId: one('plimsoll:distro:versionId'),
      codename: one('plimsoll:distro:codename'),
      idLike: properties.get('plimsoll:distro:idLike') ?? [],
      name: textIn(component['description']) ?? own,
    };
  }
  const syft = one('syft:distro:id');
  if (syft !== undefined) {
    return {
      id: syft.toLowerCase(),
      versionId: one('syft:distro:versionID'),
      codename: one('syft:distro:versionCodename'),
      idLike: [...properties].flatMap(([key, values]) => (key.startsWith('syft:distro:idLike:') ? values : [])),
      name: textIn(component['description']) ?? name ?? syft,
    };
  }
  return name === undefined ? undefined : distroNamed(name, textIn(component['version']));
}

function needsIn(document: JsonObject): (readonly [string, string])[] {
  return objectsIn(document['dependencies']).flatMap(({ ref, dependsOn }) => {
    const from = textIn(ref);
    return from === undefined ? [] : textsIn(dependsOn).map((to) => [from, to] as const);
  });
}

function withLockFiles(
  packages: readonly Described[],
  needs: Description['needs'],
  lockFiles: ReadonlyMap<string, string>,
): readonly Described[] {
  if (lockFiles.size === 0) return packages;
  const paths = new Map(
    needs.flatMap(([from, to]) => {
      const path = lockFiles.get(from);
      return path === undefined ? [] : [[to, path] as const];
    }),
  );
  return packages.map((described) => {
    const path = described.ref === undefined ? undefined : paths.get(described.ref);
    return path === undefined || described.locations.length > 0 ? described : { ...described, locations: [{ path }] };
  });
}

/** The tool that wrote the document; since 1.5 tools are components. */
function toolOf(metadata: JsonObject): string | undefined {
  const tools = [...objectsIn(metadata['tools']), ...objectsIn(objectIn(metadata['tools'])?.['components'])];
  return textIn(tools[0]?.['name']);
}

function subjectName(subject: JsonObject | undefined): string | undefined {
  const name = textIn(subject?.['name']);
  const version = textIn(subject?.['version']);
  return name === undefined || version === undefined ? name : `${name}@${version}`;
}

function unknownIn({ name, value }: JsonObject): readonly Unknown[] {
  if (name !== 'plimsoll:unknown') return [];
  try {
    return [unknownSchema.parse(JSON.parse(textIn(value) ?? ''))];
  } catch {
    return [];
  }
}

/** A document that says it is incomplete must not pass for complete. */
function incompleteness(document: JsonObject): readonly string[] {
  const admitted = objectsIn(document['compositions']).some(
    ({ aggregate, assemblies }) =>
      /^incomplete/.test(textIn(aggregate) ?? '') && (textsIn(assemblies).length > 0 || assemblies === undefined),
  );
  return admitted ? ['the document says that it is incomplete'] : [];
}
