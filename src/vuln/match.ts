import type { Component, Finding, Inventory, Unknown } from '../sbom/index.ts';
import type { AdvisoryLookup } from './advisory.ts';
import { advisoryPage } from './advisory-page.ts';
import type { FeedOptions } from './distro-feed.ts';
import { type Question, type Scope, scopesOf } from './ecosystem.ts';
import { decisiveEntries } from './erratum.ts';
import { type Asked, fixOf, type Held } from './fix.ts';
import { isCve, type Merged, mergeByNames } from './merge.ts';
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
  const memory = rememberLookups(lookup);
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
function isSpokenOf(scope: Scope, memory: AdvisoryLookup): boolean {
  return (
    scope.kind === 'covered' && scope.questions.some(({ ecosystem, name }) => memory.find(ecosystem, name).length > 0)
  );
}

/** What is held against a component, and why that may not be all. */
function matchOne(
  component: Component,
  { questions, firstDecides }: Extract<Scope, { readonly kind: 'covered' }>,
  memory: AdvisoryLookup,
): { readonly findings: readonly Finding[]; readonly reason: string | undefined } {
  const asked: Asked[] = [];
  const held: Held[] = [];
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
      const entry = { advisory, affected, version, key };
      asked.push(entry);
      if (answer.affected === 'yes') held.push({ ...entry, answer });
    }
  }
  if (held.length === 0) return { findings: [], reason };
  const byAdvisory = Map.groupBy(asked, ({ advisory }) => advisory.id);
  return { findings: mergeByNames(held).map((merged) => findingOf(component, merged, byAdvisory, memory)), reason };
}

function withoutVersion({ version }: Component): string {
  return version === undefined
    ? 'Its version is not stated.'
    : `It was built from a working copy: "${version}" is no version.`;
}

function findingOf(
  component: Component,
  { names, hits }: Merged<Held>,
  asked: ReadonlyMap<string, readonly Asked[]>,
  memory: AdvisoryLookup,
): Finding {
  const ofDistribution = component.type === 'deb' || component.type === 'apk' || component.type === 'rpm';
  const pages = new Map(hits.map(({ advisory }) => [advisory.id, advisoryPage(advisory)]));
  const cves = names.filter(isCve);
  const [first] = hits;
  return {
    id: shownName(names, hits),
    names,
    kind: kindOf(hits),
    component: component.id,
    matched: {
      ecosystem: first?.affected.ecosystem ?? '',
      package: first?.affected.name ?? component.name,
      version: (ofDistribution ? first?.version : component.version) ?? '',
    },
    summary: hits.find(({ advisory }) => advisory.summary !== undefined)?.advisory.summary,
    severity: severityOf(hits, ofDistribution, names, memory.severities),
    fix: fixOf(
      hits,
      [...pages.keys()].flatMap((id) => asked.get(id) ?? []),
    ),
    exploited: cves.flatMap((cve) => memory.exploited(cve) ?? []).sort((a, b) => byText(a.since, b.since))[0],
    epss: cves.flatMap((cve) => memory.epss(cve) ?? []).sort((a, b) => b.score - a.score)[0],
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

/** Packages of one source, and vulnerabilities of many packages, are looked up once. */
function rememberLookups(lookup: AdvisoryLookup): AdvisoryLookup {
  const found = new Map<string, ReturnType<AdvisoryLookup['find']>>();
  const severities = new Map<string, ReturnType<AdvisoryLookup['severities']>>();
  return {
    ecosystems: lookup.ecosystems,
    find(ecosystem, name) {
      const key = `${ecosystem}\0${name}`;
      const known = found.get(key) ?? lookup.find(ecosystem, name);
      found.set(key, known);
      return known;
    },
    exploited: (cve) => lookup.exploited(cve),
    epss: (cve) => lookup.epss(cve),
    severities(name) {
      const known = severities.get(name) ?? lookup.severities(name);
      severities.set(name, known);
      return known;
    },
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
