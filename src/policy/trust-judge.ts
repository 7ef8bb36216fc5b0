import {
  type Artifact,
  type AttestationEvidence,
  type AttestationFacts,
  type Evidence,
  isPredicateType,
  type SignatureEvidence,
  type SignerEvidence,
  type TrustEvidence,
} from '../sbom/index.ts';
import { sentence } from './doubt.ts';
import { durationText } from './duration.ts';
import { type Requirement, shortName, type TrustLine, unsignedRule } from './requirement.ts';
import { repositoryMatches, type UriPattern, uriMatches } from './uri-pattern.ts';

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

/** A clock may be ahead of ours by this much. */
const clockSkewMs = 5 * 60_000;

/** Whether something is asked of an image about which nobody found out who signed it. */
export function isTrustUnknown({ artifact, trust }: Evidence, { requirements }: TrustLine): boolean {
  return artifact.kind === 'image' && trust === undefined && requirements.length > 0;
}

/**
 * What a line requires and an image does not have. Only images can have it; of what nobody looked for nothing is said here.
 * A requirement is met by what was verified alone: no list passes because it is empty. `now` in milliseconds since 1970.
 */
export function missingTrust({ artifact, trust }: Evidence, line: TrustLine, now: number): readonly Missing[] {
  if (artifact.kind !== 'image') return [];
  const unsigned = line.unsigned === 'allow' ? [] : [unsignedBy(line.unsigned, trust)];
  if (trust === undefined) return unsigned;
  const missing = line.requirements.flatMap((requirement): readonly Missing[] => {
    const why =
      requirement.kind === 'signature'
        ? signatureLack(requirement, artifact, trust)
        : attestationLack(requirement, artifact, trust, now);
    if (why === undefined) return [];
    const { rule, action, reason } = requirement;
    const said = reason === undefined ? '' : ` ${sentence(reason)}`;
    return [{ rule, action, why: reason, message: `${sentence(why)}${said}`, fix: fixFor(requirement, artifact.reference) }];
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
  { signatures, unverified }: TrustEvidence,
): string | undefined {
  const own = signatures.filter(({ signer }) => by.includes(signer.name));
  const here = own.filter((each) => covers(each, image, about));
  const fitting = here.filter((each) => hasAll(each, annotations));
  const signers = new Set(fitting.map(({ signer }) => personOf(signer)));
  if (signers.size >= count && signers.size > 0) return undefined;
  const asked =
    count === 1 ? `a signature by ${oneOf(by)}` : `signatures by ${count} different signers of ${by.join(', ')}`;
  const have =
    signers.size > 0
      ? `it has those of ${signers.size}`
      : here.length > 0
        ? `none of those that are there says ${annotationText(annotations)}`
        : own.length > 0
          ? 'only the index that it was chosen from is signed'
          : elsewhere(signatures, unverified);
  return `The image must have ${asked}, and ${have}`;
}

function attestationLack(
  requirement: AttestationRequirement,
  image: Image,
  { attestations, unverified }: TrustEvidence,
  now: number,
): string | undefined {
  const { type, by, about } = requirement;
  const name = shortName(type) ?? type;
  const typed = attestations.filter(({ predicateType }) => isPredicateType(type, predicateType));
  const own = typed.filter(({ signer }) => by.includes(signer.name));
  const here = own.filter((each) => covers(each, image, about));
  const lacks = here.map((each) => factLack(each, requirement, now));
  if (lacks.some((lack) => lack === undefined)) return undefined;
  const [lack] = lacks;
  const why =
    lack ??
    (own.length > 0
      ? 'the one that is there is about the index that it was chosen from'
      : elsewhere(typed, unverified));
  return `The image must have an attestation of the type ${name} by ${oneOf(by)}, and ${why}`;
}

/** Why an attestation does not do; what it does not state it does not have. */
function factLack(
  { facts, time, predicateType }: AttestationEvidence,
  requirement: AttestationRequirement,
  now: number,
): string | undefined {
  const { maxAge, scanner, builder, source, ref, level, verifier, policy, verifiedLevels } = requirement;
  if (isPredicateType('vsa', predicateType) && facts.result !== 'PASSED') {
    return `it says ${facts.result ?? 'nothing about the result'} instead of PASSED`;
  }
  if (maxAge !== undefined) {
    const lack =
      ageLack('states', facts.statedAt, maxAge, now) ?? (time && ageLack('is proven to be of', time, maxAge, now));
    if (lack !== undefined && lack !== '') return lack;
  }
  const texts: readonly (readonly [
    string,
    readonly UriPattern[] | undefined,
    string | undefined,
    typeof uriMatches,
  ])[] = [
    ['scanner', scanner, facts.scanner, uriMatches],
    ['builder', builder, facts.builder, uriMatches],
    ['source', source, facts.sourceRepository, repositoryMatches],
    ['ref', ref, facts.sourceRef, uriMatches],
    ['verifier', verifier, facts.verifier, uriMatches],
    ['policy', policy, facts.policy, uriMatches],
  ];
  for (const [what, patterns, stated, fits] of texts) {
    if (patterns === undefined || (stated !== undefined && patterns.some((pattern) => fits(pattern, stated)))) continue;
    return `its ${what} is ${stated ?? 'not stated'}, not ${oneOf(patterns.map(({ text }) => text))}`;
  }
  if (level !== undefined) {
    const known = levelOf(facts);
    if (known === undefined || known < level)
      return `its build level is ${known ?? 'not known'}, and ${level} is required`;
  }
  const absent = (verifiedLevels ?? []).find((each) => facts.verifiedLevels?.includes(each) !== true);
  return absent === undefined ? undefined : `${absent} is not among its verified levels`;
}

function ageLack(verb: string, at: string | undefined, maxAge: number, now: number): string | undefined {
  if (at === undefined) return 'it does not state when it was made';
  const age = now - Date.parse(at);
  if (Number.isNaN(age)) return `it ${verb} ${at.slice(0, 40)}, which is no time`;
  if (age < -clockSkewMs) return `it ${verb} ${at}, which is in the future`;
  return age > maxAge ? `it is ${durationText(age)} old, and ${durationText(maxAge)} are accepted` : undefined;
}

/** SLSA's words for levels of a VSA: `SLSA_BUILD_LEVEL_3`. */
function levelOf({ buildLevel, verifiedLevels = [] }: AttestationFacts): number | undefined {
  const levels = verifiedLevels.flatMap((text) => {
    const [, digit] = /^SLSA_BUILD_LEVEL_([0-3])$/.exec(text) ?? [];
    return digit === undefined ? [] : [Number(digit)];
  });
  return buildLevel ?? (levels.length === 0 ? undefined : Math.max(...levels));
}

function covers({ subject }: { readonly subject: string }, image: Image, about: 'manifest' | 'index'): boolean {
  return (
    subject === image.digest || (about === 'index' && image.indexDigest !== undefined && subject === image.indexDigest)
  );
}

function hasAll({ annotations }: SignatureEvidence, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(annotations, name) && annotations[name] === value,
  );
}

/** Whoever has two names, or signs twice, is one. */
function personOf(signer: SignerEvidence): string {
  return JSON.stringify(signer.kind === 'key' ? [signer.fingerprint] : [signer.issuer, signer.identity]);
}

/** What is there instead. */
function elsewhere(
  others: readonly { readonly signer: SignerEvidence }[],
  unverified: TrustEvidence['unverified'],
): string {
  if (others.length > 0)
    return `there are only those by ${[...new Set(others.map(({ signer }) => signer.name))].join(', ')}`;
  const [first, ...more] = unverified;
  if (first === undefined) return 'there is none';
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return `none that is there could be verified: ${first.source}: ${first.reason.replace(/\.$/, '')}${rest}`;
}

function fixFor(requirement: Requirement, image: string): string {
  if (requirement.kind === 'signature') return `sign it: plimsoll sign ${image} --key KEY`;
  const name = shortName(requirement.type) ?? requirement.type;
  const made = name === 'vuln' ? '--scan' : name === 'cyclonedx' ? '--sbom' : `--type ${name} --predicate FILE`;
  if (name === 'slsaprovenance1') return `attest it in the build: plimsoll provenance create --attest ${image} --key KEY`;
  return `attest it: plimsoll attest ${image} ${made} --key KEY`;
}

function oneOf(texts: readonly string[]): string {
  return texts.length === 1 ? `${texts[0]}` : `one of ${texts.join(', ')}`;
}

function annotationText(annotations: Readonly<Record<string, string>>): string {
  return Object.entries(annotations)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
