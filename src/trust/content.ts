import { PlimsollError } from '../error.ts';
import { signaturePredicateType } from '../sbom/index.ts';
import type { Annotations } from './annotation.ts';
import type { Attached, Sealed } from './attachment.ts';
import { type Envelope, statementPayloadType } from './dsse.ts';
import { malformed } from './malformed.ts';
import { readSimpleSigning } from './simple-signing.ts';
import { readStatement, type Statement, subjectWith } from './statement.ts';

/** What somebody signed. */
export type Content =
  /** The artifact itself. */
  | { readonly kind: 'signature'; readonly annotations: Annotations }
  | { readonly kind: 'attestation'; readonly statement: Statement };

/**
 * Reads what is signed, and makes sure that it is about the artifact and is what the annotations around it claim.
 *
 * @param digests all of the same artifact, as `sha256:…`; npm's statements name its SHA-512 alone
 * @throws PlimsollError `trust/other-subject`, `trust/other-type`, `trust/bad-statement`, `trust/bad-payload`, `trust/bad-envelope`
 */
export function readContent(
  { sealed, claims }: Pick<Attached, 'sealed' | 'claims'>,
  digests: readonly string[],
): Content {
  if (sealed.kind === 'simple-signing') {
    const { digest: signed, annotations } = readSimpleSigning(sealed.payload);
    if (!digests.includes(signed))
      throw otherSubject(`The signature is of ${signed.slice(0, 200)}, not of ${digests[0]}`);
    return { kind: 'signature', annotations };
  }
  const envelope = envelopeOf(sealed);
  if (envelope.payloadType !== statementPayloadType) {
    throw malformed('envelope', `its payloadType is ${envelope.payloadType}, not ${statementPayloadType}`);
  }
  const statement = readStatement(envelope.payload);
  const [subject] = digests.flatMap((digest) => subjectWith(statement, digest) ?? []);
  if (subject === undefined) {
    const [first] = statement.subjects;
    const [named] = Object.entries(first?.digest ?? {}).map((parts) => parts.join(':').slice(0, 200));
    const subjects = named ?? 'something without a digest';
    throw otherSubject(`The statement is about ${subjects}, and has no subject that is ${digests[0]}`);
  }
  const { predicateType } = statement;
  const claim = claims.find((each) => each !== predicateType);
  if (claim !== undefined) throw otherType(predicateType, claim);
  if (predicateType !== signaturePredicateType) return { kind: 'attestation', statement };
  return { kind: 'signature', annotations: subject.annotations ?? {} };
}

function envelopeOf(sealed: Exclude<Sealed, { kind: 'simple-signing' }>): Envelope {
  if (sealed.kind === 'envelope') return sealed.envelope;
  const { content } = sealed.bundle;
  if (content.kind === 'envelope') return content.envelope;
  throw malformed('bundle', 'it signs bytes, and does not say that they are an image');
}

function otherSubject(message: string): PlimsollError {
  return new PlimsollError('trust/other-subject', message, {
    hint: 'Somebody attached to this artifact what was signed for another one. Sign or attest this one.',
  });
}

function otherType(signed: string, claim: string): PlimsollError {
  return new PlimsollError(
    'trust/other-type',
    `The annotations beside it say that it is ${claim.slice(0, 200)}; what is signed is ${signed.slice(0, 200)}`,
    { hint: 'The annotations were changed, or made by a tool that does not follow the format. Attest again.' },
  );
}
