import type { Component, Distro } from './component.ts';
import { cyclonedxVulnerabilities } from './cyclonedx-vulnerabilities.ts';
import { type DocumentOptions, subjectOf, timestampOf, topLevel, unknownSentences, uuidOver } from './document.ts';
import type { Artifact, Inventory } from './evidence.ts';
import type { Finding } from './finding.ts';
import { allOf, licenseForm } from './license-form.ts';

export interface CycloneDxOptions extends DocumentOptions {
  /** Written as `vulnerabilities`. */
  readonly findings?: readonly Finding[] | undefined;
}

/** A JSON object whose absent members are left out. */
type Json = { readonly [key: string]: unknown };

const subjectRef = 'subject';

/** An SBOM as CycloneDX 1.6 JSON. The same inventory gives the same bytes, whatever the order of its lists. */
export function toCycloneDx(inventory: Inventory, options: CycloneDxOptions): string {
  const timestamp = timestampOf(inventory, options);
  const components = [...inventory.components].sort(byId);
  const body = {
    metadata: metadata(inventory, timestamp, options.toolVersion),
    components: [...operatingSystem(inventory.distro), ...components.map((component) => componentOf(component))],
    dependencies: [
      { ref: subjectRef, dependsOn: [...topLevel(components)].sort() },
      ...components.map(({ id, dependsOn }) => ({ ref: id, dependsOn: [...dependsOn].sort() })),
    ],
    compositions: [
      {
        aggregate: inventory.unknown.length > 0 ? 'incomplete' : 'unknown',
        assemblies: [subjectRef],
        dependencies: [subjectRef],
      },
    ],
    vulnerabilities:
      options.findings === undefined ? undefined : cyclonedxVulnerabilities(options.findings, components),
  };
  const serial = options.serialNumber ?? uuidOver(JSON.stringify(body));
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    ...body,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function metadata(inventory: Inventory, timestamp: string, toolVersion: string): Json {
  const tool = { type: 'application', name: 'plimsoll', version: toolVersion };
  return {
    timestamp,
    lifecycles: [{ phase: inventory.artifact.kind === 'directory' ? 'pre-build' : 'post-build' }],
    tools: { components: [tool] },
    component: subject(inventory.artifact),
    properties: orNothing(unknownSentences(inventory).map((value) => ({ name: 'plimsoll:unknown', value }))),
  };
}

function subject(artifact: Artifact): Json {
  const { name, version } = subjectOf(artifact);
  if (artifact.kind !== 'image') {
    const [algorithm, value] = 'digest' in artifact ? artifact.digest.split(':') : [];
    return {
      type: artifact.kind === 'directory' || artifact.kind === 'sbom' ? 'application' : 'file',
      'bom-ref': subjectRef,
      name,
      version,
      hashes: artifact.kind === 'file' && algorithm === 'sha256' ? [{ alg: 'SHA-256', content: value }] : undefined,
    };
  }
  const layers = artifact.layers.flatMap((layer, index) => [
    { name: `plimsoll:layer:${index}:digest`, value: layer.digest },
    ...(layer.diffId === undefined ? [] : [{ name: `plimsoll:layer:${index}:diffId`, value: layer.diffId }]),
    ...(layer.createdBy === undefined ? [] : [{ name: `plimsoll:layer:${index}:createdBy`, value: layer.createdBy }]),
  ]);
  const labels = Object.entries(artifact.labels).map(([key, value]) => ({ name: `plimsoll:label:${key}`, value }));
  return {
    type: 'container',
    'bom-ref': subjectRef,
    name,
    version,
    hashes: artifact.digest.startsWith('sha256:')
      ? [{ alg: 'SHA-256', content: artifact.digest.slice('sha256:'.length) }]
      : undefined,
    properties: [
      { name: 'plimsoll:platform', value: artifact.platform },
      ...layers,
      ...labels.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ],
  };
}

function operatingSystem(distro: Distro | undefined): Json[] {
  if (distro === undefined) return [];
  const { id, versionId, codename, name } = distro;
  return [
    {
      type: 'operating-system',
      'bom-ref': `os:${id}${versionId === undefined ? '' : `@${versionId}`}`,
      name: id,
      version: versionId ?? codename,
      description: name,
    },
  ];
}

function componentOf(component: Component): Json {
  const { group, name } = splitGroup(component);
  return {
    type: 'library',
    'bom-ref': component.id,
    supplier: component.supplier === undefined ? undefined : { name: component.supplier },
    group,
    name,
    version: component.version,
    // CycloneDX: what is not needed at run time is `excluded`.
    scope: component.scope === 'development' ? 'excluded' : component.scope,
    hashes: orNothing(
      component.hashes.map(({ algorithm, value }) => ({ alg: algorithm, content: value })).sort(byJson),
    ),
    licenses: licenses(component),
    purl: component.id.startsWith('pkg:') ? component.id : undefined,
    externalReferences:
      component.homepage !== undefined && isReference(component.homepage)
        ? [{ type: 'website', url: component.homepage }]
        : undefined,
    evidence: component.locations.length === 0 ? undefined : { occurrences: occurrences(component) },
    properties: orNothing(properties(component)),
  };
}

function occurrences({ locations }: Component): Json[] {
  return locations
    .map(({ path, layer }) => ({
      location: path,
      additionalContext: layer === undefined ? undefined : `layer ${layer}`,
    }))
    .sort(byJson);
}

function properties(component: Component): Json[] {
  const { source, module, ownedBy, embedded, foundBy } = component;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['foundBy', foundBy],
    ['source:name', source?.name],
    ['source:version', source?.version],
    ['module', module],
    ['ownedBy', ownedBy],
    ['embedded', embedded === true ? 'true' : undefined],
  ];
  return named.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name: `plimsoll:${name}`, value }],
  );
}

/** Either one expression, or any number of ids and names: CycloneDX does not mix them. */
function licenses({ licenses: declared }: Component): Json[] | undefined {
  const forms = [...declared].sort().map(licenseForm);
  if (forms.length === 0) return undefined;
  if (forms.some(({ kind }) => kind === 'expression') && forms.every(({ kind }) => kind !== 'text')) {
    return [
      {
        expression: allOf(
          forms.flatMap((form) => (form.kind === 'id' ? form.id : form.kind === 'expression' ? form.expression : [])),
        ),
      },
    ];
  }
  return forms.map((form) => {
    if (form.kind === 'id') return { license: { id: form.id } };
    return { license: { name: form.kind === 'text' ? form.text : form.expression } };
  });
}

function splitGroup({ type, name }: Component): { group: string | undefined; name: string } {
  const separator =
    type === 'maven' ? name.indexOf(':') : type === 'npm' || type === 'composer' ? name.lastIndexOf('/') : -1;
  return separator <= 0
    ? { group: undefined, name }
    : { group: name.slice(0, separator), name: name.slice(separator + 1) };
}

/** The schema wants an IRI reference; what packages give as a homepage is anything. */
function isReference(text: string): boolean {
  return (
    /^https?:\/\/[^\s"<>\\^`{|}]+$/.test(text) &&
    URL.canParse(text) &&
    !/%(?![0-9a-fA-F]{2})/.test(text) &&
    !/[[\]]/.test(text)
  );
}

function orNothing<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function byId(a: Component, b: Component): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function byJson(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
