import { PlimsollError } from '../error.ts';
import { type Artifact, type Finding, type ParsedPackage, parsePurl } from '../sbom/index.ts';
import { isCve } from './merge.ts';

export const vexStatuses = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof vexStatuses)[number];

/** What a statement is about: an artifact or a component of one, by any of its names. */
export interface VexSubject {
  readonly purls: readonly string[];
  /** `sha256:…` of an image's manifest. */
  readonly digests: readonly string[];
  /** Only these versions of it, where the statement says so. */
  readonly versions?: readonly string[] | undefined;
}

/** One statement of a VEX document, in OpenVEX's words. */
export interface VexStatement {
  /** Its own IRI, else the document's with the statement's place in it. */
  readonly id: string;
  /** All names of the vulnerability. */
  readonly names: readonly string[];
  readonly status: VexStatus;
  readonly justification?: string | undefined;
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  /** `parts`: only these components of the product; none means all of it. */
  readonly products: readonly { readonly product: VexSubject; readonly parts: readonly VexSubject[] }[];
}

/** A finding that a statement says does not matter. The finding stays in the result, with this beside it. */
export interface Suppression {
  /** `Finding.id`. */
  readonly finding: string;
  /** `Finding.component`. */
  readonly component: string;
  readonly statement: string;
  readonly status: Extract<VexStatus, 'not_affected' | 'fixed'>;
  readonly justification?: string | undefined;
}

/**
 * Rule 15: which findings VEX statements suppress, in the order of the findings. Of all statements that apply to a
 * finding the latest counts (of the same time, the last), whatever it says: `affected` and `under_investigation`
 * take back an earlier `not_affected`. VEX statements have no end date.
 */
export function suppressionsOf(
  findings: readonly Finding[],
  statements: readonly VexStatement[],
  artifact: Artifact,
): readonly Suppression[] {
  const byName = new Map<string, { readonly statement: VexStatement; readonly place: number }[]>();
  for (const [place, statement] of statements.entries()) {
    for (const name of new Set(statement.names)) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [{ statement, place }]);
      else known.push({ statement, place });
    }
  }
  const purl = rememberedPurls();
  return findings.flatMap((finding) => {
    const [latest] = finding.names
      .flatMap((name) => byName.get(name) ?? [])
      .filter(
        ({ statement }) => isSameVulnerability(statement, finding) && appliesTo(statement, finding, artifact, purl),
      )
      .sort((a, b) => b.statement.time - a.statement.time || b.place - a.place);
    const statement = latest?.statement;
    if (statement === undefined || (statement.status !== 'not_affected' && statement.status !== 'fixed')) return [];
    const { id, status, justification } = statement;
    return [{ finding: finding.id, component: finding.component, statement: id, status, justification }];
  });
}

/** An erratum's name is shared by all the CVEs that it fixes, so where both sides name CVEs, those decide. */
function isSameVulnerability({ names }: VexStatement, finding: Finding): boolean {
  const cves = names.filter(isCve);
  const own = finding.names.filter(isCve);
  return cves.length === 0 || own.length === 0 || own.some((cve) => cves.includes(cve));
}

type PurlReader = (purl: string) => ParsedPackage | undefined;

function appliesTo({ products }: VexStatement, { component }: Finding, artifact: Artifact, purl: PurlReader): boolean {
  return products.some(({ product, parts }) => {
    if (parts.length === 0) return isArtifact(product, artifact, purl) || isComponent(product, component, purl);
    // Nothing says which product a folder or file is, so a document given for it is taken to be about it.
    const isWhole = isArtifact(product, artifact, purl) || (artifact.kind !== 'image' && !isImage(product));
    return isWhole && parts.some((part) => isComponent(part, component, purl));
  });
}

function isImage({ purls }: VexSubject): boolean {
  return purls.some((text) => /^pkg:(?:oci|docker)\//.test(text));
}

/** A purl names what it states and leaves the rest open: without a version all versions, without qualifiers any. A subpath is a part only. */
function isComponent({ purls, versions }: VexSubject, component: string, purl: PurlReader): boolean {
  const own = purl(component);
  return purls.some((text) => {
    if (text === component) return own === undefined || versions === undefined || versions.includes(own.version ?? '');
    const stated = purl(text);
    if (stated === undefined || own === undefined || typeOf(text) !== typeOf(component)) return false;
    return (
      stated.name === own.name &&
      stated.namespace === own.namespace &&
      (stated.version === undefined || stated.version === own.version) &&
      (stated.subpath === undefined || stated.subpath === own.subpath) &&
      (versions === undefined || versions.includes(own.version ?? '')) &&
      Object.entries(stated.qualifiers).every(([key, value]) => own.qualifiers[key] === value)
    );
  });
}

function isArtifact({ purls, digests }: VexSubject, artifact: Artifact, purl: PurlReader): boolean {
  if (artifact.kind === 'directory') return false;
  const own = artifact.kind === 'image' ? [artifact.digest, artifact.indexDigest] : [artifact.digest];
  if (digests.some((digest) => own.includes(digest))) return true;
  return purls.some((text) => {
    const stated = /^pkg:(?:oci|docker)\//.test(text) ? purl(text) : undefined;
    if (stated === undefined || artifact.kind !== 'image') return false;
    if (stated.version?.startsWith('sha256:')) return own.includes(stated.version);
    return isRepository(stated, artifact.reference);
  });
}

/** purl-spec, "oci": the name is the repository's last part, `repository_url` the whole of it or what is before it. */
function isRepository({ name, version, qualifiers }: ParsedPackage, reference: string): boolean {
  const { repository, tag } = splitReference(reference);
  const wanted = version ?? qualifiers['tag'];
  if (wanted !== undefined && wanted !== tag) return false;
  const url = qualifiers['repository_url'];
  if (url === undefined) return repository.split('/').at(-1) === name;
  return [url, `${url}/${name}`].some((candidate) => splitReference(candidate).repository === repository);
}

/** `nginx:1.25` is `docker.io/library/nginx` with the tag `1.25` (the Docker reference grammar's familiar names). */
function splitReference(reference: string): { readonly repository: string; readonly tag: string | undefined } {
  const [, text = ''] = /^(?:registry:|https?:\/\/)?([^@]*)/.exec(reference) ?? [];
  const [, path = '', tag] = /^(.*?)(?::([\w.-]{1,128}))?$/.exec(text) ?? [];
  const parts = path.split('/');
  const [host = ''] = parts;
  const hasHost = parts.length > 1 && /[.:]|^localhost$/.test(host);
  const full = hasHost ? parts : ['docker.io', ...(parts.length === 1 ? ['library'] : []), ...parts];
  return { repository: full.join('/').replace(/^index\.docker\.io\//, 'docker.io/'), tag };
}

function typeOf(purl: string): string {
  return purl.slice(0, purl.indexOf('/')).toLowerCase();
}

/** Names that are no purls, such as `https://example.org/product`, name nothing that can be looked for here. */
function rememberedPurls(): PurlReader {
  const known = new Map<string, ParsedPackage | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, readPurl(text));
    return known.get(text);
  };
}

function readPurl(text: string): ParsedPackage | undefined {
  if (!text.startsWith('pkg:')) return undefined;
  try {
    return parsePurl(text);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) return undefined;
    throw thrown;
  }
}
