import type { ExceptionNote, Place, Reason, Suppressed } from '../../policy/index.ts';
import type { Component, Evidence, Finding, SeverityLevel } from '../../sbom/index.ts';
import type { Accepted } from './accepted.ts';
import { groupFindings } from './group.ts';
import { type Report, splitFindings } from './report.ts';
import type { ReportDocument } from './report-schema.ts';

type Result = ReportDocument['results'][number];
type Counts = Result['counts'];
type Named = NonNullable<NonNullable<Result['verdict']>['reasons'][number]['component']>;

/** The report for programs: everything, with what belongs together in one place. Nothing in it depends on the clock. */
export function renderJson(
  reports: readonly Report[],
  toolVersion: string,
  accepted: readonly Accepted[] = [],
): string {
  const document: ReportDocument = {
    format: 'plimsoll-report',
    version: 1,
    tool: { name: 'plimsoll', version: toolVersion },
    results: reports.map(resultOf),
    ...(accepted.length > 0 && { accepted }),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function resultOf(report: Report): Result {
  const { evidence } = report;
  const { artifact, distro, unknown, advisories } = evidence;
  const { standing, covered } = splitFindings(report);
  const write = findingWriter(evidence, standing);
  return {
    artifact,
    distro,
    counts: countsOf(evidence, standing, covered.length),
    verdict: verdictOf(report),
    findings: standing.map(write),
    suppressed: covered.map(({ finding, by }) => ({ finding: write(finding), by })),
    unknown,
    advisories,
    trust: evidence.trust,
  };
}

function countsOf({ components, unknown }: Evidence, findings: readonly Finding[], suppressed: number): Counts {
  const number = (holds: (finding: Finding) => boolean) => findings.filter(holds).length;
  const level = (name: SeverityLevel) => number(({ severity }) => severity.level === name);
  return {
    components: components.length,
    findings: findings.length,
    vulnerabilities: new Set(findings.map(({ id }) => id)).size,
    levels: {
      critical: level('critical'),
      high: level('high'),
      unknown: level('unknown'),
      medium: level('medium'),
      low: level('low'),
      none: level('none'),
    },
    malware: number(({ kind }) => kind === 'malware'),
    exploited: number(({ exploited }) => exploited !== undefined),
    fixable: number(({ fix }) => fix.state === 'fixed'),
    suppressed,
    unknown: unknown.length,
  };
}

/** A finding with its component and the version that clears all of them, so that a reader needs no join. */
function findingWriter(
  evidence: Evidence,
  standing: readonly Finding[],
): (finding: Finding) => Result['findings'][number] {
  const components = new Map(evidence.components.map((component) => [component.id, component]));
  const clearing = new Map<string, string>();
  for (const { update, findings, components: members } of groupFindings(evidence.components, standing)) {
    if (update === undefined || update.fixes < findings.length) continue;
    for (const { id } of members) clearing.set(id, update.version);
  }
  return ({ component: id, names, advisories, ...finding }) => ({
    id: finding.id,
    names,
    kind: finding.kind,
    component: componentOf(id, components.get(id), finding.matched, evidence),
    matched: finding.matched,
    summary: finding.summary,
    severity: finding.severity,
    fix: finding.fix,
    clearsAll: clearing.get(id),
    exploited: finding.exploited,
    epss: finding.epss,
    published: finding.published,
    modified: finding.modified,
    advisories,
  });
}

/** A finding whose component the evidence does not list is told by what the finding itself says. */
function componentOf(
  id: string,
  component: Component | undefined,
  matched: Finding['matched'],
  { artifact }: Evidence,
): Result['findings'][number]['component'] {
  if (component === undefined) {
    return { id, type: 'generic', name: matched.package, version: matched.version, locations: [] };
  }
  const { type, name, version, source, scope, ownedBy, locations } = component;
  const layers = artifact.kind === 'image' ? artifact.layers : [];
  return {
    id,
    type,
    name,
    version,
    source,
    scope,
    ownedBy,
    locations: locations.map(({ path, layer }) => ({
      path,
      layer,
      instruction: layer === undefined ? undefined : layers[layer]?.createdBy,
    })),
  };
}

function verdictOf({ evidence, verdict }: Report): Result['verdict'] {
  if (verdict === undefined) return undefined;
  const names = new Map(
    evidence.components.map(({ id, type, name, version }): [string, Named] => [id, { id, type, name, version }]),
  );
  const named = (id: string | undefined) =>
    id === undefined ? undefined : (names.get(id) ?? { id, type: 'generic', name: id });
  const { gate, outcome, policy, at, judged } = verdict;
  return {
    gate,
    outcome,
    reasons: verdict.reasons.map((reason) => reasonOf(reason, named(reason.component))),
    suppressed: verdict.suppressed.map((entry) => coveredOf(entry, named(entry.component))),
    expired: verdict.expired.map((entry) => coveredOf(entry, named(entry.component))),
    unused: verdict.unused.map(noteOf),
    policy,
    at,
    judged,
  };
}

function reasonOf({ action, rule, message, why, finding, unknown, where, fix }: Reason, component: Named | undefined) {
  return { action, rule, message, why, component, finding, unknown, where: where.map(placeOf), fix };
}

function coveredOf(entry: Suppressed, component: Named | undefined) {
  const { finding, unknown, rule, where } = entry;
  return { ...noteOf(entry), component, finding, unknown, rule, where: where.map(placeOf) };
}

function noteOf({ by, reason, until, ticket, approvedBy, vex }: ExceptionNote): ExceptionNote {
  return { by, reason, until, ticket, approvedBy, vex };
}

function placeOf({ path, layer, instruction }: Place): Place {
  return { path, layer, instruction };
}
