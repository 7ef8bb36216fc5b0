import * as z from 'zod/mini';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { shaped } from '../shape.ts';
import { type VexStatement, type VexStatus, type VexSubject, vexStatuses } from './vex.ts';

const text = z.string().check(z.minLength(1), z.maxLength(2_000));
const time = z
  .pipe(
    z.string(),
    z.transform((written) => Date.parse(written)),
  )
  .check(z.refine((parsed) => !Number.isNaN(parsed), 'is not a date and time'));

const openVexComponent = z.object({
  '@id': z.optional(text),
  identifiers: z.optional(z.object({ purl: z.optional(text) })),
  hashes: z.optional(z.object({ 'sha-256': z.optional(text) })),
});
/** Before v0.2.0 products and vulnerabilities were plain strings. */
const openVexProduct = z.union([
  text,
  z.extend(openVexComponent, { subcomponents: z.optional(z.array(openVexComponent)) }),
]);
const openVexVulnerability = z.union([
  text,
  z.object({ '@id': z.optional(text), name: z.optional(text), aliases: z.optional(z.array(text)) }),
]);
const openVexStatement = z
  .object({
    '@id': z.optional(text),
    vulnerability: openVexVulnerability,
    timestamp: z.optional(time),
    last_updated: z.optional(time),
    products: z._default(z.array(openVexProduct), []),
    subcomponents: z._default(z.array(z.union([text, openVexComponent])), []),
    status: z.enum(vexStatuses),
    justification: z.optional(text),
    impact_statement: z.optional(z.string()),
  })
  .check(
    z.refine(
      ({ status, justification, impact_statement }) =>
        status !== 'not_affected' || justification !== undefined || (impact_statement ?? '') !== '',
      'says not_affected without a justification or an impact statement',
    ),
  );
const openVex = z.object({
  '@context': z.string().check(z.startsWith('https://openvex.dev/ns', 'does not begin with https://openvex.dev/ns')),
  '@id': text,
  timestamp: time,
  last_updated: z.optional(time),
  statements: z.array(openVexStatement).check(z.maxLength(limits.vexStatements)),
});

const cycloneDxComponent = z.object({
  'bom-ref': z.optional(text),
  purl: z.optional(text),
  hashes: z.optional(z.array(z.object({ alg: text, content: text }))),
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
  'bom-ref': z.optional(text),
  id: text,
  references: z._default(z.array(z.object({ id: text })), []),
  analysis: z.optional(
    z.object({
      state: z.optional(cycloneDxState),
      justification: z.optional(text),
      detail: z.optional(z.string()),
      firstIssued: z.optional(time),
      lastUpdated: z.optional(time),
    }),
  ),
  affects: z._default(
    z.array(z.object({ ref: text, versions: z.optional(z.array(z.object({ version: z.optional(text) }))) })),
    [],
  ),
});
const cycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: z.optional(text),
  version: z.optional(z.number()),
  metadata: z._default(z.object({ timestamp: z.optional(time), component: z.optional(cycloneDxComponent) }), {}),
  components: z._default(z.array(cycloneDxComponent), []),
  vulnerabilities: z._default(z.array(cycloneDxVulnerability).check(z.maxLength(limits.vexStatements)), []),
});

/**
 * Reads a VEX document: OpenVEX (openvex.dev/ns, v0.0.1 to v0.2.0) or CycloneDX JSON with `vulnerabilities[].analysis`.
 *
 * @param name what to call it in an error
 * @throws PlimsollError `vuln/bad-vex`
 */
export function readVex(document: string, name: string): readonly VexStatement[] {
  if (Buffer.byteLength(document) > limits.vexBytes) throw badVex(name, `it is larger than ${limits.vexBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(document);
  } catch (thrown) {
    throw badVex(name, `it is not JSON: ${messageOf(thrown).slice(0, 200)}`, thrown);
  }
  if (isOf(json, 'bomFormat')) return cycloneDxStatements(parsed(cycloneDx, json, name));
  if (isOf(json, '@context')) return openVexStatements(parsed(openVex, json, name));
  throw badVex(name, 'it has neither the "@context" of OpenVEX nor the "bomFormat" of CycloneDX');
}

function isOf(json: unknown, mark: string): boolean {
  return typeof json === 'object' && json !== null && mark in json;
}

function parsed<Document>(schema: z.ZodMiniType<Document>, json: unknown, name: string): Document {
  const answer = shaped(schema, json);
  if (answer.ok) return answer.value;
  throw badVex(name, `${answer.place || 'the document'}: ${answer.mistake}`);
}

function badVex(name: string, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError('vuln/bad-vex', `${name} is not a VEX document that can be used: ${what}`, {
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
