import type { Statement } from '../statement.ts';
import type { ProvenanceCheck } from './check.ts';
import { fields, text } from './predicate.ts';

/** npm's publish attestation v0.1 (github.com/npm/attestation): that the registry took a package under this name. */
export interface NpmPublication extends NpmPackage {
  readonly registry: string;
}

export interface NpmPackage {
  /** `@acme/app` */
  readonly name: string;
  readonly version: string;
}

const publishType = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';

export function isNpmPublication({ predicateType }: Statement): boolean {
  return predicateType === publishType;
}

/** `undefined`: the statement does not say what was published, or names its subject otherwise. */
export function npmPublication(statement: Statement): NpmPublication | undefined {
  const predicate = fields(statement.predicate);
  const name = text(predicate['name']);
  const version = text(predicate['version']);
  const registry = text(predicate['registry']);
  if (name === undefined || version === undefined || registry === undefined) return undefined;
  const publication = { name, version, registry };
  return isNpmPublication(statement) && isAbout(statement, publication) ? publication : undefined;
}

/**
 * Holds provenance against the name of a package: that which somebody asks for, and those under which verified publish
 * attestations say that the file was published.
 */
export function checkPackage(
  provenance: Statement,
  asked: NpmPackage | undefined,
  published: readonly NpmPublication[],
): readonly ProvenanceCheck[] {
  const names = provenance.subjects.map(({ name }) => name ?? 'something without a name').join(', ');
  const check = (holds: boolean, message: string): ProvenanceCheck => {
    return { name: 'package', outcome: holds ? 'holds' : 'fails', message };
  };
  return [
    ...(asked === undefined ? [] : [check(isAbout(provenance, asked), `it is about ${names}`)]),
    ...published.map((each) => {
      const isSame = asked === undefined || (asked.name === each.name && asked.version === each.version);
      const message = `published at ${each.registry} as ${each.name}@${each.version}`;
      return check(isSame && isAbout(provenance, each), message);
    }),
  ];
}

/** Whether a statement is about this package and no other one. npm names subjects by purl, the `@` of a scope encoded or not. */
function isAbout({ subjects }: Statement, { name, version }: NpmPackage): boolean {
  const names = [`pkg:npm/${name.replace('@', '%40')}@${version}`, `pkg:npm/${name}@${version}`];
  return subjects.every((subject) => names.includes(subject.name ?? ''));
}
