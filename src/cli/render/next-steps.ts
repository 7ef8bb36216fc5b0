import type { Verdict } from '../../policy/index.ts';
import type { Evidence } from '../../sbom/index.ts';
import { layerText } from './about.ts';
import { type FindingGroup, groupFindings, isToRemove } from './group.ts';
import type { ReasonGroup } from './reason-group.ts';
import type { Report } from './report.ts';
import { count } from './text.ts';

const shownUpdates = 5;

/** What a person can do about a verdict, the most useful first. Nothing for `allow`. */
export function nextSteps(
  { outcome }: Verdict,
  all: readonly ReasonGroup[],
  { evidence, rescan }: Report,
): readonly string[] {
  if (outcome === 'allow') return [];
  const groups = all.filter(({ action }) => action === outcome);
  const other = groups.filter(({ findings }) => findings === undefined);
  const fixes = new Set(other.flatMap(({ reasons }) => reasons.flatMap(({ fix }) => fix ?? [])));
  return [
    ...updates(groups, evidence),
    ...fixes,
    ...layerStep(groups, evidence),
    ...(outcome === 'deny'
      ? ['To accept something for a time, write an exception with a reason and an end date into plimsoll.yaml.']
      : []),
    ...(rescan === undefined || evidence.findings.length === 0 ? [] : [`See every finding: ${rescan}`]),
  ];
}

/** One for each package, whatever the rules; and what would fix the rest of it too. */
function updates(groups: readonly ReasonGroup[], { components, findings: all }: Evidence): string[] {
  const clearing = new Map(groupFindings(components, all).map((group) => [keyOf(group), group.update?.version]));
  const packages = Map.groupBy(
    groups.flatMap(({ findings, reasons }) => (findings === undefined ? [] : { group: findings, reasons })),
    ({ group }) => keyOf(group),
  );
  const steps = [...packages].flatMap(([key, members]) => {
    const [whole] = groupFindings(
      components,
      members.flatMap(({ group }) => group.findings),
    );
    if (whole !== undefined && isToRemove(whole)) return [`Remove ${whole.name} ${whole.version}: it is malware.`];
    if (whole?.update === undefined) return [];
    const { version } = whole.update;
    const most = clearing.get(key);
    const more = most === undefined || most === version ? '' : `; ${most} fixes all that can be fixed`;
    const reasons = members.reduce((sum, member) => sum + member.reasons.length, 0);
    return [`Update ${whole.name} to ${version}: answers ${count(reasons, 'reason')}${more}.`];
  });
  const rest = steps.length - shownUpdates;
  return rest > 0 ? [...steps.slice(0, shownUpdates), `Mend ${count(rest, 'more package')} as shown above.`] : steps;
}

function keyOf({ type, name, version }: FindingGroup): string {
  return JSON.stringify([type, name, version]);
}

/** Where one layer brings most of it, that layer is the place to begin. */
function layerStep(groups: readonly ReasonGroup[], evidence: Evidence): string[] {
  const reasons = groups.flatMap((group) => group.reasons);
  const layers = Map.groupBy(
    reasons.flatMap(({ where }) => where[0]?.layer ?? []),
    (layer) => layer,
  );
  const [most] = [...layers.values()].sort((a, b) => b.length - a.length);
  const layer = most?.[0];
  if (most === undefined || layer === undefined || most.length < 2 || most.length * 2 < reasons.length) return [];
  return [`${most.length} of ${count(reasons.length, 'reason')} come with ${layerText(layer, evidence)}`];
}
