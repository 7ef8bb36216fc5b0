import type { Component } from './component.ts';
import { orNothing, property } from './cyclonedx-component.ts';
import { byJson, compare, dateTime, isWebAddress, type JsonMembers, sha256 } from './document.ts';
import type { Finding, Fix } from './finding.ts';

/** What somebody says about a finding: CycloneDX 1.6, `vulnerabilities[].analysis`. */
export interface Analysis {
  readonly state: 'resolved' | 'exploitable' | 'not_affected';
  readonly justification?: (typeof justifications)[number] | undefined;
  readonly detail: string;
}

/** CycloneDX 1.6, `impactAnalysisJustification`. */
export const justifications = [
  'code_not_present',
  'code_not_reachable',
  'requires_configuration',
  'requires_dependency',
  'requires_environment',
  'protected_by_compiler',
  'protected_at_runtime',
  'protected_at_perimeter',
  'protected_by_mitigating_control',
] as const;

/** CycloneDX 1.6, `vulnerabilities`: one for each vulnerability with the same facts, naming all components it affects. */
export function cyclonedxVulnerabilities(
  findings: readonly Finding[],
  components: readonly Component[],
  analysisOf: (finding: Finding) => Analysis | undefined = () => undefined,
): readonly JsonMembers[] {
  const versions = new Map(components.map(({ id, version }) => [id, version]));
  const byFacts = new Map<string, { id: string; facts: JsonMembers; affected: Set<string> }>();
  for (const finding of findings) {
    const facts = { ...factsOf(finding), analysis: analysisOf(finding) };
    const key = JSON.stringify(facts);
    const same = byFacts.get(key) ?? { id: finding.id, facts, affected: new Set() };
    byFacts.set(key, same);
    same.affected.add(finding.component);
  }
  return [...byFacts]
    .toSorted(([left, a], [right, b]) => compare(a.id, b.id) || compare(left, right))
    .map(([key, { id, facts, affected }]) => ({
      // One vulnerability can have different facts for different packages: another fix, another rating.
      'bom-ref': `vulnerability:${id}:${sha256(key).slice(0, 12)}`,
      ...facts,
      affects: [...affected].sort(compare).map((ref) => affects(ref, versions.get(ref))),
    }));
}

function factsOf(finding: Finding): JsonMembers {
  const { id, severity, fix } = finding;
  const pages = new Map(finding.advisories.map((advisory) => [advisory.id, advisory.url]));
  const others = [...new Set(finding.names)].filter((name) => name !== id).sort(compare);
  const advisories = finding.advisories.filter(({ url }) => isWebAddress(url)).toSorted(byJson);
  return {
    id,
    source: sourceOf(id, pages.get(id)),
    references: orNothing(others.map((name) => ({ id: name, source: sourceOf(name, pages.get(name)) }))),
    ratings: [
      {
        source: severity.source === undefined ? undefined : { name: severity.source },
        score: severity.score,
        severity: severity.level,
        method: methodOf(severity.vector),
        vector: severity.vector,
      },
    ],
    description: finding.summary,
    recommendation: recommendation(finding),
    advisories: orNothing(advisories.map(({ id: title, url }) => ({ title, url }))),
    published: dateTime(finding.published),
    updated: dateTime(finding.modified),
    properties: properties(finding, fix),
  };
}

function properties({ kind, exploited, epss, matched }: Finding, fix: Fix): readonly JsonMembers[] {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['kind', kind],
    ['matched:ecosystem', matched.ecosystem],
    ['matched:package', matched.package],
    ['matched:version', matched.version],
    ['fix', fix.state],
    ['fix:version', fix.state === 'fixed' ? fix.version : undefined],
    ['fix:since', fix.state === 'fixed' ? fix.since : undefined],
    ['fix:reason', fix.state === 'wont-fix' ? fix.reason : undefined],
    ['exploited:since', exploited?.since],
    ['exploited:due', exploited?.due],
    ['exploited:ransomware', exploited === undefined ? undefined : String(exploited.ransomware)],
    ['epss:score', epss === undefined ? undefined : String(epss.score)],
    ['epss:percentile', epss === undefined ? undefined : String(epss.percentile)],
  ];
  return named.flatMap(([name, value]) => (value === undefined ? [] : [property(name, value)]));
}

function recommendation({ fix, matched, kind }: Finding): string | undefined {
  if (fix.state === 'fixed') return `Update ${matched.package} to ${fix.version} or later.`;
  return kind === 'malware' ? `Remove ${matched.package}.` : undefined;
}

function affects(ref: string, version: string | undefined): JsonMembers {
  const known = version !== undefined && version.length <= 1024;
  return { ref, versions: known ? [{ version, status: 'affected' }] : undefined };
}

const publishers = new Map([
  ['CVE', 'NVD'],
  ['GHSA', 'GitHub'],
]);

/** Who publishes an advisory, by the first part of its id (ossf.github.io/osv-schema, `id`). */
function sourceOf(id: string, url: string | undefined): JsonMembers {
  const prefix = /^[^-]+/.exec(id)?.[0] ?? id;
  const page = url ?? (/^CVE-[\d-]+$/.test(id) ? `https://nvd.nist.gov/vuln/detail/${id}` : undefined);
  return { name: publishers.get(prefix) ?? prefix, url: page };
}

function methodOf(vector: string | undefined): string | undefined {
  if (vector === undefined) return undefined;
  if (vector.startsWith('CVSS:4.')) return 'CVSSv4';
  if (vector.startsWith('CVSS:3.1/')) return 'CVSSv31';
  if (vector.startsWith('CVSS:3.')) return 'CVSSv3';
  return /^AV:[LAN]\/AC:[LMH]\//.test(vector) ? 'CVSSv2' : 'other';
}
