import type { Component, Distro } from './component.ts';
import { isWebAddress, type JsonMembers } from './document.ts';
import { allOf, licenseForm } from './license-form.ts';

/** One name and value of CycloneDX's `properties`; Plimsoll's own names start with `plimsoll:`. */
export function property(name: string, value: string): JsonMembers {
  return { name: `plimsoll:${name}`, value };
}

/** A list that is left out when it is empty. */
export function orNothing<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

/** CycloneDX 1.6, `component`. The lists of `component` are in order. */
export function cyclonedxComponent(component: Component): JsonMembers {
  const { group, name } = splitGroup(component);
  const { version, supplier, scope, hashes, homepage, locations } = component;
  return {
    type: component.id.startsWith('pkg:generic/') ? 'application' : 'library',
    'bom-ref': component.id,
    supplier: supplier === undefined ? undefined : { name: supplier },
    group,
    name,
    version: isVersion(version) ? version : undefined,
    // "Not reachable within a call graph at runtime": what is only needed to build or test.
    scope: scope === 'development' ? 'excluded' : scope,
    hashes: orNothing(hashes.map(({ algorithm, value }) => ({ alg: algorithm, content: value }))),
    licenses: licenses(component),
    purl: component.id,
    externalReferences:
      homepage !== undefined && isWebAddress(homepage) ? [{ type: 'website', url: homepage }] : undefined,
    evidence: locations.length === 0 ? undefined : { occurrences: locations.map(occurrence) },
    properties: properties(component),
  };
}

function occurrence({ path, layer }: Component['locations'][number]): JsonMembers {
  return { location: path, additionalContext: layer === undefined ? undefined : `layer ${layer}` };
}

function properties(component: Component): readonly JsonMembers[] {
  const { source, homepage } = component;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['foundBy', component.foundBy],
    ['source:name', source?.name],
    ['source:version', source?.version],
    ['architecture', component.architecture],
    ['module', component.module],
    ['ownedBy', component.ownedBy],
    ['embedded', component.embedded === true ? 'true' : undefined],
    ['homepage', homepage !== undefined && !isWebAddress(homepage) ? homepage : undefined],
    ['notStated', component.supplier === undefined ? 'supplier' : undefined],
    ['notStated', component.version === undefined ? 'version' : undefined],
  ];
  return named.flatMap(([name, value]) => (value === undefined ? [] : [property(name, value)]));
}

/** Either one expression, or any number of ids and names: CycloneDX does not mix them. */
function licenses({ licenses: declared }: Component): readonly JsonMembers[] | undefined {
  const forms = declared.map(licenseForm);
  const acknowledgement = 'declared';
  if (forms.some(({ kind }) => kind === 'expression') && forms.every(({ kind }) => kind !== 'text')) {
    return [{ expression: allOf(forms, (text) => text), acknowledgement }];
  }
  return orNothing(
    forms.map((form) => {
      if (form.kind === 'id') return { license: { id: form.id, acknowledgement } };
      return { license: { name: allOf([form], (text) => text), acknowledgement } };
    }),
  );
}

/** Where users of CycloneDX expect a group: the scope of npm, Maven's groupId, Composer's vendor. */
function splitGroup({ type, name }: Component): { group: string | undefined; name: string } {
  const separator = groupSeparator(type);
  const at = separator === undefined ? -1 : name.indexOf(separator);
  return at <= 0 || at === name.length - 1
    ? { group: undefined, name }
    : { group: name.slice(0, at), name: name.slice(at + 1) };
}

/** What stands between group and name in the full name of a type's packages. */
function groupSeparator(type: Component['type']): '/' | ':' | undefined {
  if (type === 'maven') return ':';
  return type === 'npm' || type === 'composer' ? '/' : undefined;
}

export function operatingSystem(distro: Distro | undefined): readonly JsonMembers[] {
  if (distro === undefined) return [];
  const { id, versionId, codename, idLike, name } = distro;
  const version = versionId ?? codename;
  return [
    {
      type: 'operating-system',
      'bom-ref': `os:${id}${version === undefined ? '' : `@${version}`}`,
      name: id,
      version: isVersion(version) ? version : undefined,
      description: name,
      properties: [
        property('distro:id', id),
        ...(versionId === undefined ? [] : [property('distro:versionId', versionId)]),
        ...(codename === undefined ? [] : [property('distro:codename', codename)]),
        ...idLike.map((like) => property('distro:idLike', like)),
      ],
    },
  ];
}

/** The schema's limit on `version`. */
function isVersion(version: string | undefined): boolean {
  return version !== undefined && version.length <= 1024;
}
