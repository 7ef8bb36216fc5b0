import type { Statement } from '../statement.ts';
import { fields, text } from './predicate.ts';

/** npm's publish attestation v0.1 (github.com/npm/attestation): that the registry took a package under this name. */
export interface NpmPublication {
  readonly name: string;
  readonly version: string;
  readonly registry: string;
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

/** Whether a statement is about this package and no other one. npm names subjects by purl, the `@` of a scope encoded or not. */
export function isAbout({ subjects }: Statement, { name, version }: NpmPublication): boolean {
  const names = [`pkg:npm/${name.replace('@', '%40')}@${version}`, `pkg:npm/${name}@${version}`];
  return subjects.every((subject) => names.includes(subject.name ?? ''));
}
