import type { Component, Distro, Hash } from './component.ts';
import {
  authorOf,
  compare,
  type DocumentOptions,
  inOrder,
  isWebAddress,
  type JsonMembers,
  sha256,
  subjectOf,
  timestampOf,
  toolName,
  uuidFor,
} from './document.ts';
import type { Artifact, Inventory } from './evidence.ts';
import { imagePurl } from './image-purl.ts';
import { allOf, licenseForm } from './license-form.ts';
import { readAgent, writeAgent } from './spdx-agent.ts';
import { annotation, type Carried } from './spdx-annotation.ts';

type Annotate = (facts: unknown) => readonly JsonMembers[];

const subjectId = 'SPDXRef-Artifact';
const systemId = 'SPDXRef-OperatingSystem';

/** An SBOM as SPDX 2.3 JSON. The same inventory gives the same bytes, whatever the order of its lists. */
export function toSpdx(inventory: Inventory, options: DocumentOptions): string {
  const { artifact, distro, components, unknown } = inOrder(inventory);
  const created = timestampOf({ artifact }, options);
  const tool = `Tool: ${toolName}-${options.toolVersion}`;
  const annotate: Annotate = (facts) => [annotation(facts, created, tool)];
  const { name } = subjectOf(artifact);
  const body = {
    creationInfo: { created, creators: [`Organization: ${authorOf(options)}`, tool] },
    packages: [
      subjectPackage(artifact, annotate),
      ...systemPackage(distro, annotate),
      ...components.map((component) => componentPackage(component, annotate)),
    ],
    hasExtractedLicensingInfos: extractedLicenses(components),
    relationships: relationships(components, distro),
    annotations: unknown.length === 0 ? undefined : unknown.flatMap((each) => annotate({ unknown: each })),
  };
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    // SPDX 2.3, 6.5: the site to name when the creator has none of its own.
    documentNamespace: `https://spdx.org/spdxdocs/${slug(name)}-${uuidFor(JSON.stringify(body), options)}`,
    ...body,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function subjectPackage(artifact: Artifact, annotate: Annotate): JsonMembers {
  const image = artifact.kind === 'image' ? artifact : undefined;
  const { name, version } = subjectOf(artifact);
  const purl = image === undefined ? undefined : imagePurl(image);
  const [, digest] = /^sha256:([0-9a-f]{64})$/.exec(version ?? '') ?? [];
  return {
    SPDXID: subjectId,
    name,
    versionInfo: version,
    ...notAsserted,
    checksums: digest === undefined ? undefined : [{ algorithm: 'SHA256', checksumValue: digest }],
    externalRefs: purl === undefined ? undefined : [purlReference(purl)],
    primaryPackagePurpose: image !== undefined ? 'CONTAINER' : artifact.kind === 'file' ? 'FILE' : 'APPLICATION',
    annotations: image === undefined ? undefined : annotate(imageFacts(image)),
  };
}

function imageFacts({ platform, indexDigest, layers, labels }: Extract<Artifact, { kind: 'image' }>): JsonMembers {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => compare(a, b));
  return {
    platform,
    indexDigest,
    layers: layers.map(({ digest, diffId, size, createdBy }) => ({ digest, diffId, size, createdBy })),
    labels: sorted.map(([name, value]) => ({ name, value })),
  };
}

function systemPackage(distro: Distro | undefined, annotate: Annotate): readonly JsonMembers[] {
  if (distro === undefined) return [];
  const { id, versionId, codename, idLike, name } = distro;
  return [
    {
      SPDXID: systemId,
      name: id,
      versionInfo: versionId ?? codename,
      ...notAsserted,
      summary: name,
      primaryPackagePurpose: 'OPERATING_SYSTEM',
      annotations: annotate({ distro: { id, versionId, codename, idLike, name } }),
    },
  ];
}

/** For packages about which nobody says more. */
const notAsserted = {
  supplier: 'NOASSERTION',
  downloadLocation: 'NOASSERTION',
  filesAnalyzed: false,
  licenseConcluded: 'NOASSERTION',
  licenseDeclared: 'NOASSERTION',
} as const;

function componentPackage(component: Component, annotate: Annotate): JsonMembers {
  const { id, name, version, supplier, homepage, licenses, hashes } = component;
  return {
    SPDXID: packageId(component),
    name,
    versionInfo: version,
    ...notAsserted,
    supplier: writeAgent(supplier),
    homepage: homepage !== undefined && isWebAddress(homepage) ? homepage : undefined,
    checksums: hashes.length === 0 ? undefined : hashes.map(checksum),
    sourceInfo: sourceInfo(component),
    licenseDeclared: licenses.length === 0 ? 'NOASSERTION' : allOf(licenses.map(licenseForm), licenseReference),
    externalRefs: [purlReference(id)],
    primaryPackagePurpose: id.startsWith('pkg:generic/') ? 'APPLICATION' : 'LIBRARY',
    annotations: annotate(carried(component)),
  };
}

function carried(component: Component): Carried {
  const { foundBy, source, architecture, module, scope, ownedBy, embedded, supplier, homepage, locations } = component;
  return {
    foundBy,
    source,
    architecture,
    module,
    scope,
    ownedBy,
    embedded,
    supplier: supplier === undefined || readAgent(writeAgent(supplier)) === supplier ? undefined : supplier,
    homepage: homepage === undefined || isWebAddress(homepage) ? undefined : homepage,
    locations: locations.map(({ path, layer }) => ({ path, layer })),
  };
}

/** For people; the annotation has it all. */
function sourceInfo({ source, version, locations, foundBy }: Component): string {
  const built =
    source === undefined ? '' : `built from source package ${source.name} ${source.version ?? version ?? ''}`;
  const [first] = locations;
  const more = locations.length > 1 ? ` and ${locations.length - 1} more` : '';
  const found = `found by ${foundBy}${first === undefined ? '' : ` in ${first.path}${more}`}`;
  return [built.trim(), found].filter((part) => part !== '').join('; ');
}

function relationships(components: readonly Component[], distro: Distro | undefined): readonly JsonMembers[] {
  const spdxIds = new Map(components.map((component) => [component.id, packageId(component)]));
  const related = (from: string, relationshipType: string, to: string) => ({
    spdxElementId: from,
    relationshipType,
    relatedSpdxElement: to,
  });
  const pairs = (component: Component) => {
    const from = spdxIds.get(component.id) ?? packageId(component);
    const owner = component.ownedBy === undefined ? undefined : spdxIds.get(component.ownedBy);
    return [
      related(subjectId, 'CONTAINS', from),
      ...(owner === undefined ? [] : [related(owner, 'CONTAINS', from)]),
      ...(component.scope === 'development' ? [related(from, 'DEV_DEPENDENCY_OF', subjectId)] : []),
      ...(component.scope === 'optional' ? [related(from, 'OPTIONAL_DEPENDENCY_OF', subjectId)] : []),
      ...component.dependsOn.flatMap((id) => {
        const to = spdxIds.get(id);
        return to === undefined ? [] : [related(from, 'DEPENDS_ON', to)];
      }),
    ];
  };
  return [
    related('SPDXRef-DOCUMENT', 'DESCRIBES', subjectId),
    ...(distro === undefined ? [] : [related(subjectId, 'CONTAINS', systemId)]),
    ...components.flatMap(pairs),
  ];
}

/** SPDX 2.3, 10: what is no licence of the list and no expression of such is defined in the document. */
function extractedLicenses(components: readonly Component[]): readonly JsonMembers[] | undefined {
  const texts = new Map<string, string>();
  for (const license of components.flatMap(({ licenses }) => licenses)) {
    const form = licenseForm(license);
    if (form.kind === 'text') texts.set(licenseReference(form.text), form.text);
    if (form.kind === 'expression') for (const reference of form.references) texts.set(reference, reference);
  }
  if (texts.size === 0) return undefined;
  return [...texts]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([licenseId, text]) => ({
      licenseId,
      name: text,
      extractedText: text,
      comment: 'As the package declares it; its full text was not looked for.',
    }));
}

function licenseReference(text: string): string {
  return `LicenseRef-${slug(text)}-${sha256(text).slice(0, 12)}`;
}

function packageId({ id, type, name }: Component): string {
  return `SPDXRef-Package-${type}-${slug(name)}-${sha256(id).slice(0, 16)}`;
}

/** Letters, digits, `.` and `-`, as SPDX ids may have; unique only with a hash beside it. */
function slug(text: string): string {
  const readable = text
    .slice(0, 200)
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .slice(0, 40);
  return readable.replace(/^-|-$/g, '') || 'unnamed';
}

function purlReference(purl: string): JsonMembers {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

function checksum({ algorithm, value }: Hash): JsonMembers {
  return { algorithm: algorithm.replace('SHA-', 'SHA'), checksumValue: value };
}
