import type { Component, Finding, Inventory, Unknown } from '../sbom/index.ts';
import type { AdvisoryLookup } from './advisory.ts';
import type { FeedOptions } from './distro-feed.ts';
import { type Question, type Scope, scopesOf } from './ecosystem.ts';
import { decisiveEntries } from './erratum.ts';
import { type Asked, fixOf, type Held, isHeld } from './fix.ts';
import { type MatchMemory, memoryOf } from './match-memory.ts';
import { mergeByNames } from './merge.ts';
import { sameStream } from './module-stream.ts';
import { evaluate } from './range.ts';
import { severityRank } from './severity.ts';
import { versionKeys } from './version/compare.ts';
import { isOfDistribution } from './vulnerability.ts';

export type MatchOptions = FeedOptions;

export interface Matches {
  /** Worst first: malware, exploited, severity, EPSS; then by id and component. */
  readonly findings: readonly Finding[];
  /** Components without a version that can be ordered, ecosystems without advisories. */
  readonly unknown: readonly Unknown[];
}

type Matched = Pick<Inventory, 'components' | 'distro'>;

/**
 * Holds components against advisories: one finding for each component and vulnerability, and what could not be found
 * out. Pure: the same inventory, database and options give the same result.
 *
 * `matchComponents({ components, distro }, database, { ubuntuPro: false })`
 */
export function matchComponents(
  { components, distro }: Matched,
  lookup: AdvisoryLookup,
  options: MatchOptions,
): Matches {
  const memory = memoryOf(lookup);
  const byId = new Map(components.map((component) => [component.id, component]));
  const scopeOf = scopesOf(distro, lookup.ecosystems, options);
  const findings: Finding[] = [];
  const unknown: Unknown[] = [];
  const uncovered = new Map<string, { readonly reason: string; components: number }>();
  for (const component of components) {
    const owner = component.ownedBy === undefined || component.embedded ? undefined : byId.get(component.ownedBy);
    // The distribution fixes what it packages under its own version numbers, so its feed decides, if it speaks of the package.
    if (owner !== undefined && isSpokenOf(scopeOf(owner), memory)) continue;
    const asked = scopeOf(component);
    if (asked.kind === 'not-covered') {
      const counted = uncovered.get(asked.ecosystem);
      if (counted === undefined) uncovered.set(asked.ecosystem, { reason: asked.reason, components: 1 });
      else counted.components++;
      continue;
    }
    const result = matchOne(component, asked, memory);
    findings.push(...result.findings);
    if (result.reason !== undefined)
      unknown.push({ kind: 'no-version', component: component.id, reason: result.reason });
  }
  for (const [ecosystem, counted] of uncovered) unknown.push({ kind: 'no-advisories', ecosystem, ...counted });
  return { findings: findings.sort(worstFirst), unknown: unknown.sort(byUnknown) };
}

/** Whether a feed has ever named a package: it never names those of other vendors, and what they bring along. */
function isSpokenOf(scope: Scope, memory: MatchMemory): boolean {
  return (
    scope.kind === 'covered' && scope.questions.some(({ ecosystem, name }) => memory.find(ecosystem, name).length > 0)
  );
}

/** What is held against a component, and why that may not be all. */
function matchOne(
  component: Component,
  { questions, firstDecides }: Extract<Scope, { readonly kind: 'covered' }>,
  memory: MatchMemory,
): { readonly findings: readonly Finding[]; readonly reason: string | undefined } {
  const asked: Asked[] = [];
  const answered = new Map<string, Question>();
  let reason: string | undefined;
  for (const question of questions) {
    const { ecosystem, name, version, epochUnknown } = question;
    if (version === undefined) return { findings: [], reason: withoutVersion(component) };
    const key = versionKeys(ecosystem, epochUnknown);
    for (const { advisory, affected } of decisiveEntries(memory.find(ecosystem, name), ecosystem, key)) {
      const first = answered.get(advisory.id) ?? question;
      if (firstDecides && first !== question) continue;
      answered.set(advisory.id, question);
      const stream = sameStream(component, advisory, affected);
      if (stream === 'no') continue;
      const answer = evaluate(affected, version, key);
      // A version that is not affected in one stream is not affected by what concerns another.
      if (stream === 'unknown' && answer.affected !== 'no') {
        reason ??= `It is not known whether ${advisory.id} is about the module stream of this package.`;
        continue;
      }
      if (answer.affected === 'unknown') {
        reason ??= `${advisory.id} could not be held against it: "${answer.bound}" has no place in the order of ${ecosystem} versions.`;
        continue;
      }
      asked.push({ advisory, affected, version, key, answer });
    }
  }
  const held = asked.filter(isHeld);
  if (held.length === 0) return { findings: [], reason };
  const byAdvisory = new Map(held.map(({ advisory }) => [advisory.id, [] as Asked[]]));
  for (const entry of asked) byAdvisory.get(entry.advisory.id)?.push(entry);
  const findings = mergeByNames(held).map(({ names, hits }) => ({
    ...memory.vulnerability(component.type, names, hits),
    component: component.id,
    matched: matchedOf(component, hits),
    fix: fixOf(
      hits,
      [...new Set(hits.map(({ advisory }) => advisory.id))].flatMap((id) => byAdvisory.get(id) ?? []),
    ),
  }));
  return { findings, reason };
}

function withoutVersion({ version }: Component): string {
  return version === undefined
    ? 'Its version is not stated.'
    : `It was built from a working copy: "${version}" is no version.`;
}

function matchedOf({ type, name, version }: Component, [first]: readonly Held[]): Finding['matched'] {
  return {
    ecosystem: first?.affected.ecosystem ?? '',
    package: first?.affected.name ?? name,
    version: (isOfDistribution(type) ? first?.version : version) ?? '',
  };
}

function worstFirst(a: Finding, b: Finding): number {
  return (
    Number(b.kind === 'malware') - Number(a.kind === 'malware') ||
    Number(b.exploited !== undefined) - Number(a.exploited !== undefined) ||
    severityRank(a.severity.level) - severityRank(b.severity.level) ||
    (b.epss?.score ?? 0) - (a.epss?.score ?? 0) ||
    byText(a.id, b.id) ||
    byText(a.component, b.component)
  );
}

function byUnknown(a: Unknown, b: Unknown): number {
  return byText(a.kind, b.kind) || byText(subjectOf(a), subjectOf(b));
}

function subjectOf(unknown: Unknown): string {
  if (unknown.kind === 'no-version') return unknown.component;
  return unknown.kind === 'no-advisories' ? unknown.ecosystem : '';
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
