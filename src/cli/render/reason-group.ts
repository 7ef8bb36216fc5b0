import type { Reason, Verdict } from '../../policy/index.ts';
import type { Component, Evidence, Finding } from '../../sbom/index.ts';
import { type FindingGroup, groupFindings } from './group.ts';

/** Reasons that read as one: the same rules for findings of one package, or one rule for several other things. */
export interface ReasonGroup {
  readonly action: Reason['action'];
  readonly rules: readonly string[];
  /** The rules' own words. */
  readonly why: readonly string[];
  readonly reasons: readonly Reason[];
  /** Absent for reasons about components as such (licences, bans) and about what could not be found out. */
  readonly findings?: FindingGroup | undefined;
}

/** In the order of the verdict's reasons: what denies first, worst first. A finding that is denied is not listed as a warning too. */
export function groupReasons({ reasons }: Verdict, { findings, components }: Evidence): readonly ReasonGroup[] {
  const findingOf = new Map(findings.map((finding) => [keyOf(finding.component, finding.id), finding]));
  const componentOf = new Map(components.map((component) => [component.id, component]));
  const denied = new Set(
    reasons.filter(({ action }) => action === 'deny').map(({ component, finding }) => keyOf(component, finding)),
  );
  const shown = reasons.filter(
    ({ action, component, finding }) =>
      action === 'deny' || finding === undefined || !denied.has(keyOf(component, finding)),
  );
  const rulesFor = Map.groupBy(shown, ({ component, finding }) => keyOf(component, finding));
  const groups = Map.groupBy(shown, ({ action, rule, component, finding }) => {
    const found = findingOf.get(keyOf(component, finding));
    if (found === undefined) return JSON.stringify([action, rule]);
    const rules = rulesFor.get(keyOf(component, finding))?.map((reason) => reason.rule);
    const { matched } = found;
    return JSON.stringify([action, rules, componentOf.get(found.component)?.type, matched.package, matched.version]);
  });
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const named = members.flatMap((reason) => findingOf.get(keyOf(reason.component, reason.finding)) ?? []);
    return {
      action: first.action,
      rules: [...new Set(members.map(({ rule }) => rule))],
      why: [...new Set(members.flatMap(({ why }) => why ?? []))],
      reasons: members,
      findings: groupFindings(placedComponents(members, componentOf), [...new Set(named)])[0],
    };
  });
}

/** Findings that no rule holds for, without those that are suppressed; each once for a package. */
export function unreasoned({ reasons }: Verdict, { components }: Evidence, standing: readonly Finding[]): Finding[] {
  const named = new Set(reasons.map(({ component, finding }) => keyOf(component, finding)));
  const others = standing.filter((finding) => !named.has(keyOf(finding.component, finding.id)));
  return groupFindings(components, others).flatMap(({ findings }) => findings);
}

/** The components of the reasons, only at the places that the reasons are about. */
function placedComponents(reasons: readonly Reason[], componentOf: ReadonlyMap<string, Component>): Component[] {
  const byComponent = Map.groupBy(reasons, ({ component }) => component ?? '');
  return [...byComponent].flatMap(([id, members]) => {
    const component = componentOf.get(id);
    if (component === undefined) return [];
    const held = new Set(members.flatMap(({ where }) => where.map(({ path, layer }) => `${layer} ${path}`)));
    const locations = component.locations.filter(({ path, layer }) => held.has(`${layer} ${path}`));
    return { ...component, locations };
  });
}

function keyOf(component: string | undefined, finding: string | undefined): string {
  return finding === undefined ? '' : JSON.stringify([component, finding]);
}
