import { predicateTypeUri } from '../../sbom/index.ts';
import type { Answer, Asked, Rejected, Verification, Verified, VerifiedSigner } from '../../trust/index.ts';
import type { Style } from '../terminal.ts';
import { type Looks, wholeLine, wrapped } from './layout.ts';
import { count } from './text.ts';

/** What was asked about an image, and what was found out. */
export interface ImageAnswer {
  /** As it was named. */
  readonly name: string;
  readonly verification: Verification;
  readonly answers: readonly { readonly asked: Asked; readonly answer: Answer }[];
}

type Outcome = Answer['kind'];

const looksOf = {
  verified: { style: 'green', word: 'VERIFIED' },
  'not-verified': { style: 'red', word: 'NOT VERIFIED' },
  unknown: { style: 'yellow', word: 'NOT KNOWN' },
} as const satisfies Record<Outcome, { readonly style: Style; readonly word: string }>;

const shownRejected = 10;

/** All of what was asked has to be verified; what is certain to be missing counts before what is not known. */
export function outcomeOf({ answers }: ImageAnswer): Outcome {
  const kinds = new Set(answers.map(({ answer }) => answer.kind));
  if (kinds.has('not-verified')) return 'not-verified';
  return kinds.has('unknown') || kinds.size === 0 ? 'unknown' : 'verified';
}

export function renderVerification(answer: ImageAnswer, looks: Looks): string {
  const { style, word } = looksOf[outcomeOf(answer)];
  const { image, rejected } = answer.verification;
  const lines = [
    wholeLine(looks, [style, word], '  ', ['bold', answer.name]),
    wholeLine(looks, ['dim', image.digest]),
    ...(image.index === undefined ? [] : [wholeLine(looks, ['dim', `in the index ${image.index}`])]),
    ...answer.answers.flatMap((each) => ['', ...answerLines(each, answer.verification, looks)]),
    ...rejectedLines(rejected, looks),
  ];
  return `${lines.join('\n')}\n`;
}

function answerLines(
  { asked, answer }: ImageAnswer['answers'][number],
  { image }: Verification,
  looks: Looks,
): readonly string[] {
  const what = asked.kind === 'signature' ? 'signature' : `attestation ${askedText(asked)}`;
  if (answer.kind !== 'verified') {
    const { style, word } = looksOf[answer.kind];
    return [
      wholeLine(looks, [style, word.toLowerCase()], `  ${what}`),
      ...wrapped(looks, answer.error.message, { indent: '  ' }),
      ...wrapped(looks, answer.error.hint, { indent: '  hint: ', hanging: '  ' }),
    ];
  }
  return [
    wholeLine(looks, ['green', 'verified'], `  ${what}`),
    ...answer.verified.flatMap((each) => verifiedLines(each, image.index, looks)),
  ];
}

/** A short name stands for several URIs; here it is the one to write. */
function askedText(asked: Asked): string {
  return asked.kind === 'signature' ? 'signature' : (predicateTypeUri(asked.type) ?? asked.type);
}

function verifiedLines({ source, subject, content, signer }: Verified, index: string | undefined, looks: Looks) {
  const about = index === undefined ? '' : subject === index ? ', of the index' : ', of the image itself';
  const annotations = content.kind === 'signature' ? Object.entries(content.annotations) : [];
  return [
    ...wrapped(looks, `by ${signerText(signer)}${about}`, { indent: '  ', hanging: '    ' }),
    wholeLine(looks, ['dim', `    ${source.form === 'bundle' ? 'bundle' : 'legacy tag'} ${source.place}`]),
    ...signer.times.slice(0, 1).map((time) => wholeLine(looks, ['dim', `    signed by ${time.toISOString()}`])),
    ...annotations.map(([name, value]) => wholeLine(looks, ['dim', `    ${name}=${value}`])),
  ];
}

export function signerText(signer: VerifiedSigner): string {
  return signer.kind === 'key' ? `the key ${signer.name}` : `${signer.identity} (${signer.issuer})`;
}

function rejectedLines(rejected: readonly Rejected[], looks: Looks): readonly string[] {
  if (rejected.length === 0) return [];
  return [
    '',
    wholeLine(looks, ['yellow', `not counted: ${count(rejected.length, 'attachment')}`]),
    ...rejected
      .slice(0, shownRejected)
      .flatMap(({ source, error }) =>
        wrapped(looks, `${source.place}: ${error.message}`, { indent: '  ', hanging: '    ', most: 4 }),
      ),
    ...(rejected.length > shownRejected ? [wholeLine(looks, '  … "-o json" has all of them')] : []),
  ];
}

/** `docs/signing.md` describes it. */
export function verificationJson(answer: ImageAnswer): string {
  const { name, verification, answers } = answer;
  const { image, rejected, passedOver, others } = verification;
  const document = {
    image: name,
    digest: image.digest,
    ...(image.index !== undefined && { index: image.index }),
    outcome: outcomeOf(answer),
    answers: answers.map(({ asked, answer: each }) => ({
      asked: askedText(asked),
      outcome: each.kind,
      ...(each.kind === 'verified'
        ? { verified: each.verified.map(verifiedJson) }
        : { code: each.error.code, message: each.error.message, hint: each.error.hint }),
    })),
    rejected: rejected.map(({ source, subject, error }) => ({
      ...source,
      subject,
      code: error.code,
      reason: error.message,
    })),
    passedOver: passedOver.map(({ source, subject, predicateType }) => ({ ...source, subject, predicateType })),
    others: others.map(({ digest, mediaType, artifactType }) => ({ digest, mediaType, artifactType })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function verifiedJson({ source, subject, content, signer }: Verified): object {
  return {
    ...source,
    subject,
    ...(content.kind === 'signature'
      ? { annotations: content.annotations }
      : { predicateType: content.statement.predicateType }),
    signer: signerJson(signer),
  };
}

export function signerJson(signer: VerifiedSigner): object {
  const times = signer.times.map((time) => time.toISOString());
  return signer.kind === 'key'
    ? { kind: 'key', name: signer.name, fingerprint: signer.fingerprint, times }
    : { kind: 'identity', identity: signer.identity, issuer: signer.issuer, times };
}
