import { messageOf, type PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Advisory, Affected, AffectedRange, CvssScore, RangeEvent } from './advisory.ts';
import { badRecord, isObject, type JsonObject, list, object, optionalText, text, texts } from './narrow.ts';
import { knownTime } from './timestamp.ts';

/** An OSV record, read. */
export interface OsvRecord {
  readonly advisory: Advisory;
  /** Without what no package version can be held against: GIT ranges, entries without a package. */
  readonly affected: readonly Affected[];
  readonly withdrawn: boolean;
}

/**
 * Reads an OSV record (ossf.github.io/osv-schema, 1.7) from its JSON.
 * @throws PlimsollError `vuln/bad-record`
 */
export function readOsv(json: Uint8Array): OsvRecord {
  if (json.length > limits.advisoryBytes) throw recordTooLarge(json.length);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
  } catch (thrown) {
    throw badRecord(`It is not JSON: ${messageOf(thrown).slice(0, 200)}`);
  }
  return parseOsv(parsed);
}

/**
 * What feeds do beyond the schema, and what becomes of it here:
 * - AlmaLinux, Rocky: errata; the vulnerabilities are in `related`, the rating is the first word of `summary`
 *   (`Important: …`). Bug-fix and enhancement errata (`ALBA-`, `ALEA-`) that name no CVE concern no vulnerability:
 *   they are kept by name and affect nothing.
 * - Debian (`DSA-`, `DLA-`), Ubuntu (`USN-`): older exports list the CVEs of an advisory as `aliases`; several CVEs are
 *   not one, so in a distribution's record CVE aliases are `upstream`. Debian's `ecosystem_specific.urgency` and
 *   Ubuntu's older `ubuntu_priority` are the package's rating; Ubuntu's newer one is `severity` of type `Ubuntu`.
 * - Distributions enumerate `versions` that their ECOSYSTEM range covers already, hundreds for each package: left out.
 * - Wolfi and Chainguard: `database_specific.status` (`fixed`, `detection`, `pending-upstream-fix`, `fix-not-planned`,
 *   `true-positive-determination`) is the package's rating.
 * - Go: `modified` and often `published` are `0001-01-01`: absent. `ecosystem_specific.custom_ranges` hold versions that
 *   the module proxy does not know; like Go's own tools, the SEMVER range (which is wider) decides.
 * - GHSA (Maven, npm, NuGet, …): the upper bound is sometimes only in
 *   `database_specific.last_known_affected_version_range`; `<= 1.2` is a last affected version, `< 1.2` a limit.
 * - Bitnami: CVSS stands with the package, not the record. RubyGems: a bare CVSS 3 score, `database_specific.cvss_v3`.
 * - crates.io: `informational: unmaintained`; `categories: [malicious]`.
 * - Malware: ids or aliases `MAL-…`, `malicious-packages-origins`, CWE-506 (embedded malicious code).
 * @throws PlimsollError `vuln/bad-record`
 */
export function parseOsv(json: unknown): OsvRecord {
  const record = object(json, 'The record');
  const id = advisoryId(record['id']);
  const details = isObject(record['database_specific']) ? record['database_specific'] : {};
  const entries = list(record['affected'], 'affected', limits.advisoryPackages).map((entry) =>
    object(entry, 'affected[]'),
  );
  const packages = affectedPackages(entries, word(details['status']));
  const distributed = packages.length > 0 && packages.every(({ ecosystem }) => isDistribution(ecosystem));
  const { aliases, upstream } = namesOf(record, distributed);
  const summary = optionalText(record['summary'], 'summary');
  const advisory: Advisory = {
    id,
    aliases,
    upstream,
    summary: summary === undefined ? undefined : shown(summary),
    severity: cvssScores(record['severity'], 'severity'),
    rating: ratingOf(details, distributed ? summary : undefined),
    published: knownTime(optionalText(record['published'], 'published')),
    modified: knownTime(optionalText(record['modified'], 'modified')),
    kind: kindOf([id, ...aliases], details, entries),
    references: references(record['references'], details['url']),
  };
  const concernsNothing = bugFixErratum.test(id) && upstream.length === 0;
  return {
    advisory,
    affected: concernsNothing ? [] : packages.filter(({ ranges, versions }) => ranges.length + versions.length > 0),
    withdrawn: knownTime(optionalText(record['withdrawn'], 'withdrawn')) !== undefined,
  };
}

const distributions: ReadonlySet<string> = new Set([
  'AlmaLinux',
  'Alpaquita',
  'Alpine',
  'Azure Linux',
  'BellSoft Hardened Containers',
  'Chainguard',
  'Debian',
  'Echo',
  'MinimOS',
  'Mageia',
  'openEuler',
  'openSUSE',
  'Photon OS',
  'Red Hat',
  'Rocky Linux',
  'SUSE',
  'TuxCare',
  'Ubuntu',
  'Wolfi',
]);

/** `ALBA-`, `ALEA-`, `RLBA-`, `RLEA-`, `RHBA-`, …: bug fixes and enhancements. */
const bugFixErratum = /^[A-Z]{2}[BE]A-\d/;
const cveId = /^CVE-\d{4}-\d{4,}$/;

/** The ecosystem without its release: `Debian` of `Debian:12`. */
export function baseEcosystem(ecosystem: string): string {
  const colon = ecosystem.indexOf(':');
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}

function isDistribution(ecosystem: string): boolean {
  return distributions.has(baseEcosystem(ecosystem));
}

/** Ids become file names and addresses in a feed: nothing that leads elsewhere. */
export function isAdvisoryId(id: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9 ._:;+~@,()-]{0,199}$/.test(id) && !id.includes('..');
}

function advisoryId(value: unknown): string {
  const id = text(value, 'id');
  if (!isAdvisoryId(id)) throw badRecord(`id ${JSON.stringify(id.slice(0, 100))} is not the name of an advisory`);
  return id;
}

function namesOf(
  record: JsonObject,
  distributed: boolean,
): { readonly aliases: readonly string[]; readonly upstream: readonly string[] } {
  const aliases = texts(record['aliases'], 'aliases', limits.advisoryNames);
  const upstream = texts(record['upstream'], 'upstream', limits.advisoryNames);
  if (!distributed) return { aliases, upstream };
  const related = upstream.length > 0 ? [] : texts(record['related'], 'related', limits.advisoryNames);
  return {
    aliases: aliases.filter((name) => !cveId.test(name)),
    upstream: [...new Set([...upstream, ...[...aliases, ...related].filter((name) => cveId.test(name))])],
  };
}

function affectedPackages(entries: readonly JsonObject[], status: string | undefined): Affected[] {
  let events = 0;
  let versions = 0;
  return entries.flatMap((entry) => {
    const one = affectedPackage(entry, status);
    if (one === undefined) return [];
    for (const range of one.ranges) events += range.events.length;
    versions += one.versions.length;
    if (events > limits.advisoryEvents) throw badRecord(`It has more than ${limits.advisoryEvents} range events`);
    if (versions > limits.advisoryVersions) throw badRecord(`It lists more than ${limits.advisoryVersions} versions`);
    return [one];
  });
}

function affectedPackage(entry: JsonObject, status: string | undefined): Affected | undefined {
  if (entry['package'] === undefined || entry['package'] === null) return undefined;
  const named = object(entry['package'], 'affected[].package');
  const ecosystem = text(named['ecosystem'], 'affected[].package.ecosystem');
  const name = text(named['name'], 'affected[].package.name');
  const own = isObject(entry['ecosystem_specific']) ? entry['ecosystem_specific'] : {};
  const source = isObject(entry['database_specific']) ? entry['database_specific'] : {};
  const bound = upperBound(word(source['last_known_affected_version_range']));
  const ranges = list(entry['ranges'], 'affected[].ranges', limits.advisoryEvents).flatMap((range) =>
    versionRange(object(range, 'affected[].ranges[]'), bound),
  );
  const enumerated = ranges.length > 0 && isDistribution(ecosystem);
  return {
    ecosystem,
    name,
    ranges,
    versions: enumerated ? [] : texts(entry['versions'], 'affected[].versions', limits.advisoryVersions),
    severity: cvssScores(entry['severity'], 'affected[].severity'),
    rating: word(own['urgency']) ?? word(own['ubuntu_priority']) ?? status,
    qualifiers: purlQualifiers(word(named['purl'])),
  };
}

function versionRange(range: JsonObject, bound: RangeEvent | undefined): readonly AffectedRange[] {
  const { type } = range;
  if (type === 'GIT') return [];
  if (type !== 'SEMVER' && type !== 'ECOSYSTEM') {
    throw badRecord(`affected[].ranges[].type is ${JSON.stringify(type)?.slice(0, 50)}, not SEMVER, ECOSYSTEM or GIT`);
  }
  const events = list(range['events'], 'affected[].ranges[].events', limits.advisoryEvents).map(rangeEvent);
  if (events.length === 0) throw badRecord('affected[].ranges[].events is empty');
  const opened = events.reduce((open, event) => open + ('introduced' in event ? 1 : -1), 0);
  return [{ type, events: bound !== undefined && opened > 0 ? [...events, bound] : events }];
}

function rangeEvent(value: unknown): RangeEvent {
  const event = object(value, 'affected[].ranges[].events[]');
  const where = 'affected[].ranges[].events[]';
  if (event['introduced'] !== undefined) return { introduced: text(event['introduced'], `${where}.introduced`) };
  if (event['fixed'] !== undefined) return { fixed: text(event['fixed'], `${where}.fixed`) };
  if (event['last_affected'] !== undefined)
    return { lastAffected: text(event['last_affected'], `${where}.last_affected`) };
  if (event['limit'] !== undefined) return { limit: text(event['limit'], `${where}.limit`) };
  throw badRecord(`${where} is none of introduced, fixed, last_affected, limit`);
}

function upperBound(range: string | undefined): RangeEvent | undefined {
  const parts = range === undefined ? null : /^(<=?) ?([^\s,]+)$/.exec(range);
  const version = parts?.[2];
  if (version === undefined) return undefined;
  return parts?.[1] === '<=' ? { lastAffected: version } : { limit: version };
}

function cvssScores(value: unknown, where: string): readonly CvssScore[] {
  return list(value, where, 100).map((entry) => {
    const score = object(entry, `${where}[]`);
    return { type: text(score['type'], `${where}[].type`), score: text(score['score'], `${where}[].score`) };
  });
}

function ratingOf(details: JsonObject, errataSummary: string | undefined): string | undefined {
  const stated = word(details['severity']) ?? /^(Critical|Important|Moderate|Low): /.exec(errataSummary ?? '')?.[1];
  const score = details['cvss_v3'];
  return stated ?? (typeof score === 'number' ? ratingOfScore(score) : undefined);
}

/** FIRST, CVSS v3.1 specification, "Qualitative Severity Rating Scale". */
function ratingOfScore(score: number): string | undefined {
  if (score <= 0 || score > 10) return undefined;
  if (score < 4) return 'LOW';
  if (score < 7) return 'MEDIUM';
  return score < 9 ? 'HIGH' : 'CRITICAL';
}

function kindOf(names: readonly string[], details: JsonObject, entries: readonly JsonObject[]): Advisory['kind'] {
  if (names.some((name) => name.startsWith('MAL-'))) return 'malware';
  if (details['malicious-packages-origins'] !== undefined) return 'malware';
  if (holds(details['cwe_ids'], 'CWE-506')) return 'malware';
  const stated = entries.map((entry) => entry['database_specific']).filter(isObject);
  if (stated.some((own) => holds(own['categories'], 'malicious'))) return 'malware';
  return stated.some((own) => own['informational'] === 'unmaintained') ? 'unmaintained' : 'vulnerability';
}

function references(value: unknown, ownPage: unknown): readonly string[] | undefined {
  const pages = list(value, 'references', limits.advisoryEvents).filter(isObject);
  const advisories = pages.filter(({ type }) => type === 'ADVISORY');
  const found = new Set<string>();
  for (const url of [ownPage, ...advisories.map(({ url }) => url), ...pages.map(({ url }) => url)]) {
    if (found.size < 2 && typeof url === 'string' && /^https?:\/\/[^\s]{1,500}$/.test(url)) found.add(url);
  }
  return found.size === 0 ? undefined : [...found];
}

/**
 * package-url/purl-spec, "Rules for each purl component": qualifiers stand between `?` and `#`, joined by `&`; Ubuntu's
 * feed has joined them by `?`.
 */
function purlQualifiers(purl: string | undefined): Readonly<Record<string, string>> {
  const start = purl?.indexOf('?') ?? -1;
  if (purl === undefined || start < 0) return {};
  const query = purl
    .slice(start + 1)
    .replace(/#.*$/s, '')
    .replaceAll('+', '%2B')
    .replaceAll('?', '&');
  return Object.fromEntries(
    [...new URLSearchParams(query)].filter(([key, value]) => /^[a-z][a-z0-9._-]*$/.test(key) && value !== ''),
  );
}

export function recordTooLarge(bytes: number): PlimsollError {
  return badRecord(`It has ${bytes} bytes, more than the ${limits.advisoryBytes} allowed`);
}

/** A short text where the schema lets a feed write what it likes. */
function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 1_000 ? value : undefined;
}

function holds(value: unknown, entry: string): boolean {
  return Array.isArray(value) && value.includes(entry);
}

function shown(summary: string): string {
  return summary.length <= limits.advisorySummary ? summary : `${summary.slice(0, limits.advisorySummary - 1)}…`;
}
