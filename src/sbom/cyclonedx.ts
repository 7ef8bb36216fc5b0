import { cyclonedxComponent, operatingSystem, orNothing, property } from './cyclonedx-component.ts';
import { type Analysis, cyclonedxVulnerabilities } from './cyclonedx-vulnerabilities.ts';
import {
  authorOf,
  compare,
  type DocumentOptions,
  inOrder,
  type JsonMembers,
  subjectOf,
  timestampOf,
  toolName,
  topLevel,
  uuidFor,
} from './document.ts';
import type { Artifact, Inventory, LayerInfo } from './evidence.ts';
import type { Finding } from './finding.ts';
import { imagePurl } from './image-purl.ts';

export interface CycloneDxOptions extends DocumentOptions {
  /** Written as `vulnerabilities`. An empty list says that there are none; without one the document is silent. */
  readonly findings?: readonly Finding[] | undefined;
  /** What is said about a finding that does not count. */
  readonly analysisOf?: ((finding: Finding) => Analysis | undefined) | undefined;
}

const subjectRef = 'subject';

/** An SBOM as CycloneDX 1.6 JSON. The same inventory gives the same bytes, whatever the order of its lists. */
export function toCycloneDx(inventory: Inventory, options: CycloneDxOptions): string {
  const { artifact, distro, components, unknown } = inOrder(inventory);
  const system = operatingSystem(distro);
  const body = {
    metadata: {
      timestamp: timestampOf({ artifact }, options),
      lifecycles: [{ phase: artifact.kind === 'directory' ? 'pre-build' : 'post-build' }],
      tools: { components: [{ type: 'application', name: toolName, version: options.toolVersion }] },
      authors: [{ name: authorOf(options) }],
      component: subject(artifact),
      properties: orNothing(unknown.map((each) => property('unknown', JSON.stringify(each)))),
    },
    components: [...system, ...components.map(cyclonedxComponent)],
    dependencies: [
      { ref: subjectRef, dependsOn: [...system.map((each) => each['bom-ref']), ...topLevel(components)] },
      ...system.map((each) => ({ ref: each['bom-ref'] })),
      ...components.map(({ id, dependsOn }) => ({ ref: id, dependsOn: orNothing(dependsOn) })),
    ],
    compositions: [
      {
        aggregate: unknown.some(({ kind }) => kind.startsWith('unread-')) ? 'incomplete' : 'unknown',
        assemblies: [subjectRef],
      },
      // Not every source states dependencies: an empty list is no promise that there are none.
      { aggregate: 'unknown', dependencies: [subjectRef, ...components.map(({ id }) => id)] },
    ],
    vulnerabilities:
      options.findings === undefined
        ? undefined
        : cyclonedxVulnerabilities(options.findings, components, options.analysisOf),
  };
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidFor(JSON.stringify(body), options)}`,
    version: 1,
    ...body,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function subject(artifact: Artifact): JsonMembers {
  const image = artifact.kind === 'image' ? artifact : undefined;
  return {
    type: image !== undefined ? 'container' : artifact.kind === 'file' ? 'file' : 'application',
    'bom-ref': subjectRef,
    ...subjectOf(artifact),
    hashes: 'digest' in artifact && artifact.kind !== 'sbom' ? digestHash(artifact.digest) : undefined,
    purl: image === undefined ? undefined : imagePurl(image),
    properties:
      image === undefined
        ? undefined
        : [
            property('platform', image.platform),
            ...(image.indexDigest === undefined ? [] : [property('indexDigest', image.indexDigest)]),
            ...image.layers.flatMap(layerProperties),
            ...Object.entries(image.labels)
              .toSorted(([a], [b]) => compare(a, b))
              .map(([key, value]) => property(`label:${key}`, value)),
          ],
  };
}

function layerProperties({ digest, diffId, size, createdBy }: LayerInfo, index: number): readonly JsonMembers[] {
  return [
    property(`layer:${index}:digest`, digest),
    ...(diffId === undefined ? [] : [property(`layer:${index}:diffId`, diffId)]),
    property(`layer:${index}:size`, String(size)),
    ...(createdBy === undefined ? [] : [property(`layer:${index}:createdBy`, createdBy)]),
  ];
}

function digestHash(digest: string): readonly JsonMembers[] | undefined {
  const [, value] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  return value === undefined ? undefined : [{ alg: 'SHA-256', content: value }];
}
