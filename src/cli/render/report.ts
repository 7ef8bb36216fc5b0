import type { ExceptionNote, Suppression, Verdict } from '../../policy/index.ts';
import type { Component, Evidence, Finding } from '../../sbom/index.ts';

/** What there is to say about one target. */
export interface Report {
  readonly evidence: Evidence;
  /** Where it was held against a policy. */
  readonly verdict?: Verdict | undefined;
  /** Where it was not: the findings that statements from elsewhere (VEX) say do not count. */
  readonly suppressions?: readonly Suppression[] | undefined;
  /** As the user named it: `.`, `dir:web`. Absent: by what the evidence calls it. */
  readonly target?: string | undefined;
  /** The command that lists every finding of this target, where it can be looked at once more. */
  readonly rescan?: string | undefined;
}

/** A finding that does not count, and who says so. */
export interface Covered {
  readonly finding: Finding;
  readonly by: readonly ExceptionNote[];
}

/** The findings that count, and those that are suppressed altogether; both in the order of the evidence. */
export function splitFindings({ evidence, verdict, suppressions = [] }: Report): {
  readonly standing: readonly Finding[];
  readonly covered: readonly Covered[];
} {
  const components = new Map(evidence.components.map((component) => [component.id, component]));
  const stated = Map.groupBy(suppressions, ({ component }) => component);
  const judged = Map.groupBy(verdict?.suppressed ?? [], ({ component }) => component);
  const standing: Finding[] = [];
  const covered: Covered[] = [];
  for (const finding of evidence.findings) {
    const statements = (stated.get(finding.component) ?? []).filter((statement) => isSame(statement.finding, finding));
    const exceptions = (judged.get(finding.component) ?? []).filter(
      (entry) => entry.finding === finding.id && entry.rule === undefined,
    );
    const by = [...statements, ...exceptions].map(noteOf);
    const whole = statements.length > 0 || coversAll(exceptions, components.get(finding.component));
    if (whole) covered.push({ finding, by });
    else standing.push(finding);
  }
  return { standing, covered };
}

function isSame(name: string, finding: Finding): boolean {
  const wanted = name.toLowerCase();
  return finding.names.some((own) => own.toLowerCase() === wanted) || finding.id.toLowerCase() === wanted;
}

/** Exceptions can be for single paths; the finding counts as long as one of its places is left. */
function coversAll(
  exceptions: NonNullable<Report['verdict']>['suppressed'],
  component: Component | undefined,
): boolean {
  if (exceptions.length === 0) return false;
  const places = new Set(exceptions.flatMap(({ where }) => where.map(placeKey)));
  return component === undefined || component.locations.every((location) => places.has(placeKey(location)));
}

function placeKey({
  path,
  layer,
}: {
  readonly path?: string | undefined;
  readonly layer?: number | undefined;
}): string {
  return `${layer ?? ''} ${path ?? ''}`;
}

function noteOf({ by, reason, until, ticket, approvedBy, vex }: ExceptionNote): ExceptionNote {
  return { by, reason, until, ticket, approvedBy, vex };
}
