import type { Place, Reason, Verdict } from '../../policy/index.ts';
import type { Evidence, Finding } from '../../sbom/index.ts';
import type { Style } from '../terminal.ts';
import { layerText } from './about.ts';
import { coverSentences, noteText } from './cover.ts';
import { briefLine, columnsFor, foldText, groupLines } from './group-lines.ts';
import { columnsOf, type Looks, lineOf, wrapped } from './layout.ts';
import { nextSteps } from './next-steps.ts';
import { groupReasons, type ReasonGroup, unreasoned } from './reason-group.ts';
import { type Report, splitFindings } from './report.ts';
import { advisoryLines, headingLines, listLines, type TableOptions } from './table.ts';
import { count, shortDigest } from './text.ts';

export const outcomeLooks = {
  deny: { style: 'red', word: 'DENY' },
  warn: { style: 'yellow', word: 'WARN' },
  allow: { style: 'green', word: 'ALLOW' },
} as const satisfies Record<Verdict['outcome'], { readonly style: Style; readonly word: string }>;

/** Groups shown in full, then in one line each; findings of a group; sentences of a rule. */
const bounds = {
  deny: { full: 30, brief: 300, findings: 5, sentences: 8 },
  warn: { full: 10, brief: 30, findings: 3, sentences: 5 },
  /** Warnings beside reasons to deny: what to do first must stay in sight. */
  aside: { full: 0, brief: 30, findings: 3, sentences: 5 },
} as const;
const shownNotes = 8;

/** The answer of a gate for a person: the verdict, why, what else there is, and what to do. */
export function renderVerdict(report: Report, verdict: Verdict, options: TableOptions): string[] {
  const { evidence } = report;
  const { looks } = options;
  const groups = groupReasons(verdict, evidence);
  return [
    ...banner(verdict, looks),
    ...headingLines(evidence, looks),
    '',
    ...reasonLines('deny', 'deny', groups, evidence, looks),
    ...reasonLines('warn', verdict.outcome === 'deny' ? 'aside' : 'warn', groups, evidence, looks),
    ...restLines(verdict, report, looks),
    ...advisoryLines(evidence, { ...options, now: new Date(verdict.at) }),
    ...exceptionLines(verdict, evidence, looks),
    ...stepLines(nextSteps(verdict, groups, report), looks),
  ];
}

function banner({ outcome, gate, policy }: Verdict, looks: Looks): string[] {
  const { style, word } = outcomeLooks[outcome];
  const bar = lineOf(looks, [style, '━'.repeat(Math.min(columnsOf(looks), 80))]);
  const basis = `at the ${gate} gate, by ${policy.name} (${shortDigest(policy.digest)})`;
  return [bar, lineOf(looks, [style, `  ${word}`], '  ', ['bold', basis]), bar];
}

function reasonLines(
  action: Reason['action'],
  bound: keyof typeof bounds,
  all: readonly ReasonGroup[],
  evidence: Evidence,
  looks: Looks,
): string[] {
  const groups = all.filter((group) => group.action === action);
  if (groups.length === 0) return [];
  const { full, brief, findings: most, sentences } = bounds[bound];
  const inFull = groups.slice(0, full);
  const others = groups.slice(full);
  // Of the rules about other things than findings there are few, and each weighs as much as a package.
  const named = others.filter(({ findings }) => findings !== undefined);
  const inBrief = [...named.slice(0, brief), ...others.filter(({ findings }) => findings === undefined)];
  const rest = named.slice(brief);
  const reasons = count(
    groups.reduce((sum, group) => sum + group.reasons.length, 0),
    'reason',
  );
  const columns = columnsFor(
    inFull.flatMap(({ findings }) => findings?.findings.slice(0, most + 1) ?? []),
    looks,
  );
  const look = { looks, columns, evidence, most };
  return [
    lineOf(looks, [outcomeLooks[action].style, `${reasons} to ${action}`]),
    '',
    ...inFull.flatMap((group) => [
      ...(group.findings === undefined
        ? otherLines(group, sentences, evidence, looks)
        : groupLines(group.findings, look, ruleLines(group, looks))),
      '',
    ]),
    ...inBrief.flatMap((group) => briefLines(group, looks)),
    ...(inBrief.length === 0 ? [] : ['']),
    ...(rest.length === 0 ? [] : [...wrapped(looks, moreText(action, rest), { style: 'bold' }), '']),
  ];
}

/** By which rule, in whose words. */
function ruleLines({ action, rules, why }: ReasonGroup, looks: Looks): string[] {
  const by = lineOf(looks, '  ', [outcomeLooks[action].style, action], ` by ${rules.join(', ')}`);
  return [by, ...why.flatMap((text) => wrapped(looks, text, { indent: '  ', most: 4 }))];
}

function otherLines(group: ReasonGroup, sentences: number, evidence: Evidence, looks: Looks): string[] {
  const visible = group.reasons.length <= sentences + 1 ? group.reasons : group.reasons.slice(0, sentences);
  const more = group.reasons.length - visible.length;
  const fixes = [...new Set(group.reasons.flatMap(({ fix }) => fix ?? []))];
  return [
    lineOf(looks, [outcomeLooks[group.action].style, group.action], ' by ', ['bold', group.rules.join(', ')]),
    ...visible.flatMap((reason) => sentenceLines(reason, evidence, looks)),
    ...(more === 0
      ? []
      : [lineOf(looks, ['dim', `  and ${more.toLocaleString('en-US')} more; "-o json" has all of them`])]),
    ...fixes.flatMap((fix) => wrapped(looks, fix, { indent: '  ', style: 'green', most: 2 })),
  ];
}

function sentenceLines({ message, where }: Reason, evidence: Evidence, looks: Looks): string[] {
  const place = placeText(where, evidence);
  return [
    ...wrapped(looks, message, { indent: '  ', hanging: '    ', most: 6 }),
    ...(place === undefined ? [] : [lineOf(looks, ['dim', `    ${place}`])]),
  ];
}

function placeText(where: readonly Place[], evidence: Evidence): string | undefined {
  const [first] = where;
  if (first === undefined) return undefined;
  const more = where.length === 1 ? '' : ` and ${count(where.length - 1, 'more place')}`;
  const path = first.path === undefined ? [] : [`at ${first.path}${more}`];
  const layer = first.layer === undefined ? [] : [layerText(first.layer, evidence)];
  return [...path, ...layer].join('; ');
}

/** A line for a package. What is about no package may weigh as much as all of them, so its sentence stays whole. */
function briefLines({ rules, reasons, findings }: ReasonGroup, looks: Looks): string[] {
  const by = `by ${rules.join(', ')}`;
  if (findings !== undefined) return [briefLine(findings, looks, by)];
  const [first] = reasons;
  const times = reasons.length === 1 ? '' : `, ${count(reasons.length, 'time')}`;
  const fix = first?.fix !== undefined && reasons.every(({ fix }) => fix === first.fix) ? [first.fix] : [];
  return [
    ...wrapped(looks, `${by}${times}: ${first?.message ?? ''}`, { hanging: '  ', most: 6 }),
    ...fix.flatMap((text) => wrapped(looks, text, { indent: '  ', style: 'green', most: 2 })),
  ];
}

function moreText(action: Reason['action'], rest: readonly ReasonGroup[]): string {
  const reasons = rest.reduce((sum, group) => sum + group.reasons.length, 0);
  return `and ${count(reasons, 'more reason')} to ${action} about ${count(rest.length, 'package')}; "-o json" has all of them`;
}

/** What was judged, and the findings that are no reasons: only counted. */
function restLines(verdict: Verdict, report: Report, looks: Looks): string[] {
  const { components, findings, unknown } = verdict.judged;
  const open = unknown === 0 ? '' : `, ${count(unknown, 'thing')} not found out`;
  const judged = `Judged: ${count(components, 'component')}, ${count(findings, 'finding')}${open}.`;
  const rest = restText(unreasoned(verdict, report.evidence, splitFindings(report).standing));
  const holds = verdict.reasons.length === 0 ? [lineOf(looks, ['green', 'The line holds.'])] : [];
  return [...holds, ...wrapped(looks, `${judged} ${rest}`)];
}

export function restText(findings: readonly Finding[]): string {
  return findings.length === 0 ? '' : `No rule is about ${count(findings.length, 'finding')} (${foldText(findings)}).`;
}

/** What exceptions and VEX statements took away, what ended ones no longer do, and those that fit nothing. */
function exceptionLines(verdict: Verdict, evidence: Evidence, looks: Looks): string[] {
  return [
    ...notes('Suppressed', coverSentences(verdict.suppressed, evidence), looks),
    ...notes('Exceptions that have ended, and count no more', coverSentences(verdict.expired, evidence), looks),
    ...notes('Exceptions that fit nothing here', verdict.unused.map(noteText), looks),
  ];
}

function notes(title: string, sentences: readonly string[], looks: Looks): string[] {
  return sentences.length === 0 ? [] : listLines(`${title} (${sentences.length}):`, sentences, shownNotes, looks);
}

function stepLines(steps: readonly string[], looks: Looks): string[] {
  if (steps.length === 0) return [];
  return [
    '',
    lineOf(looks, ['bold', 'What to do next:']),
    ...steps.flatMap((step) => wrapped(looks, step, { indent: '  - ', hanging: '    ', most: 4 })),
  ];
}
