import { type AttestationEvidence, type AttestationFacts, isPredicateType } from '../sbom/index.ts';
import { durationText } from './duration.ts';
import type { FileAttestation } from './trust-schema.ts';
import { repositoryMatches, type UriPattern, uriMatches } from './uri-pattern.ts';

/** A clock may be ahead of ours by this much. */
const clockSkewMs = 5 * 60_000;

/**
 * Why an attestation of the right type by the right signer does not do, as a clause; `undefined`: it does. What it does not
 * state is unknown, and does not do. `now` in milliseconds since 1970.
 */
export function factLack(
  { facts, time, predicateType }: AttestationEvidence,
  wanted: Omit<FileAttestation, 'type' | 'by' | 'about'>,
  now: number,
): string | undefined {
  const { maxAge, scanner, builder, source, ref, level, verifier, policy, verifiedLevels } = wanted;
  return (
    (isPredicateType('vsa', predicateType) && facts.result !== 'PASSED'
      ? `the result is ${facts.result ?? 'not stated'} instead of PASSED`
      : undefined) ??
    (maxAge === undefined ? undefined : ageLack(facts.statedAt, time, maxAge, now)) ??
    textLack('scanner', scanner, facts.scanner, uriMatches) ??
    textLack('builder', builder, facts.builder, uriMatches) ??
    textLack('source', source, facts.sourceRepository, repositoryMatches) ??
    textLack('ref', ref, facts.sourceRef, uriMatches) ??
    textLack('verifier', verifier, facts.verifier, uriMatches) ??
    textLack('policy', policy, facts.policy, uriMatches) ??
    (level === undefined ? undefined : levelLack(level, levelOf(facts))) ??
    verifiedLevelLack(verifiedLevels ?? [], facts.verifiedLevels ?? [])
  );
}

export function oneOf(texts: readonly string[]): string {
  return texts.length === 1 ? `${texts[0]}` : `one of ${texts.join(', ')}`;
}

/** Both times count: whoever signs can state any time, and a log proves only when it was signed. */
function ageLack(
  stated: string | undefined,
  proven: string | undefined,
  maxAge: number,
  now: number,
): string | undefined {
  if (stated === undefined) return 'the time is not stated';
  return (
    timeLack('stated', stated, maxAge, now) ??
    (proven === undefined ? undefined : timeLack('proven', proven, maxAge, now))
  );
}

function timeLack(how: 'stated' | 'proven', time: string, maxAge: number, now: number): string | undefined {
  const age = timePattern.test(time) ? now - Date.parse(time) : Number.NaN;
  if (Number.isNaN(age)) return `the time that is ${how} is none: ${time}`;
  if (age < -clockSkewMs) return `the time that is ${how}, ${time}, is in the future`;
  return age > maxAge ? `the time that is ${how}, ${time}, is longer ago than ${durationText(maxAge)}` : undefined;
}

/** RFC 3339: without its zone a time would be another one on each machine. */
const timePattern = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,30})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

function textLack(
  what: string,
  wanted: readonly UriPattern[] | undefined,
  stated: string | undefined,
  fits: (pattern: UriPattern, text: string) => boolean,
): string | undefined {
  if (wanted === undefined || (stated !== undefined && wanted.some((pattern) => fits(pattern, stated))))
    return undefined;
  return `the ${what} is ${stated ?? 'not stated'} instead of ${oneOf(wanted.map(({ text }) => text))}`;
}

function levelLack(wanted: number, known: number | undefined): string | undefined {
  if (known !== undefined && known >= wanted) return undefined;
  return `the build level is ${known ?? 'not known'} instead of ${wanted}`;
}

/** SLSA's words for levels of a VSA: `SLSA_BUILD_LEVEL_3` (SLSA v1.0, "SlsaResult"). */
function levelOf({ buildLevel, verifiedLevels = [] }: AttestationFacts): number | undefined {
  const levels = verifiedLevels.flatMap((text) => {
    const [, digit] = /^SLSA_BUILD_LEVEL_([0-3])$/.exec(text) ?? [];
    return digit === undefined ? [] : [Number(digit)];
  });
  return buildLevel ?? (levels.length === 0 ? undefined : Math.max(...levels));
}

function verifiedLevelLack(wanted: readonly string[], stated: readonly string[]): string | undefined {
  const absent = wanted.find((each) => !stated.includes(each));
  return absent === undefined ? undefined : `${absent} is not among the verified levels`;
}
