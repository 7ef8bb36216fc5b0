import { PlimsollError } from '../error.ts';
import type { Descriptor, ImageStore } from '../image/index.ts';
import { isPredicateType, signaturePredicateType } from '../sbom/index.ts';
import { type Annotations, missingAnnotation } from './annotation.ts';
import type { Attached, Source } from './attachment.ts';
import type { Authority } from './authority.ts';
import { type Content, readContent } from './content.ts';
import { readAttachments } from './find.ts';
import { checkWithin } from './index-member.ts';
import { type VerifiedSigner, verifySeal } from './seal.ts';

/** What is to be found out about an image. An attestation is no signature, and a signature no attestation. */
export interface Question {
  /** Who signed the image itself. */
  readonly signatures: boolean;
  /** Who states what of it: everything, or statements of these types, by short name or URI. */
  readonly attestations: 'all' | readonly string[];
  /** What signatures must say beside; those that do not are rejected. */
  readonly annotations?: Annotations | undefined;
}

export interface ImageToVerify {
  readonly digest: string;
  /** The digest of an index that the image was chosen from: what is signed of it is found out, too, and told apart. */
  readonly index?: string | undefined;
}

/** Something that somebody trusted signed, once for each name that they are trusted under. */
export interface Verified {
  readonly source: Source;
  /** The digest that is signed: the image's, or the index's. */
  readonly subject: string;
  readonly content: Content;
  readonly signer: VerifiedSigner;
}

export interface Rejected {
  readonly source: Source;
  /** What it is attached to. */
  readonly subject: string;
  /** What does not hold; of the kind `unavailable`: it could not be found out whether it does. */
  readonly error: PlimsollError;
}

/** What could be found out. Empty lists prove nothing: {@link answerTo} says whether something was verified. */
export interface Verification {
  readonly image: ImageToVerify;
  readonly verified: readonly Verified[];
  readonly rejected: readonly Rejected[];
  /** Of a type that was not asked for, by the annotations beside it. It was not verified. */
  readonly passedOver: readonly { readonly source: Source; readonly subject: string; readonly predicateType: string }[];
  /** Referrers that are no signatures or attestations. */
  readonly others: readonly Descriptor[];
}

/**
 * Finds out what is signed of an image, by bundles among its referrers and legacy signatures under tags, always by both.
 * Of each, first the signature over the very bytes is verified with the log entries and timestamps that an authority asks for,
 * then that what is signed is about this digest, then what it says.
 *
 * @throws PlimsollError `trust/no-authority`, `trust/no-question`, `trust/not-in-index`, and those of the store for the index.
 * What is wrong with one signature is in the answer.
 */
export async function verifyImage(
  store: ImageStore,
  image: ImageToVerify,
  authorities: readonly Authority[],
  question: Question,
): Promise<Verification> {
  checkAsked(authorities, question);
  const { digest, index } = image;
  if (index !== undefined && index !== digest) await checkWithin(store, index, digest);
  const subjects = index === undefined || index === digest ? [digest] : [digest, index];
  const answers = await Promise.all(subjects.map((subject) => verifySubject(store, subject, authorities, question)));
  return {
    image,
    verified: answers.flatMap(({ verified }) => verified),
    rejected: answers.flatMap(({ rejected }) => rejected),
    passedOver: answers.flatMap(({ passedOver }) => passedOver),
    others: answers.flatMap(({ others }) => others),
  };
}

/** A signature, or an attestation of a type. */
export type Asked = { readonly kind: 'signature' } | { readonly kind: 'attestation'; readonly type: string };

/** What was verified of what is asked. Never empty where the answer is `verified`. */
export type Answer =
  | { readonly kind: 'verified'; readonly verified: readonly Verified[] }
  /** It is not there; the error says why as far as that is known. */
  | { readonly kind: 'not-verified'; readonly error: PlimsollError }
  /** Something that may be it could not be read: nobody can say. */
  | { readonly kind: 'unknown'; readonly error: PlimsollError };

/** @param subject only what is signed of this digest: the image or the index; absent: of either */
export function answerTo(verification: Verification, asked: Asked, subject?: string): Answer {
  const verified = verification.verified.filter(
    (each) => (subject === undefined || each.subject === subject) && isAsked(each.content, asked),
  );
  if (verified.length > 0) return { kind: 'verified', verified };
  const { rejected, passedOver } = verification;
  const what = asked.kind === 'signature' ? 'signature' : `attestation of the type ${asked.type}`;
  const about = `${subject ?? verification.image.digest} has no ${what} by anybody trusted`;
  const unread = rejected.find(({ error }) => error.kind === 'unavailable');
  if (unread !== undefined) {
    const error = new PlimsollError('trust/unknown', `${about}, but not all could be read: ${unread.error.message}`, {
      hint: unread.error.hint,
      kind: 'unavailable',
      cause: unread.error,
    });
    return { kind: 'unknown', error };
  }
  const [first, ...more] = rejected;
  const why =
    first === undefined
      ? passedOver.length === 0
        ? 'nothing is attached to it'
        : `what is attached is of other types: ${[...new Set(passedOver.map((each) => each.predicateType))].join(', ').slice(0, 500)}`
      : `${first.source.place}: ${first.error.message}${more.length === 0 ? '' : ` (and ${more.length} more)`}`;
  const error = new PlimsollError('trust/not-verified', `${about}: ${why}`, {
    hint: first?.error.hint ?? 'Sign or attest it, or name the right key or identity.',
    cause: first?.error,
  });
  return { kind: 'not-verified', error };
}

function isAsked(content: Content, asked: Asked): boolean {
  return content.kind === 'signature'
    ? asked.kind === 'signature'
    : asked.kind === 'attestation' && isPredicateType(asked.type, content.statement.predicateType);
}

async function verifySubject(
  store: ImageStore,
  subject: string,
  authorities: readonly Authority[],
  question: Question,
): Promise<Omit<Verification, 'image'>> {
  const wanted = { signatures: question.signatures, type: (predicateType: string) => wants(question, predicateType) };
  const found = await readAttachments(store, subject, wanted, (attached) =>
    verifyAttached(attached, subject, authorities, question),
  );
  return {
    verified: found.used.flatMap(({ verified }) => verified),
    rejected: found.faulty.map((each) => ({ ...each, subject })),
    passedOver: [...found.passedOver, ...found.used.flatMap(({ passedOver }) => passedOver)].map((each) => ({
      ...each,
      subject,
    })),
    others: found.others,
  };
}

async function verifyAttached(
  attached: Attached,
  subject: string,
  authorities: readonly Authority[],
  question: Question,
) {
  const { source } = attached;
  const signers = await verifySeal(attached.sealed, authorities);
  const content = readContent(attached, [subject]);
  const predicateType = content.kind === 'signature' ? signaturePredicateType : content.statement.predicateType;
  // Only what was claimed was asked for: what claims nothing shows its type here.
  if (!wants(question, predicateType)) return { verified: [], passedOver: [{ source, predicateType }] };
  if (content.kind === 'signature') checkAnnotations(content.annotations, question.annotations ?? {});
  return { verified: signers.map((signer): Verified => ({ source, subject, content, signer })), passedOver: [] };
}

function wants({ signatures, attestations }: Question, predicateType: string): boolean {
  if (predicateType === signaturePredicateType) return signatures;
  return attestations === 'all' || attestations.some((type) => isPredicateType(type, predicateType));
}

function checkAnnotations(has: Annotations, wanted: Annotations): void {
  const name = missingAnnotation(wanted, has);
  if (name === undefined) return;
  const is = Object.hasOwn(has, name) ? `"${has[name]?.slice(0, 200)}"` : 'missing';
  throw new PlimsollError(
    'trust/annotation',
    `The annotation "${name}" of the signature is ${is}, not "${wanted[name]}"`,
    { hint: 'Sign with this annotation, or do not ask for it.' },
  );
}

function checkAsked(authorities: readonly Authority[], { signatures, attestations }: Question): void {
  if (authorities.length === 0) {
    throw new PlimsollError('trust/no-authority', 'Nobody is trusted, so that nothing can be verified', {
      hint: 'Give a public key, or an identity and its issuer.',
    });
  }
  if (signatures || attestations === 'all' || attestations.length > 0) return;
  throw new PlimsollError('trust/no-question', 'Nothing is asked about the image, so that nothing can be verified', {
    hint: 'Ask for signatures, or for attestations of a type.',
  });
}
