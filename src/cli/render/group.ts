import type { Component, Evidence, Finding } from '../../sbom/index.ts';
import { severityLevels } from '../../sbom/index.ts';
import { fixForAll } from '../../vuln/index.ts';

/** Findings that one update would answer: all of one package at one version, for distributions the source package with its binary packages. */
export interface FindingGroup {
  readonly type: Component['type'];
  readonly name: string;
  readonly version: string;
  /** Names of the binary packages, where they are not just `name`. */
  readonly packages: readonly string[];
  readonly components: readonly Component[];
  /** One for each vulnerability, worst first. */
  readonly findings: readonly Finding[];
  /** The smallest version that clears all of them. */
  readonly clears: string | undefined;
}

/** Worst first: the order of the findings is that of the evidence. */
export function groupFindings({ components, findings }: Pick<Evidence, 'components' | 'findings'>): FindingGroup[] {
  const byId = new Map(components.map((component) => [component.id, component]));
  const groups = Map.groupBy(findings, ({ component, matched }) => {
    const type = byId.get(component)?.type ?? 'generic';
    return JSON.stringify([type, matched.package, matched.version]);
  });
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const affected = [...new Set(members.map(({ component }) => component))].flatMap((id) => byId.get(id) ?? []);
    const names = [...new Set(affected.map(({ name }) => name))].sort();
    const once = [...new Map(members.toReversed().map((finding) => [finding.id, finding])).values()].reverse();
    return {
      type: affected[0]?.type ?? 'generic',
      name: first.matched.package,
      version: first.matched.version,
      packages: names.length === 1 && names[0] === first.matched.package ? [] : names,
      components: affected,
      findings: once,
      clears: fixForAll(once),
    };
  });
}

/** How many vulnerabilities there are of each level, each counted once for a package. */
export function countSeverities(groups: readonly FindingGroup[]): readonly (readonly [level: string, count: number])[] {
  const all = groups.flatMap(({ findings }) => findings);
  return severityLevels.flatMap((level) => {
    const count = all.filter(({ severity }) => severity.level === level).length;
    return count === 0 ? [] : [[level, count] as const];
  });
}

/** The fix of one finding in a few words. */
export function fixText({ fix }: Finding): string {
  switch (fix.state) {
    case 'fixed':
      return fix.version;
    case 'not-fixed':
      return 'no fix yet';
    case 'wont-fix':
      return `won't fix (${fix.reason})`;
    case 'unknown':
      return 'fix unknown';
  }
}
