import { z } from 'zod';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type VexStatement, type VexStatus, type VexSubject, vexStatuses } from './vex.ts';

const text = z.string().min(1).max(2_000);
const time = z
  .string()
  .transform((written) => Date.parse(written))
  .refine((parsed) => !Number.isNaN(parsed), 'is not a date and time');

const openVexComponent = z.object({
  '@id': text.optional(),
  identifiers: z.object({ purl: text.optional() }).optional(),
  hashes: z.object({ 'sha-256': text.optional() }).optional(),
});
/** Before v0.2.0 products and vulnerabilities were plain strings. */
const openVexProduct = z.union([
  text,
  openVexComponent.extend({ subcomponents: z.array(openVexComponent).optional() }),
]);
const openVexVulnerability = z.union([
  text,
  z.object({ '@id': text.optional(), name: text.optional(), aliases: z.array(text).optional() }),
]);
const openVexStatement = z
  .object({
    '@id': text.optional(),
    vulnerability: openVexVulnerability,
    timestamp: time.optional(),
    last_updated: time.optional(),
    products: z.array(openVexProduct).default([]),
    subcomponents: z.array(z.union([text, openVexComponent])).default([]),
    status: z.enum(vexStatuses),
    justification: text.optional(),
    impact_statement: z.string().optional(),
  })
  .refine(
    ({ status, justification, impact_statement }) =>
      status !== 'not_affected' || justification !== undefined || (impact_statement ?? '') !== '',
    'says not_affected without a justification or an impact statement',
  );
const openVex = z.object({
  '@context': z.string().startsWith('https://openvex.dev/ns'),
  '@id': text,
  timestamp: time,
  last_updated: time.optional(),
  statements: z.array(openVexStatement).max(limits.vexStatements),
});

const cycloneDxComponent = z.object({
  'bom-ref': text.optional(),
  purl: text.optional(),
  hashes: z.array(z.object({ alg: text, content: text })).optional(),
});
const cycloneDxState = z.enum([
  'resolved',
  'resolved_with_pedigree',
  'exploitable',
  'in_triage',
  'false_positive',
  'not_affected',
]);
const cycloneDxVulnerability = z.object({
  'bom-ref': text.optional(),
  id: text,
  references: z.array(z.object({ id: text })).default([]),
  analysis: z
    .object({
      state: cycloneDxState.optional(),
      justification: text.optional(),
      detail: z.string().optional(),
      firstIssued: time.optional(),
      lastUpdated: time.optional(),
    })
    .optional(),
  affects: z
    .array(z.object({ ref: text, versions: z.array(z.object({ version: text.optional() })).optional() }))
    .default([]),
});
const cycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: text.optional(),
  version: z.number().optional(),
  metadata: z.object({ timestamp: time.optional(), component: cycloneDxComponent.optional() }).default({}),
  components: z.array(cycloneDxComponent).default([]),
  vulnerabilities: z.array(cycloneDxVulnerability).max(limits.vexStatements).default([]),
});

/**
 * Reads a VEX document: OpenVEX (openvex.dev/ns, v0.0.1 to v0.2.0) or CycloneDX JSON with `vulnerabilities[].analysis`.
 * @throws PlimsollError `vuln/bad-vex`
 */
export function readVex(document: string): readonly VexStatement[] {
  if (Buffer.byteLength(document) > limits.vexBytes) throw badVex(`it is larger than ${limits.vexBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(document);
  } catch (thrown) {
    throw badVex(messageOf(thrown).slice(0, 200), thrown);
  }
  const isCycloneDx = typeof json === 'object' && json !== null && 'bomFormat' in json;
  return isCycloneDx ? cycloneDxStatements(parsed(cycloneDx, json)) : openVexStatements(parsed(openVex, json));
}

function parsed<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw badVex(`${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not understood'}`, result.error);
}

function badVex(what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('vuln/bad-vex', `This is not a VEX document that can be used: ${what}`, {
    hint: 'VEX is read as OpenVEX JSON (https://openvex.dev) or as CycloneDX JSON with an analysis for each vulnerability.',
    cause,
  });
}

function openVexStatements(document: z.output<typeof openVex>): readonly VexStatement[] {
  return document.statements.map((statement, index) => {
    const { vulnerability, status, justification, impact_statement } = statement;
    const parts = statement.subcomponents.map(openVexSubject);
    return {
      id: statement['@id'] ?? `${document['@id']}#${index + 1}`,
      names: typeof vulnerability === 'string' ? [vulnerability] : vulnerabilityNames(vulnerability),
      status,
      justification: justification ?? impact_statement,
      time: statement.last_updated ?? statement.timestamp ?? document.last_updated ?? document.timestamp,
      products: statement.products.map((product) => ({
        product: openVexSubject(product),
        parts: [...parts, ...(typeof product === 'string' ? [] : (product.subcomponents ?? []).map(openVexSubject))],
      })),
    };
  });
}

function vulnerabilityNames(vulnerability: Exclude<z.output<typeof openVexVulnerability>, string>): readonly string[] {
  const { name, aliases = [], '@id': iri } = vulnerability;
  // v0.0.2 drafts have only the IRI, whose last part is the name.
  return [...(name === undefined ? (iri?.split('/').slice(-1) ?? []) : [name]), ...aliases];
}

function openVexSubject(component: string | z.output<typeof openVexComponent>): VexSubject {
  if (typeof component === 'string') return { purls: [component], digests: [] };
  const { '@id': id, identifiers, hashes } = component;
  const digest = hashes?.['sha-256'];
  return {
    purls: [id, identifiers?.purl].filter((purl) => purl !== undefined),
    digests: digest === undefined ? [] : [`sha256:${digest.toLowerCase()}`],
  };
}

const statusOfState: Readonly<Record<z.output<typeof cycloneDxState>, VexStatus>> = {
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
  false_positive: 'not_affected',
  not_affected: 'not_affected',
};

/** A vulnerability without an analysis says that it was found, not what it means: no statement. */
function cycloneDxStatements(document: z.output<typeof cycloneDx>): readonly VexStatement[] {
  const { metadata, components, serialNumber } = document;
  const root = metadata.component;
  const subjects = new Map<string, VexSubject>();
  for (const component of [...components, ...(root === undefined ? [] : [root])]) {
    const ref = component['bom-ref'];
    if (ref !== undefined) subjects.set(ref, cycloneDxSubject(component));
  }
  const image =
    root?.purl !== undefined && /^pkg:(?:oci|docker)\//.test(root.purl) ? cycloneDxSubject(root) : undefined;
  return document.vulnerabilities.flatMap(({ id, references, analysis, affects, 'bom-ref': ref }, index) => {
    if (analysis?.state === undefined) return [];
    const products = affects.map(({ ref: affected, versions }) => {
      const local = affected.startsWith('urn:cdx:') ? decoded(affected.slice(affected.indexOf('#') + 1)) : affected;
      const named = subjects.get(local) ?? { purls: [local], digests: [] };
      const subject = { ...named, versions: versions?.flatMap(({ version }) => version ?? []) };
      // What a document about one image says of its components is said of that image.
      return image === undefined || local === root?.['bom-ref']
        ? { product: subject, parts: [] }
        : { product: image, parts: [subject] };
    });
    return [
      {
        id: `${serialNumber ?? 'urn:cdx'}#${ref ?? index + 1}`,
        names: [id, ...references.map((reference) => reference.id)],
        status: statusOfState[analysis.state],
        justification: analysis.justification ?? analysis.detail,
        time: analysis.lastUpdated ?? analysis.firstIssued ?? metadata.timestamp ?? 0,
        products,
      },
    ];
  });
}

function cycloneDxSubject({ purl, hashes = [] }: z.output<typeof cycloneDxComponent>): VexSubject {
  return {
    purls: purl === undefined ? [] : [purl],
    digests: hashes.filter(({ alg }) => alg === 'SHA-256').map(({ content }) => `sha256:${content.toLowerCase()}`),
  };
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
