import {
  type Artifact,
  type Evidence,
  isPredicateType,
  predicateTypeUri,
  type SignatureEvidence,
  type SignerEvidence,
  type TrustEvidence,
} from '../sbom/index.ts';
import { factLack, oneOf } from './attestation-fact.ts';
import { sentence } from './doubt.ts';
import { type Requirement, shortName, type TrustLine, unsignedRule } from './requirement.ts';
import { identityText } from './signer.ts';

/** Something that must be signed or stated about an image, and is not. */
export interface Missing {
  readonly rule: string;
  readonly action: 'deny' | 'warn';
  readonly message: string;
  readonly why?: string | undefined;
  readonly fix: string;
}

type Image = Extract<Artifact, { readonly kind: 'image' }>;
type AttestationRequirement = Extract<Requirement, { readonly kind: 'attestation' }>;
type SignatureRequirement = Extract<Requirement, { readonly kind: 'signature' }>;
type Signed = Pick<SignatureEvidence, 'signer' | 'subject'>;

/**
 * What a line requires and an image does not have. Only images can have it; of what nobody looked for nothing is said here.
 * A requirement is met by what was verified alone: no list passes because it is empty. `now` in milliseconds since 1970.
 */
export function missingTrust({ artifact, trust }: Evidence, line: TrustLine, now: number): readonly Missing[] {
  if (artifact.kind !== 'image') return [];
  const unsigned = line.unsigned === 'allow' ? [] : [unsignedBy(line.unsigned, trust)];
  if (trust === undefined) return unsigned;
  const missing = line.requirements.flatMap((requirement): readonly Missing[] => {
    const lack =
      requirement.kind === 'signature'
        ? signatureLack(requirement, artifact, trust)
        : attestationLack(requirement, artifact, trust, now);
    if (lack === undefined) return [];
    const { rule, action, reason } = requirement;
    const said = reason === undefined ? '' : ` ${sentence(reason)}`;
    const fix = fixFor(requirement, artifact.reference);
    return [{ rule, action, why: reason, message: `${sentence(lack)}${said}`, fix }];
  });
  return [...unsigned, ...missing];
}

function unsignedBy(action: 'deny' | 'warn', trust: TrustEvidence | undefined): Missing {
  const attached = trust === undefined ? 0 : trust.signatures.length + trust.unverified.length;
  const what = attached === 0 ? '' : ` What is attached to it was not verified.`;
  return {
    rule: unsignedRule,
    action,
    message: `Nobody is known to have signed this image: the policy names no signers.${what}`,
    fix: 'name who signs under trust.signers, and what they must sign under trust.require',
  };
}

function signatureLack(
  { by, count, about, annotations }: SignatureRequirement,
  image: Image,
  { signatures, attestations, unverified }: TrustEvidence,
): string | undefined {
  const own = signatures.filter(({ signer }) => by.includes(signer.name));
  const here = own.filter(({ subject }) => covers(subject, image, about));
  const fitting = here.filter((each) => annotationLack(each, annotations) === undefined);
  const signers = new Map(fitting.map(({ signer }) => [personOf(signer), signer.name]));
  if (signers.size > 0 && signers.size >= count) return undefined;
  const asked =
    count === 1 ? `a signature by ${oneOf(by)}` : `signatures by ${count} different signers of ${by.join(', ')}`;
  const statements = attestations.filter(({ signer }) => by.includes(signer.name));
  return `The image lacks ${asked}: ${foundText([
    ...(signers.size > 0 ? [`it has those of ${signers.size} (${[...signers.values()].join(', ')})`] : []),
    ...here.flatMap((each) => annotationLack(each, annotations) ?? []),
    ...elsewhere(own, image, about),
    ...others(
      signatures.filter(({ signer }) => !by.includes(signer.name)),
      'is signed by',
    ),
    ...others(statements, 'has attestations, which are no signatures, by'),
    ...unverifiedTexts(unverified),
  ])}`;
}

function attestationLack(
  requirement: AttestationRequirement,
  image: Image,
  { attestations, unverified }: TrustEvidence,
  now: number,
): string | undefined {
  const { type, by, about } = requirement;
  const typed = attestations.filter(({ predicateType }) => isPredicateType(type, predicateType));
  const own = typed.filter(({ signer }) => by.includes(signer.name));
  const here = own.filter(({ subject }) => covers(subject, image, about));
  const lacks = here.map((each) => factLack(each, requirement, now));
  if (lacks.some((lack) => lack === undefined)) return undefined;
  return `The image lacks an attestation of the type ${type} by ${oneOf(by)}: ${foundText([
    ...here.map(({ signer }, index) => `in the one by ${signer.name} ${lacks[index]}`),
    ...elsewhere(own, image, about),
    ...others(
      typed.filter(({ signer }) => !by.includes(signer.name)),
      'has such attestations by',
    ),
    ...unverifiedTexts(unverified),
  ])}`;
}

function covers(subject: string, image: Image, about: 'manifest' | 'index'): boolean {
  return subject === image.digest || (about === 'index' && isIndex(subject, image));
}

function isIndex(subject: string, { indexDigest }: Image): boolean {
  return indexDigest !== undefined && subject === indexDigest;
}

/** What a signature does not say along; `undefined`: nothing that is asked for. */
function annotationLack(
  { signer, annotations }: SignatureEvidence,
  wanted: Readonly<Record<string, string>>,
): string | undefined {
  const lacking = Object.entries(wanted).find(
    ([name, value]) => !Object.hasOwn(annotations, name) || annotations[name] !== value,
  );
  if (lacking === undefined) return undefined;
  const [name, value] = lacking;
  const says = Object.hasOwn(annotations, name) ? `says ${name}=${annotations[name]} instead of` : 'does not say';
  return `the one by ${signer.name} ${says} ${name}=${value}`;
}

/** Whoever has two names, or signs twice, is one. */
function personOf(signer: SignerEvidence): string {
  return signer.kind === 'key' ? JSON.stringify([signer.fingerprint]) : identityText(signer.issuer, signer.identity);
}

/** By whom it should be, and of something else. */
function elsewhere(own: readonly Signed[], image: Image, about: 'manifest' | 'index'): readonly string[] {
  return own
    .filter(({ subject }) => !covers(subject, image, about))
    .map(({ signer, subject }) =>
      isIndex(subject, image)
        ? `the one by ${signer.name} is about the index alone that the image was chosen from`
        : `the one by ${signer.name} is about something else, ${subject}`,
    );
}

function others(signed: readonly Pick<Signed, 'signer'>[], what: string): readonly string[] {
  const names = [...new Set(signed.map(({ signer }) => signer.name))];
  return names.length === 0 ? [] : [`it ${what} ${names.join(', ')}`];
}

function unverifiedTexts(unverified: TrustEvidence['unverified']): readonly string[] {
  return unverified.map(({ source, reason }) => `${source} does not count: ${reason.replace(/[.\s]{1,8}$/, '')}`);
}

const foundAtMost = 4;
const foundLength = 300;

/** What is there instead, most telling first. */
function foundText(all: readonly string[]): string {
  const found = [...new Set(all)];
  if (found.length === 0) return 'there is none';
  const more = found.length - foundAtMost;
  const texts = found
    .slice(0, foundAtMost)
    .map((text) => (text.length > foundLength ? `${text.slice(0, foundLength)}…` : text));
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function fixFor(requirement: Requirement, image: string): string {
  if (requirement.kind === 'signature') {
    const options = Object.entries(requirement.annotations).map(([name, value]) => {
      const text = `${name}=${value}`;
      return ` --annotation ${/^[\w.,:/@=+-]+$/.test(text) ? text : 'NAME=VALUE'}`;
    });
    return `sign it: plimsoll sign ${image}${options.join('')} --key KEY`;
  }
  const { type } = requirement;
  const name = shortName(type);
  // A URI that is not the one written for its short name has to be named itself.
  switch (name !== undefined && predicateTypeUri(name) === predicateTypeUri(type) ? name : undefined) {
    case 'vuln':
      return `attest it: plimsoll attest ${image} --scan --key KEY`;
    case 'cyclonedx':
      return `attest it: plimsoll attest ${image} --sbom --key KEY`;
    case 'slsaprovenance1':
      return `attest it in the build: plimsoll provenance create --attest ${image} --key KEY`;
    case 'vsa':
      return `have it judged: plimsoll gate ${image} --attest --key KEY`;
    default:
      return `attest it: plimsoll attest ${image} --type ${type} --predicate FILE --key KEY`;
  }
}
