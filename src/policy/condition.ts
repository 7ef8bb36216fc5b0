import type { AdvisoryData, Component, Finding } from '../sbom/index.ts';
import { pathMatches } from './glob.ts';
import { type License, type LicensePattern, licenseMatches, readLicenses, unavoidable } from './license.ts';
import type { Rule } from './line.ts';
import { type PurlParts, type PurlPattern, purlMatches, splitPurl } from './purl-pattern.ts';
import type { Conditions, Range, Spared } from './schema.ts';
import type { Place } from './verdict.ts';

/** What a rule is held against: a component, alone or with one of its findings, at the places where it lies. */
export interface Subject {
  readonly component: Component;
  readonly finding?: Finding | undefined;
  /** At least one; where nothing is known a place without a path. */
  readonly places: readonly Place[];
}

/** What conditions look up about a component, worked out once for each. */
export interface Lookup {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The advisory data has no KEV, so that what is not marked as exploited may be. */
  readonly lacksKev: boolean;
  purl(component: Component): PurlParts;
  license(component: Component): License;
}

export function lookupAt(now: number, { lacks = [] }: Pick<AdvisoryData, 'lacks'>): Lookup {
  const purls = new Map<string, PurlParts>();
  const licenses = new Map<string, License>();
  return {
    now,
    lacksKev: lacks.includes('kev'),
    purl: ({ id }) => kept(purls, id, () => splitPurl(id)),
    license: ({ licenses: declared }) => kept(licenses, declared.join('\0'), () => readLicenses(declared)),
  };
}

/** The places at which the rule holds. None: it does not hold. */
export function placesOf({ when, except }: Rule, subject: Subject, lookup: Lookup): readonly Place[] {
  const places = placesWhere(when, subject, lookup);
  if (places.length === 0 || except === undefined) return places;
  const { license, ...others } = except;
  if (license !== undefined && !licenseSpared(when, license, lookup.license(subject.component))) return places;
  const spared = new Set(placesWhere(others, subject, lookup));
  return places.filter((place) => !spared.has(place));
}

export function anyPurlMatches(patterns: readonly PurlPattern[], component: Component, lookup: Lookup): boolean {
  return patterns.some((pattern) => purlMatches(pattern, lookup.purl(component)));
}

function hasName(finding: Finding, names: readonly string[]): boolean {
  const own = new Set([finding.id, ...finding.names].map((name) => name.toLowerCase()));
  return names.some((name) => own.has(name.toLowerCase()));
}

/** An exempted licence no longer counts: what remains must be avoidable without it. */
function licenseSpared(when: Conditions, spared: readonly LicensePattern[], license: License): boolean {
  const isSpared = anyOf(spared);
  if (when.license === undefined && when.licenseNotIn === undefined) return unavoidable(license, isSpared);
  const named = when.license === undefined ? undefined : anyOf(when.license);
  const allowed = when.licenseNotIn === undefined ? undefined : anyOf(when.licenseNotIn);
  const stillNamed = named === undefined || unavoidable(license, (leaf) => named(leaf) && !isSpared(leaf));
  const stillOutside = allowed === undefined || unavoidable(license, (leaf) => !allowed(leaf) && !isSpared(leaf));
  return !(stillNamed && stillOutside);
}

function placesWhere(conditions: Conditions | Spared, subject: Subject, lookup: Lookup): readonly Place[] {
  if (!componentFits(conditions, subject.component, lookup)) return [];
  if (subject.finding !== undefined && !findingFits(conditions, subject.finding, lookup)) return [];
  const { path } = conditions;
  if (path === undefined) return subject.places;
  return subject.places.filter((place) => {
    const at = place.path;
    return at !== undefined && path.some((pattern) => pathMatches(pattern, at));
  });
}

function componentFits(wanted: Conditions, component: Component, lookup: Lookup): boolean {
  const { license, licenseNotIn } = wanted;
  return (
    (wanted.component === undefined || anyPurlMatches(wanted.component, component, lookup)) &&
    (wanted.scope === undefined || isIn(component.scope, wanted.scope)) &&
    (license === undefined || unavoidable(lookup.license(component), anyOf(license))) &&
    (licenseNotIn === undefined || unavoidable(lookup.license(component), (leaf) => !anyOf(licenseNotIn)(leaf)))
  );
}

function findingFits(wanted: Conditions, finding: Finding, { now, lacksKev }: Lookup): boolean {
  const { exploited, epss, fix } = finding;
  const isKnown = exploited !== undefined || !lacksKev;
  const since = fix.state === 'fixed' ? ageOf(fix.since, now) : undefined;
  return (
    (wanted.vulnerability === undefined || hasName(finding, wanted.vulnerability)) &&
    (wanted.kind === undefined || wanted.kind.includes(finding.kind)) &&
    (wanted.severity === undefined || wanted.severity.includes(finding.severity.level)) &&
    (wanted.cvss === undefined || isWithin(finding.severity.score, wanted.cvss)) &&
    (wanted.epss === undefined || isWithin(epss?.score, wanted.epss)) &&
    (wanted.epssPercentile === undefined || isWithin(epss?.percentile, wanted.epssPercentile)) &&
    (wanted.exploited === undefined || (isKnown && wanted.exploited === (exploited !== undefined))) &&
    (wanted.ransomware === undefined || (isKnown && wanted.ransomware === (exploited?.ransomware === true))) &&
    (wanted.fix === undefined || wanted.fix.includes(fixWords[fix.state])) &&
    (wanted.fixAge === undefined || isWithin(since, wanted.fixAge)) &&
    (wanted.age === undefined || isWithin(ageOf(finding.published, now), wanted.age))
  );
}

const fixWords = { fixed: 'available', 'not-fixed': 'none', 'wont-fix': 'wont-fix', unknown: 'unknown' } as const;

/** Without a date a thing counts as old: an unknown date gives no grace. */
function ageOf(since: string | undefined, now: number): number {
  const age = since === undefined ? Number.NaN : now - Date.parse(since);
  return Number.isNaN(age) ? Number.POSITIVE_INFINITY : age;
}

function isWithin(value: number | undefined, wanted: Range | 'unknown'): boolean {
  if (wanted === 'unknown' || value === undefined) return wanted === 'unknown' && value === undefined;
  return (
    (wanted.atLeast === undefined || value >= wanted.atLeast) && (wanted.below === undefined || value < wanted.below)
  );
}

function isIn<Value>(value: Value | undefined, wanted: readonly Value[]): boolean {
  return value !== undefined && wanted.includes(value);
}

function anyOf(patterns: readonly LicensePattern[]): (leaf: Parameters<typeof licenseMatches>[1]) => boolean {
  return (leaf) => patterns.some((pattern) => licenseMatches(pattern, leaf));
}

function kept<Value>(memory: Map<string, Value>, key: string, make: () => Value): Value {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const value = make();
  memory.set(key, value);
  return value;
}
