import type { Component } from './component.ts';
import type { Finding } from './finding.ts';

/** A JSON object whose absent members are left out. */
type Json = { readonly [key: string]: unknown };

/** CycloneDX 1.6 `vulnerabilities`: one for each vulnerability with the same facts, naming all components it affects. */
export function cyclonedxVulnerabilities(findings: readonly Finding[], components: readonly Component[]): Json[] {
  const versionOf = new Map(components.map(({ id, version }) => [id, version]));
  const byFacts = Map.groupBy(findings, ({ component: _, ...facts }) => JSON.stringify(facts));
  return [...byFacts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([facts, members]) => {
      const [finding] = members;
      if (finding === undefined) return [];
      const affected = [...new Set(members.map(({ component }) => component))].sort();
      return [
        {
          'bom-ref': `vulnerability:${shortHash(facts)}:${finding.id}`,
          ...factsOf(finding),
          affects: affected.map((ref) => affects(ref, versionOf.get(ref))),
        },
      ];
    });
}

function factsOf(finding: Finding): Json {
  const { id, names, advisories, severity, fix, published, modified, exploited, epss, kind, matched } = finding;
  const page = new Map(advisories.map((advisory) => [advisory.id, advisory.url]));
  const others = names.filter((name) => name !== id);
  return {
    id,
    source: sourceOf(id, page.get(id)),
    references:
      others.length === 0 ? undefined : others.map((name) => ({ id: name, source: sourceOf(name, page.get(name)) })),
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
    recommendation: fix.state === 'fixed' ? `Update ${matched.package} to ${fix.version} or later` : undefined,
    advisories: advisories.length === 0 ? undefined : advisories.map(({ url, id: title }) => ({ title, url })),
    published: dateTime(published),
    updated: dateTime(modified),
    properties: [
      { name: 'plimsoll:kind', value: kind },
      { name: 'plimsoll:fix', value: fix.state },
      ...(exploited === undefined ? [] : [{ name: 'plimsoll:exploited:since', value: exploited.since }]),
      ...(epss === undefined
        ? []
        : [
            { name: 'plimsoll:epss:score', value: String(epss.score) },
            { name: 'plimsoll:epss:percentile', value: String(epss.percentile) },
          ]),
    ],
  };
}

function affects(ref: string, version: string | undefined): Json {
  return { ref, versions: version === undefined ? undefined : [{ version, status: 'affected' }] };
}

function sourceOf(id: string, url: string | undefined): Json {
  return { name: id.slice(0, Math.max(id.indexOf('-'), 0)) || id, url };
}

function methodOf(vector: string | undefined): string | undefined {
  if (vector === undefined) return undefined;
  if (vector.startsWith('CVSS:4.')) return 'CVSSv4';
  if (vector.startsWith('CVSS:3.1')) return 'CVSSv31';
  return vector.startsWith('CVSS:3.') ? 'CVSSv3' : 'CVSSv2';
}

function dateTime(text: string | undefined): string | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Keeps the reference unique where one id has different facts for different packages. */
function shortHash(text: string): string {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return (hash >>> 0).toString(16).padStart(8, '0');
}
