import type { Reason } from '../../policy/index.ts';
import type { Finding, SeverityLevel } from '../../sbom/index.ts';
import { levelText } from './group.ts';
import { codeSpan, markdownLink, markdownText } from './markdown-text.ts';
import { plainText, webAddress } from './sarif-text.ts';

export type SarifLevel = 'error' | 'warning' | 'note';

/** SARIF 2.1.0, 3.49: reportingDescriptor. */
export interface SarifRule {
  readonly id: string;
  readonly [key: string]: unknown;
}

/** CVSS v3.1, "Qualitative Severity Rating Scale", which code scanning uses for `security-severity`. */
const bands: Readonly<Partial<Record<SeverityLevel, readonly [least: number, most: number, unscored: number]>>> = {
  critical: [9, 10, 9.5],
  high: [7, 8.9, 8],
  medium: [4, 6.9, 5.5],
  low: [0.1, 3.9, 2],
  none: [0, 0, 0],
};

export function sarifLevel({ kind, severity }: Finding): SarifLevel {
  if (kind === 'malware' || severity.level === 'critical' || severity.level === 'high') return 'error';
  return severity.level === 'medium' || severity.level === 'unknown' ? 'warning' : 'note';
}

/**
 * The score that code scanning shows a level for. Where a distribution rates its package otherwise than CVSS does, the
 * score is moved into the distribution's level. `undefined`: nobody has rated it.
 */
function securitySeverity({ kind, severity }: Finding): number | undefined {
  if (kind === 'malware') return 10;
  const band = bands[severity.level];
  if (band === undefined) return undefined;
  const [least, most, unscored] = band;
  return Math.min(Math.max(severity.score ?? unscored, least), most);
}

const names = { vulnerability: 'Vulnerability', malware: 'Malware', unmaintained: 'Unmaintained' } as const;
const levels = ['error', 'warning', 'note'] as const;

/** What there is to say about one vulnerability; `findings` are all of that name. */
export function sarifRule(id: string, findings: readonly [Finding, ...Finding[]]): SarifRule {
  const [first] = findings;
  const summary = findings.find((finding) => (finding.summary ?? '').trim() !== '')?.summary;
  const scores = findings.flatMap((finding) => securitySeverity(finding) ?? []);
  const score = scores.length === 0 ? undefined : Math.max(...scores).toFixed(1);
  const level = levels.find((known) => findings.some((finding) => sarifLevel(finding) === known)) ?? 'warning';
  const exploited = findings.some((finding) => finding.exploited !== undefined);
  return {
    id,
    name: names[first.kind],
    shortDescription: {
      text: plainText(summary === undefined ? `${id} in ${first.matched.package}` : `${id}: ${summary}`),
    },
    fullDescription: { text: plainText(summary ?? `${id} in ${first.matched.package}`) },
    defaultConfiguration: { level },
    helpUri: first.advisories.flatMap(({ url }) => webAddress(url) ?? [])[0],
    help: helpFor(id, findings, summary),
    properties: {
      tags: ['security', first.kind, ...(exploited ? ['exploited'] : [])],
      precision: 'very-high',
      'security-severity': score,
    },
  };
}

function helpFor(id: string, findings: readonly [Finding, ...Finding[]], summary: string | undefined) {
  const [first] = findings;
  const rows = factsOf(first);
  const pages = first.advisories.flatMap(({ id: name, url }) => {
    const address = webAddress(url);
    return address === undefined ? [] : [{ name, address }];
  });
  const text = [
    plainText(summary ?? id),
    ...rows.map(([name, value]) => `${name}: ${plainText(value)}`),
    ...pages.map(({ name, address }) => `${plainText(name)}: ${address}`),
  ].join('\n');
  const markdown = [
    `**${markdownText(summary ?? id)}**`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([name, value]) => `| ${name} | ${codeSpan(value)} |`),
    '',
    ...pages.map(({ name, address }) => `- ${markdownLink(name, address)}`),
  ].join('\n');
  return { text, markdown };
}

function factsOf(finding: Finding): readonly (readonly [name: string, value: string])[] {
  const { names: known, severity, exploited, epss } = finding;
  const rated = severity.score === undefined ? '' : `, CVSS ${severity.score.toFixed(1)}`;
  const by = severity.source === undefined ? '' : ` (${severity.source})`;
  return [
    ['Names', known.join(', ')],
    ['Severity', `${levelText(finding)}${rated}${by}`],
    ...(severity.vector === undefined ? [] : [['CVSS', severity.vector] as const]),
    ...(exploited === undefined
      ? []
      : [
          [
            'Known to be exploited',
            `since ${exploited.since}${exploited.ransomware ? ', by ransomware' : ''}`,
          ] as const,
        ]),
    ...(epss === undefined
      ? []
      : [['EPSS', `${(epss.score * 100).toFixed(1)} %, percentile ${(epss.percentile * 100).toFixed(0)}`] as const]),
  ];
}

/** A rule of the policy that is about components as such, or about what could not be found out. */
export function sarifPolicyRule({ rule, why, action }: Reason): SarifRule {
  const text = plainText(why ?? `Rule ${rule} of the policy`);
  return {
    id: policyRuleId(rule),
    name: 'Policy',
    shortDescription: { text: plainText(`Policy: ${rule}`) },
    fullDescription: { text },
    defaultConfiguration: { level: action === 'deny' ? 'error' : 'warning' },
    help: { text, markdown: markdownText(text) },
    properties: { tags: ['security', 'policy'] },
  };
}

export function policyRuleId(rule: string): string {
  return `policy/${rule}`;
}
