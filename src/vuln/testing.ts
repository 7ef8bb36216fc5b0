/**
 * For tests of what asks the advisory database: one in memory, made of OSV records. And for those of matching:
 * components and records in few words, and a comparison that fails on a match it did not expect.
 */
import assert from 'node:assert/strict';
import { type Component, type Distro, type Finding, purlFor } from '../sbom/index.ts';
import { type AdvisoryLookup, packageKey } from './advisory.ts';
import { type Matches, type MatchOptions, matchComponents } from './match.ts';
import { baseEcosystem, type OsvRecord, parseOsv } from './osv.ts';

type Exploited = NonNullable<ReturnType<AdvisoryLookup['exploited']>>;
type Epss = NonNullable<ReturnType<AdvisoryLookup['epss']>>;

/** What the database holds beside the records, by CVE. */
interface Enrichment {
  readonly kev?: Readonly<Record<string, Exploited>>;
  readonly epss?: Readonly<Record<string, Epss>>;
}

/** `lookupOf([parseOsv({ id: 'GHSA-…', … })], { epss: { 'CVE-2024-0001': { score: 0.9, percentile: 0.99 } } })` */
export function lookupOf(records: readonly OsvRecord[], { kev, epss }: Enrichment = {}): AdvisoryLookup {
  const kept = records.filter(({ withdrawn }) => !withdrawn);
  const entries = kept.flatMap(({ advisory, affected }) => affected.map((one) => ({ advisory, affected: one })));
  const keyOf = (ecosystem: string, name: string) => `${ecosystem}\0${packageKey(baseEcosystem(ecosystem), name)}`;
  const byPackage = Map.groupBy(entries, ({ affected }) => keyOf(affected.ecosystem, affected.name));
  return {
    ecosystems: new Set(entries.map(({ affected }) => affected.ecosystem)),
    find: (ecosystem, name) => byPackage.get(keyOf(ecosystem, name)) ?? [],
    exploited: (cve) => kev?.[cve],
    epss: (cve) => epss?.[cve],
    severities: (names) =>
      kept
        .filter(({ advisory: { id, aliases } }) => [id, ...aliases].some((name) => names.includes(name)))
        .map(({ advisory, affected }) => ({
          advisory: advisory.id,
          severity: [...advisory.severity, ...affected.flatMap(({ severity }) => severity)],
          rating: advisory.rating,
        })),
  };
}

export type Given = Partial<Component> & Pick<Component, 'type' | 'name'>;

/** A component as a cataloger would give it. */
export function componentOf(given: Given, distro?: Distro): Component {
  return {
    licenses: [],
    hashes: [],
    locations: [],
    dependsOn: [],
    foundBy: 'test',
    ...given,
    id: given.id ?? purlFor(given, distro),
  };
}

interface AffectedEntry {
  readonly ecosystem: string;
  readonly name: string;
  readonly events?: readonly Readonly<Record<string, string>>[];
  readonly versions?: readonly string[];
  readonly purl?: string;
  /** More of `affected[]`. */
  readonly rest?: object;
}

/** An OSV record as feeds write it, read. `rest`: more of the record. */
export function osv(id: string, affected: AffectedEntry | readonly AffectedEntry[], rest: object = {}): OsvRecord {
  return parseOsv({
    id,
    modified: '2024-05-01T00:00:00Z',
    affected: [affected].flat().map(({ ecosystem, name, events, versions, purl, rest: more }: AffectedEntry) => ({
      package: { ecosystem, name, ...(purl === undefined ? {} : { purl }) },
      ...(events === undefined ? {} : { ranges: [{ type: 'ECOSYSTEM', events }] }),
      ...(versions === undefined ? {} : { versions }),
      ...more,
    })),
    ...rest,
  });
}

/** The events of "every version below". */
export function below(fixed: string): readonly Readonly<Record<string, string>>[] {
  return [{ introduced: '0' }, { fixed }];
}

/** Matches components against a database of exactly these records. */
export function match(
  given: readonly Given[],
  records: readonly OsvRecord[],
  distro?: Distro,
  options: MatchOptions & Enrichment = { ubuntuPro: false },
): Matches {
  const components = given.map((one) => componentOf(one, distro));
  return matchComponents({ components, distro }, lookupOf(records, options), options);
}

/** All findings, no more and no fewer, as `package@version id`; and all that is unknown, by component or `ecosystem count`. */
export function assertMatches(matches: Matches, findings: readonly string[], unknown: readonly string[] = []): void {
  assert.deepEqual(
    matches.findings.map(({ matched, id }) => `${matched.package}@${matched.version} ${id}`).sort(),
    [...findings].sort(),
  );
  assert.deepEqual(
    matches.unknown.map((one) => {
      if (one.kind === 'no-version') return one.component;
      return one.kind === 'no-advisories' ? `${one.ecosystem} ${one.components}` : one.kind;
    }),
    unknown,
  );
}

export function onlyFinding({ findings }: Matches): Finding {
  const [finding, ...others] = findings;
  assert.ok(finding);
  assert.deepEqual(others, []);
  return finding;
}
