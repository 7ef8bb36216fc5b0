import type { Verdict } from '../../policy/index.ts';
import type { Artifact, Evidence } from '../../sbom/index.ts';
import { layerText } from './about.ts';
import type { ReasonGroup } from './reason-group.ts';
import { count } from './text.ts';

const shownUpdates = 5;

/** What a person can do about a verdict, the most useful first. Nothing for `allow`. */
export function nextSteps({ outcome }: Verdict, all: readonly ReasonGroup[], evidence: Evidence): readonly string[] {
  if (outcome === 'allow') return [];
  const groups = all.filter(({ action }) => action === outcome);
  const other = groups.filter(({ findings }) => findings === undefined);
  const fixes = new Set(other.flatMap(({ reasons }) => reasons.flatMap(({ fix }) => fix ?? [])));
  return [
    ...updates(groups),
    ...fixes,
    ...layerStep(groups, evidence),
    ...(outcome === 'deny'
      ? ['To accept something for a time, write an exception with a reason and an end date into plimsoll.yaml.']
      : []),
    `See every finding: plimsoll scan ${quoted(evidence.artifact)}`,
  ];
}

function updates(groups: readonly ReasonGroup[]): string[] {
  const named = groups.flatMap(({ findings, reasons }) =>
    findings?.update === undefined
      ? []
      : [{ name: findings.name, version: findings.update.version, reasons: reasons.length }],
  );
  const rest = named.slice(shownUpdates);
  return [
    ...named
      .slice(0, shownUpdates)
      .map(({ name, version, reasons }) => `Update ${name} to ${version}: answers ${count(reasons, 'reason')}.`),
    ...(rest.length === 0 ? [] : [`Update ${count(rest.length, 'more package')} as shown above.`]),
  ];
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

/** As it can be pasted into a shell. */
function quoted({ reference }: Artifact): string {
  return /^[\w@%+=:,./-]+$/.test(reference) ? reference : `'${reference.replaceAll("'", "'\\''")}'`;
}
