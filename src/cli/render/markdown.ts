import type { Reason, Verdict } from '../../policy/index.ts';
import type { Evidence, Finding } from '../../sbom/index.ts';
import { advisoryText, factsOf, layerText, nothingFound, unknownSentences } from './about.ts';
import { coverEntries, coverSentences, noteText } from './cover.ts';
import {
  exploitedCount,
  extent,
  type FindingGroup,
  fixText,
  groupFindings,
  levelCounts,
  levelText,
  markText,
  updateText,
} from './group.ts';
import { isDistributionPackage } from './group-lines.ts';
import { codeSpan, markdownLink, markdownText } from './markdown-text.ts';
import { nextSteps } from './next-steps.ts';
import { groupReasons, type ReasonGroup, unreasoned } from './reason-group.ts';
import { type Report, splitFindings } from './report.ts';
import { webAddress } from './sarif-text.ts';
import { closingFacts } from './table-report.ts';
import { count, shortDigest, shown } from './text.ts';
import { restText } from './verdict-table.ts';
import { fit, fitEnd } from './width.ts';

/** GitHub takes 65,536 characters in a comment, GitLab 1,000,000. */
const longest = 60_000;
const separator = '\n\n---\n\n';
/** Of what is left after heading and closing, for the table of packages; the findings get the rest. */
const tableShare = 0.5;
const listed = 10;
const namedFindings = 3;
const longestCell = 160;

const signs = { deny: '🛑 DENY', warn: '⚠️ WARN', allow: '✅ ALLOW' } as const;

/** For a comment on a pull request or the summary of a job: the answer first, the details folded away, never too long. */
export function renderMarkdown(reports: readonly Report[], now: Date): string {
  const closing = reports.length < 2 ? [] : [closingText(reports)];
  let room = longest - 200 - closing.join().length - separator.length;
  const texts: string[] = [];
  for (const [index, report] of reports.entries()) {
    const text = reportText(report, now, Math.floor(room / (reports.length - index)));
    if (text.length + separator.length > room) break;
    room -= text.length + separator.length;
    texts.push(text);
  }
  const left = reports.length - texts.length;
  const rest = left === 0 ? [] : [leftOut([count(left, 'target')])];
  return `${[...texts, ...rest, ...closing].join(separator)}\n`;
}

function closingText(reports: readonly Report[]): string {
  const rows = reports.map((report) => {
    const sign = report.verdict === undefined ? '' : `${signs[report.verdict.outcome]} `;
    return `- ${sign}${code(report.evidence.artifact.reference)}: ${markdownText(closingFacts(report))}`;
  });
  const { kept, left } = takeWithin(rows, longest / 4);
  return [`**${count(reports.length, 'target')}**`, '', ...kept, ...(left === 0 ? [] : [`- and ${left} more`])].join(
    '\n',
  );
}

function reportText(report: Report, now: Date, share: number): string {
  const { verdict, evidence } = report;
  const { standing } = splitFindings(report);
  const findings = groupFindings(evidence.components, standing);
  const reasons = verdict === undefined ? [] : groupReasons(verdict, evidence);
  const head = verdict === undefined ? scanHead(report, findings) : verdictHead(report, verdict);
  const foot = footText(report, reasons, now);
  const room = Math.max(share - head.length - foot.length - 400, 0);
  const table =
    verdict === undefined
      ? tableWithin(
          ['Package', 'Installed', 'Found', 'What to do'],
          findings.map((group) => packageRow(group, evidence)),
          room * tableShare,
        )
      : tableWithin(
          ['', 'What', 'Rule', 'What to do'],
          reasons.map((group) => reasonRow(group, evidence)),
          room * tableShare,
        );
  const all = findings.flatMap((group) => group.findings.map((finding) => findingRow(finding, group)));
  const details = tableWithin(['Package', 'Severity', 'Finding', 'Fix', 'Summary'], all, room - table.text.length);
  const missing = [
    ...(table.left === 0 ? [] : [`${count(table.left, 'row')} of the table`]),
    ...(details.left === 0 ? [] : [count(details.left, 'finding')]),
  ];
  return [
    head,
    table.text,
    details.text === '' ? '' : folded(`All findings: ${extent(findings)}`, details.text),
    missing.length === 0 ? '' : leftOut(missing),
    foot,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function leftOut(what: readonly string[]): string {
  return `_Left out for length: ${what.join(' and ')}. \`-o json\` has all of it._`;
}

function scanHead({ evidence }: Report, groups: readonly FindingGroup[]): string {
  const found = groups.flatMap(({ findings }) => findings);
  const answer =
    found.length === 0
      ? nothingFound(evidence)
      : `**${levelCounts(found)}${exploitedCount(found)}** in ${count(groups.length, 'package')}.`;
  return [`## ${code(evidence.artifact.reference)}`, '', facts(evidence), '', answer].join('\n');
}

function verdictHead(report: Report, { outcome, gate, policy }: Verdict): string {
  const { evidence } = report;
  return [
    `## ${signs[outcome]}: ${code(evidence.artifact.reference)}`,
    '',
    `At the **${gate}** gate, by ${code(policy.name)} (${code(shortDigest(policy.digest))}).`,
    '',
    facts(evidence),
    '',
    `**${closingFacts(report)}**`,
  ].join('\n');
}

function facts(evidence: Evidence): string {
  return factsOf(evidence, shortDigest)
    .map((fact) => markdownText(fit(fact, longestCell)))
    .join(' · ');
}

function packageRow(group: FindingGroup, evidence: Evidence): readonly string[] {
  const where = placeOf(group, evidence);
  return [
    `${code(group.name)} ${group.type}${where === '' ? '' : `<br>${where}`}`,
    group.version === '' ? 'unknown' : code(group.version),
    `${levelCounts(group.findings)}${exploitedCount(group.findings)}`,
    text(updateText(group)),
  ];
}

function reasonRow({ action, rules, why, findings, reasons }: ReasonGroup, evidence: Evidence): readonly string[] {
  const rule = [rules.map(code).join(', '), ...why.map(text)].join('<br>');
  const sign = action === 'deny' ? '🛑 deny' : '⚠️ warn';
  if (findings === undefined) {
    const fixes = [...new Set(reasons.flatMap(({ fix }) => fix ?? []))];
    return [sign, firstOf(reasons.map(sentenceOf)), rule, fixes.map(text).join('<br>')];
  }
  const where = placeOf(findings, evidence);
  const names = firstOf(findings.findings.map(nameOf), ', ');
  const what = `${code(`${findings.name} ${findings.version}`)} ${findings.type}: ${names}${where === '' ? '' : `<br>${where}`}`;
  return [sign, what, rule, text(updateText(findings))];
}

function sentenceOf({ message, where }: Reason): string {
  const path = where[0]?.path;
  return path === undefined || message.includes(path)
    ? text(message)
    : `${text(message)} ${path === '' ? '' : code(path)}`;
}

/** The first few of many, and how many more. */
function firstOf(texts: readonly string[], between = '<br>'): string {
  const more = texts.length - namedFindings;
  return [...texts.slice(0, namedFindings), ...(more > 0 ? [`and ${more} more`] : [])].join(between);
}

/** Where it sits; distribution packages are where the package manager keeps them, so of those only the layer tells something. */
function placeOf({ components }: FindingGroup, evidence: Evidence): string {
  const places = components.flatMap(({ locations }) => locations);
  const [first] = places;
  if (first === undefined) return '';
  const more = places.length === 1 ? '' : ` and ${count(places.length - 1, 'more place')}`;
  const path = components.every(isDistributionPackage)
    ? []
    : [`${code(fitEnd(shown(first.path), longestCell))}${more}`];
  const layer = first.layer === undefined ? [] : [text(layerText(first.layer, evidence))];
  return [...path, ...layer].join(', ');
}

function findingRow(finding: Finding, { name, version }: FindingGroup): readonly string[] {
  const { score } = finding.severity;
  const marks = markText(finding);
  return [
    code(`${name} ${version}`),
    `${levelText(finding)}${score === undefined ? '' : ` ${score.toFixed(1)}`}${marks === '' ? '' : `<br>${marks}`}`,
    nameOf(finding),
    text(fixText(finding)),
    text(finding.summary ?? ''),
  ];
}

/** The name, leading to the page that tells more. */
function nameOf({ id, advisories }: Finding): string {
  const address = advisories.flatMap(({ url }) => webAddress(url) ?? [])[0];
  return address === undefined || address.length > 300 ? code(id) : markdownLink(fit(id, longestCell), address);
}

/** What stands below the tables: what is not counted, what is not known, what to do. */
function footText(report: Report, reasons: readonly ReasonGroup[], now: Date): string {
  const { evidence, verdict } = report;
  const { standing, covered } = splitFindings(report);
  const suppressed = coverSentences(verdict?.suppressed ?? coverEntries(covered), evidence);
  const ended = coverSentences(verdict?.expired ?? [], evidence);
  const others = verdict === undefined ? [] : unreasoned(verdict, evidence, standing);
  const steps = verdict === undefined ? [] : nextSteps(verdict, reasons, report);
  return [
    restText(others),
    list('Suppressed', suppressed),
    list('Exceptions that have ended, and count no more', ended),
    list('Exceptions that fit nothing here', verdict?.unused.map(noteText) ?? []),
    list('Not found out', unknownSentences(evidence.unknown), evidence.unknown.length),
    steps.length === 0 ? '' : ['**What to do next**', '', ...steps.map((step) => `- ${text(step)}`)].join('\n'),
    `Advisory data: ${text(advisoryText(evidence.advisories, verdict === undefined ? now : new Date(verdict.at)))}`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

/** `total`: how many things the sentences are about, where that is not one each. */
function list(title: string, sentences: readonly string[], total?: number): string {
  if (sentences.length === 0) return '';
  const more = sentences.length - listed;
  const rows = [
    ...sentences.slice(0, listed).map((sentence) => `- ${text(sentence)}`),
    ...(more > 0 ? [`- and ${more} more; \`-o json\` has all of them`] : []),
  ];
  return folded(`${title} (${total ?? sentences.length})`, rows.join('\n'));
}

/** `summary` is ours. */
function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** As many rows as fit; no table where none does. */
function tableWithin(titles: readonly string[], rows: readonly (readonly string[])[], room: number) {
  const head = [rowText(titles), rowText(titles.map(() => '---'))];
  const { kept, left } = takeWithin(rows.map(rowText), room - head.join('\n').length);
  return { text: kept.length === 0 ? '' : [...head, ...kept].join('\n'), left };
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function takeWithin(
  lines: readonly string[],
  room: number,
): { readonly kept: readonly string[]; readonly left: number } {
  let used = 0;
  const end = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  const kept = end < 0 ? lines : lines.slice(0, end);
  return { kept, left: lines.length - kept.length };
}

function text(words: string): string {
  return markdownText(fit(shown(words), longestCell * 2));
}

function code(words: string): string {
  return codeSpan(fit(shown(words), longestCell));
}
