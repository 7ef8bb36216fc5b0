import { isRecord } from '../image/index.ts';
import { limits } from '../limits.ts';
import { textsOf } from './annotation.ts';
import { malformed, parseSigned } from './malformed.ts';

/** An in-toto statement: what somebody says (`predicate`) of some artifacts (`subjects`). */
export interface Statement {
  readonly subjects: readonly Subject[];
  /** A URI; `predicateTypeName` of `sbom/` gives its short name. */
  readonly predicateType: string;
  /** As it came: its readers know its form. */
  readonly predicate: unknown;
}

export interface Subject {
  readonly name?: string | undefined;
  /** Algorithm without a dash, and the digest in lower-case hexadecimal: `sha256` -> `4413…`. */
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** in-toto attestation v1 "Statement layer", and v0.1, which cosign writes. They differ in nothing that is read here. */
const statementTypes: ReadonlySet<unknown> = new Set([
  'https://in-toto.io/Statement/v1',
  'https://in-toto.io/Statement/v0.1',
]);

/** @throws PlimsollError `trust/bad-statement` */
export function readStatement(payload: Buffer): Statement {
  const json = parseSigned(payload, 'statement', limits.statementParts);
  if (!isRecord(json)) throw malformed('statement', 'it is not an object');
  const { _type: type, subject: subjects, predicateType, predicate } = json;
  if (!statementTypes.has(type)) throw malformed('statement', '_type is not that of an in-toto statement');
  if (typeof predicateType !== 'string' || predicateType === '' || predicateType.length > limits.predicateTypeLength) {
    throw malformed('statement', 'predicateType is not a URI');
  }
  if (!Array.isArray(subjects) || subjects.length === 0) throw malformed('statement', 'it has no subject');
  if (subjects.length > limits.subjectsPerStatement) {
    throw malformed('statement', `it has ${subjects.length} subjects, over ${limits.subjectsPerStatement}`);
  }
  return { subjects: subjects.map(readSubject), predicateType, predicate };
}

/** Statement v1 as JSON. */
export function statementBytes({ subjects, predicateType, predicate }: Statement): Buffer {
  return Buffer.from(
    JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: subjects, predicateType, predicate }),
  );
}

/** The subject that is the artifact with this digest, `sha256:…`; `undefined`: the statement is about others. */
export function subjectWith(statement: Statement, digest: string): Subject | undefined {
  const { algorithm, hex } = partsOf(digest);
  return statement.subjects.find(
    (subject) => Object.hasOwn(subject.digest, algorithm) && subject.digest[algorithm] === hex,
  );
}

/** The digest set of an artifact, for a subject. */
export function digestSet(digest: string): Readonly<Record<string, string>> {
  const { algorithm, hex } = partsOf(digest);
  return { [algorithm]: hex };
}

function partsOf(digest: string): { readonly algorithm: string; readonly hex: string } {
  const colon = digest.indexOf(':');
  return { algorithm: digest.slice(0, colon), hex: digest.slice(colon + 1) };
}

function readSubject(json: unknown): Subject {
  if (!isRecord(json) || !isRecord(json['digest'])) throw malformed('statement', 'a subject has no digest');
  const { name, annotations } = json;
  return {
    digest: textsOf(json['digest']),
    ...(typeof name === 'string' ? { name } : {}),
    ...(isRecord(annotations) ? { annotations: textsOf(annotations) } : {}),
  };
}
