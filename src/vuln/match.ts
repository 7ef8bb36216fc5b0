import type { Component, Finding, Inventory, Unknown } from '../sbom/index.ts';
import type { AdvisoryLookup } from './advisory.ts';
import { advisoryPage } from './advisory-page.ts';
import type { FeedOptions } from './distro-feed.ts';
import { type Question, type Scope, scopesOf } from './ecosystem.ts';
import { decisiveEntries } from './erratum.ts';
import { type Asked, fixOf, type Held, isHeld } from './fix.ts';
import { isCve, mergeByNames } from './merge.ts';
import { sameStream } from './module-stream.ts';
import { evaluate } from './range.ts';
import { severityOf, severityRank } from './severity.ts';
import { versionKeys } from './version/compare.ts';

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
  const memory = rememberFor(lookup);
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
function isSpokenOf(scope: Scope, memory: Memory): boolean {
  return (
    scope.kind === 'covered' && scope.questions.some(({ ecosystem, name }) => memory.find(ecosystem, name).length > 0)
  );
}

/** What is held against a component, and why that may not be all. */
function matchOne(
  component: Component,
  { questions, firstDecides }: Extract<Scope, { readonly kind: 'covered' }>,
  memory: Memory,
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

function isOfDistribution(type: Component['type']): boolean {
  return type === 'deb' || type === 'apk' || type === 'rpm';
}

/** What a finding says of the vulnerability itself, whichever version of the package has it. */
type Vulnerability = Omit<Finding, 'component' | 'matched' | 'fix'>;

function vulnerabilityOf(
  type: Component['type'],
  names: readonly string[],
  hits: readonly Held[],
  lookup: AdvisoryLookup,
): Vulnerability {
  const pages = new Map(hits.map(({ advisory }) => [advisory.id, advisoryPage(advisory)]));
  const cves = names.filter(isCve);
  return {
    id: shownName(names, hits),
    names,
    kind: kindOf(hits),
    summary: hits.find(({ advisory }) => advisory.summary !== undefined)?.advisory.summary,
    severity: severityOf(hits, isOfDistribution(type), names, lookup.severities),
    exploited: cves.flatMap((cve) => lookup.exploited(cve) ?? []).sort((a, b) => byText(a.since, b.since))[0],
    epss: cves.flatMap((cve) => lookup.epss(cve) ?? []).sort((a, b) => b.score - a.score)[0],
    published: hits.flatMap(({ advisory }) => advisory.published ?? []).sort(byText)[0],
    modified: hits
      .flatMap(({ advisory }) => advisory.modified ?? [])
      .sort(byText)
      .at(-1),
    advisories: [...pages].map(([id, url]) => ({ id, url })),
  };
}

/** The CVE where there is one, for malware its `MAL-` id, else the GHSA id, else the first advisory's. */
function shownName(names: readonly string[], hits: readonly Held[]): string {
  const malware = kindOf(hits) === 'malware' ? names.find((name) => name.startsWith('MAL-')) : undefined;
  return malware ?? names.find(isCve) ?? names.find((name) => name.startsWith('GHSA-')) ?? hits[0]?.advisory.id ?? '';
}

function kindOf(hits: readonly Held[]): Finding['kind'] {
  if (hits.some(({ advisory }) => advisory.kind === 'malware')) return 'malware';
  return hits.every(({ advisory }) => advisory.kind === 'unmaintained') ? 'unmaintained' : 'vulnerability';
}

interface Memory {
  readonly find: AdvisoryLookup['find'];
  readonly vulnerability: (type: Component['type'], names: readonly string[], hits: readonly Held[]) => Vulnerability;
}

/** Packages of one source, and one vulnerability in several versions or packages, are looked up once. */
function rememberFor(lookup: AdvisoryLookup): Memory {
  const found = new Map<string, ReturnType<AdvisoryLookup['find']>>();
  const told = new Map<unknown, { readonly vulnerability: Vulnerability; readonly hits: readonly Held[] }[]>();
  return {
    find(ecosystem, name) {
      const key = `${ecosystem}\0${name}`;
      const known = found.get(key) ?? lookup.find(ecosystem, name);
      found.set(key, known);
      return known;
    },
    vulnerability(type, names, hits) {
      const sameStart = told.get(hits[0]?.affected) ?? [];
      const known = sameStart.find(
        (one) =>
          isSame(one.vulnerability.names, names, (name) => name) && isSame(one.hits, hits, ({ affected }) => affected),
      );
      if (known !== undefined) return known.vulnerability;
      const vulnerability = vulnerabilityOf(type, names, hits, lookup);
      told.set(hits[0]?.affected, [...sameStart, { vulnerability, hits }]);
      return vulnerability;
    },
  };
}

function isSame<Item>(a: readonly Item[], b: readonly Item[], by: (item: Item) => unknown): boolean {
  return a.length === b.length && a.every((item, index) => b[index] !== undefined && by(item) === by(b[index]));
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
