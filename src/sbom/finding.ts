/** From worst to least; `unknown` (no data) sorts between high and medium, since it may be either. */
export const severityLevels = ['critical', 'high', 'unknown', 'medium', 'low', 'none'] as const;
export type SeverityLevel = (typeof severityLevels)[number];

export interface Severity {
  readonly level: SeverityLevel;
  /** CVSS base score, 0 to 10. */
  readonly score?: number | undefined;
  /** The CVSS vector that was scored. */
  readonly vector?: string | undefined;
  /** Who rated it: `Debian`, `Ubuntu`, `GHSA-…` (the advisory whose vector it is). Absent for `unknown`. */
  readonly source?: string | undefined;
}

/** Affected from one version up to, but not including, the fixed one. Absent: no fix is stated. */
export interface AffectedAgain {
  readonly from: string;
  readonly fixed?: string | undefined;
}

export type Fix =
  /** `version`: the smallest fixed version above the installed one, on its branch. `since`: when the advisory with it was published (RFC 3339). */
  | {
      readonly state: 'fixed';
      readonly version: string;
      readonly since?: string | undefined;
      /**
       * Versions from `version` on for which it holds again, in order: later branches, and `version` itself where advisories, or
       * the entries of one, disagree about it.
       */
      readonly affectedAgain?: readonly AffectedAgain[] | undefined;
    }
  | { readonly state: 'not-fixed' }
  /** The distribution decided not to: end of life, no DSA, unimportant. */
  | { readonly state: 'wont-fix'; readonly reason: string }
  | { readonly state: 'unknown' };

/** An advisory that holds for a component: one for each vulnerability, with all its names (CVE, GHSA, DSA, …). */
export interface Finding {
  /** The name to show: the CVE where there is one. */
  readonly id: string;
  /** All names, `id` among them, sorted. */
  readonly names: readonly string[];
  readonly kind: 'vulnerability' | 'malware' | 'unmaintained';
  /** `Component.id`. */
  readonly component: string;
  /** What was compared, so that a reader can check it: ecosystem and package as the advisory names them, the version held against it. */
  readonly matched: { readonly ecosystem: string; readonly package: string; readonly version: string };
  readonly summary?: string | undefined;
  readonly severity: Severity;
  readonly fix: Fix;
  /** In CISA's Known Exploited Vulnerabilities catalogue. Dates are `YYYY-MM-DD`. */
  readonly exploited?:
    | { readonly since: string; readonly due?: string | undefined; readonly ransomware: boolean }
    | undefined;
  /** FIRST's EPSS: probability and percentile, both 0 to 1. */
  readonly epss?: { readonly score: number; readonly percentile: number } | undefined;
  /** RFC 3339. */
  readonly published?: string | undefined;
  readonly modified?: string | undefined;
  /** The advisories that say so, by id, sorted, with the page that tells more. */
  readonly advisories: readonly { readonly id: string; readonly url: string }[];
}
