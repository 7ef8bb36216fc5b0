/** An advisory as the database keeps it: the parts of an OSV record (ossf.github.io/osv-schema, 1.7) that matching and ranking use. */
export interface Advisory {
  readonly id: string;
  /** Same vulnerability under other names. */
  readonly aliases: readonly string[];
  /** Vulnerabilities that this advisory carries downstream (OSV `upstream`; for errata whose feeds lack it, the CVEs of `related`). */
  readonly upstream: readonly string[];
  readonly summary?: string | undefined;
  readonly severity: readonly CvssScore[];
  /** A rating in words, where the feed has one for the whole record: GHSA's `database_specific.severity`, as written. */
  readonly rating?: string | undefined;
  /** RFC 3339. */
  readonly published?: string | undefined;
  /** RFC 3339. Absent where the feed states no real time (Go's `0001-01-01`). */
  readonly modified?: string | undefined;
  readonly kind: 'vulnerability' | 'malware' | 'unmaintained';
  /** At most two pages that tell more, the advisory's own page first. */
  readonly references?: readonly string[] | undefined;
}

/** OSV `severity[]`: `type` is `CVSS_V2`, `CVSS_V3`, `CVSS_V4`, or a distribution's own scale (`Ubuntu`), `score` its vector or word. */
export interface CvssScore {
  readonly type: string;
  readonly score: string;
}

/** OSV `affected[].ranges[]`, without GIT ranges. */
export interface AffectedRange {
  readonly type: 'SEMVER' | 'ECOSYSTEM';
  readonly events: readonly RangeEvent[];
}

export type RangeEvent =
  | { readonly introduced: string }
  | { readonly fixed: string }
  | { readonly lastAffected: string }
  | { readonly limit: string };

/** OSV `affected[]`: one package in one ecosystem. */
export interface Affected {
  /** With its release, as the feed writes it: `Debian:12`, `Alpine:v3.20`, `npm`. */
  readonly ecosystem: string;
  /** As the advisory spells it. */
  readonly name: string;
  readonly ranges: readonly AffectedRange[];
  readonly versions: readonly string[];
  readonly severity: readonly CvssScore[];
  /** The distribution's own rating or state of this package: Debian `urgency` (`unimportant`, `end-of-life`, `high**`…), Wolfi `status`, as written. */
  readonly rating?: string | undefined;
  /** `arch=source`, `distro=…`, `rpmmod=…` and so on from the package's purl. */
  readonly qualifiers: Readonly<Record<string, string>>;
}

/** The database as matching sees it. Pure in use: the same database gives the same answers. */
export interface AdvisoryLookup {
  /** The ecosystems (with release) that have at least one advisory. */
  readonly ecosystems: ReadonlySet<string>;
  /**
   * Advisories about one package, not withdrawn. `name` is normalised by `packageKey` on both sides.
   */
  find(ecosystem: string, name: string): readonly { readonly advisory: Advisory; readonly affected: Affected }[];
  /** CISA KEV, by CVE. Dates `YYYY-MM-DD`. */
  exploited(
    cve: string,
  ): { readonly since: string; readonly due?: string | undefined; readonly ransomware: boolean } | undefined;
  /** FIRST EPSS, by CVE. */
  epss(cve: string): { readonly score: number; readonly percentile: number } | undefined;
  /** CVSS scores that any advisory gives to one of these names or an alias of it, for advisories that have none of their own. */
  severities(names: readonly string[]): readonly {
    readonly advisory: string;
    readonly severity: readonly CvssScore[];
    readonly rating?: string | undefined;
  }[];
}

/** The name under which a package of an ecosystem is stored and looked up, where the ecosystem has a rule for equal names. */
export function packageKey(ecosystem: string, name: string): string {
  switch (ecosystem) {
    case 'PyPI': // PEP 503, "Normalized Names"
      return name.toLowerCase().replace(/[-_.]+/g, '-');
    case 'NuGet':
    case 'Packagist': // names are compared without regard to case
      return name.toLowerCase();
    default:
      return name;
  }
}
