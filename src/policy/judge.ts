import { createHash } from 'node:crypto';
import { type Component, type Evidence, type Finding, type SeverityLevel, severityLevels } from '../sbom/index.ts';
import { lookupAt, placesOf, type Subject } from './condition.ts';
import { doubtsOf } from './doubt.ts';
import { type Cover, exceptionsFor, wholeArtifact } from './exception.ts';
import type { Action } from './field.ts';
import type { Exception, Line, Policy, Rule } from './line.ts';
import { fixFor, messageFor } from './message.ts';
import type { Gate } from './schema.ts';
import { missingTrust } from './trust-judge.ts';
import type { Place, Reason, Suppressed, Suppression, Verdict } from './verdict.ts';
import { type Held, shown, weigh } from './weigh.ts';

/**
 * Holds the evidence against the policy as it stands at `gate`, at the moment `at`. Pure: the same values give the same
 * verdict. `suppressions` are statements from elsewhere (VEX) that are listed like exceptions.
 */
export function judge(
  evidence: Evidence,
  policy: Policy,
  gate: Gate,
  at: Date,
  suppressions: readonly Suppression[] = [],
): Verdict {
  const line = policy.lines[gate];
  const lookup = lookupAt(at.getTime(), evidence.advisories);
  const own = exceptionsAt(policy, gate);
  const exceptions = exceptionsFor(own, suppressions, lookup);
  const components = new Map(evidence.components.map((component) => [component.id, component]));
  const doubts = doubtsOf(evidence, line, policy.data, lookup.now);
  const placed = placedIn(evidence);

  const subjectOf = (component: Component, finding?: Finding): Subject => {
    const places = component.locations.map(placed);
    return { component, finding, places: places.length > 0 ? places : [{}] };
  };
  const holding = (about: Rule['about'], subject: Subject): readonly HeldRule[] =>
    line.rules
      .filter((rule) => rule.about === about)
      .map((rule) => ({ rule: rule.name, action: rule.action, source: rule, places: placesOf(rule, subject, lookup) }))
      .filter(({ places }) => places.length > 0);

  const ranked: Ranked[] = [];
  const suppressed: Suppressed[] = [];
  const expired: Suppressed[] = [];
  const counts: Record<SeverityLevel, number> = { critical: 0, high: 0, unknown: 0, medium: 0, low: 0, none: 0 };

  function settle<Item extends Held>(
    held: readonly Item[],
    covers: readonly Cover[],
    places: readonly Place[],
    about: About,
    reasonFor: (item: Item) => Pick<Reason, 'action' | 'message' | 'why' | 'fix'> & { readonly rank: number },
  ): boolean {
    const weighed = weigh(held, covers, places);
    suppressed.push(...weighed.suppressed.map((entry) => ({ ...entry, ...about })));
    expired.push(...weighed.expired.map((entry) => ({ ...entry, ...about })));
    for (const item of weighed.standing) {
      const { rank, ...reason } = reasonFor(item);
      ranked.push({ rank, reason: { ...reason, rule: item.rule, ...about, where: shown(item.places) } });
    }
    return weighed.stands;
  }

  for (const finding of evidence.findings) {
    const subject = subjectOf(components.get(finding.component) ?? unlisted(finding), finding);
    const about = { component: finding.component, finding: finding.id };
    const stands = settle(
      holding('finding', subject),
      exceptions.forFinding(subject),
      subject.places,
      about,
      ({ action, source }) => ({
        action,
        message: messageFor(source, subject.component, finding),
        ...whyOf(source),
        fix: fixFor(finding),
        rank: rankOf(finding),
      }),
    );
    if (stands) counts[finding.severity.level]++;
  }

  for (const component of components.values()) {
    const subject = subjectOf(component);
    const held = holding('component', subject);
    if (held.length === 0) continue;
    const rules = held.map(({ rule }) => rule);
    settle(held, exceptions.forComponent(subject, rules), subject.places, { component: component.id }, (item) => ({
      action: item.action,
      message: messageFor(item.source, component, undefined),
      ...whyOf(item.source),
      rank: ranks.component,
    }));
  }

  for (const doubt of doubts) {
    const { kind, message, component, fix, atMost = 'deny' } = doubt;
    const action = line.unknown[kind] === 'deny' ? atMost : line.unknown[kind];
    const place = placed(doubt.place);
    const named = component === undefined ? undefined : components.get(component);
    const covers = exceptions.forDoubt({ ...doubt, place }, named === undefined ? undefined : subjectOf(named));
    const held = action === 'allow' ? [] : [{ rule: `unknown.${kind}`, action, places: [place] }];
    settle(held, covers, [place], { component, unknown: kind }, (item) => ({
      action: item.action,
      message,
      fix,
      rank: ranks.unknown,
    }));
  }

  for (const missing of missingTrust(evidence, line.trust, lookup.now)) {
    const { action, message, why, fix } = missing;
    const held = [{ rule: missing.rule, places: wholeArtifact }];
    settle(held, exceptions.forArtifact([missing.rule]), wholeArtifact, {}, () => ({
      action,
      message,
      ...(why === undefined ? {} : { why }),
      fix,
      rank: ranks.trust,
    }));
  }

  const reasons = inOrder(ranked);
  return {
    gate,
    outcome: outcomeOf(reasons),
    reasons,
    suppressed: sorted(suppressed),
    expired: sorted(expired),
    unused: exceptions.unused(),
    policy: { name: policy.name, digest: policyDigest(policy, gate) },
    at: at.toISOString(),
    judged: { components: components.size, findings: evidence.findings.length, unknown: doubts.length },
    counts,
  };
}

type HeldRule = Held & { readonly action: 'deny' | 'warn'; readonly source: Rule };
type About = Pick<Reason, 'component' | 'finding' | 'unknown'>;

interface Ranked {
  readonly rank: number;
  readonly reason: Reason;
}

function whyOf({ reason }: Rule): Pick<Reason, 'why'> {
  return reason === undefined ? {} : { why: reason };
}

function placedIn({ artifact }: Evidence): (place: Place) => Place {
  const layers = artifact.kind === 'image' ? artifact.layers : [];
  return ({ path, layer }) => ({
    path,
    layer,
    instruction: layer === undefined ? undefined : layers[layer]?.createdBy,
  });
}

/** A finding whose component the evidence does not list is judged by what the finding itself says. */
function unlisted({ component, matched }: Finding): Component {
  return {
    id: component,
    type: 'generic',
    name: matched.package,
    version: matched.version,
    licenses: [],
    hashes: [],
    locations: [],
    dependsOn: [],
    foundBy: '',
  };
}

function outcomeOf(reasons: readonly Reason[]): Action {
  if (reasons.some(({ action }) => action === 'deny')) return 'deny';
  return reasons.length > 0 ? 'warn' : 'allow';
}

/** After malware, what is exploited, and the levels of severity. */
const ranks = { malware: 0, exploited: 1, severity: 2, trust: 9, unknown: 10, component: 11 } as const;

function rankOf({ kind, exploited, severity }: Finding): number {
  if (kind === 'malware') return ranks.malware;
  return exploited === undefined ? ranks.severity + severityLevels.indexOf(severity.level) : ranks.exploited;
}

function inOrder(ranked: readonly Ranked[]): readonly Reason[] {
  return ranked
    .map((entry) => ({ ...entry, key: JSON.stringify(entry.reason) }))
    .sort((left, right) => {
      return (
        order(left.reason.action, right.reason.action) ||
        left.rank - right.rank ||
        order(left.reason.component ?? '', right.reason.component ?? '') ||
        order(left.reason.finding ?? '', right.reason.finding ?? '') ||
        order(left.reason.rule, right.reason.rule) ||
        order(left.key, right.key)
      );
    })
    .map(({ reason }) => reason);
}

function sorted(entries: readonly Suppressed[]): readonly Suppressed[] {
  return entries
    .map((entry) => ({ entry, key: [entry.component, entry.finding, entry.unknown, entry.by, entry.rule].join('\0') }))
    .map(({ entry, key }) => ({ entry, key: `${key}\0${JSON.stringify(entry.where)}` }))
    .sort((left, right) => order(left.key, right.key))
    .map(({ entry }) => entry);
}

/** By code unit, so that every machine agrees; `deny` comes before `warn`. */
function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** `sha256:…` over all that a policy says at a gate; comments and formatting do not change it. */
export function policyDigest(policy: Policy, gate: Gate): string {
  return digestOf(policy.lines[gate], exceptionsAt(policy, gate), policy);
}

function exceptionsAt({ exceptions }: Policy, gate: Gate): readonly Exception[] {
  return exceptions.filter(({ gates }) => gates?.includes(gate) !== false);
}

/** Where an exception stands in the file is no part of what it says. */
function digestOf(line: Line, exceptions: readonly Exception[], { data, trust }: Policy): string {
  const said = exceptions.map(({ source: _, ...exception }) => exception);
  const text = JSON.stringify({ line, exceptions: said, data, trust }, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => order(left, right)));
  });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
