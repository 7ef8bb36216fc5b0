import type { Verdict } from '../../policy/index.ts';
import { groupFindings, levelCounts } from './group.ts';
import { lineOf } from './layout.ts';
import { type Report, splitFindings } from './report.ts';
import { renderScan, type TableOptions } from './table.ts';
import { count } from './text.ts';
import { outcomeLooks, renderVerdict } from './verdict-table.ts';

/** One target after the other, and where there are several, a line for each at the end. */
export function renderTables(reports: readonly Report[], options: TableOptions): string {
  const tables = reports.map((report) =>
    report.verdict === undefined ? renderScan(report, options) : renderVerdict(report, report.verdict, options),
  );
  const closing = reports.length < 2 ? [] : [closingLines(reports, options)];
  return `${[...tables, ...closing].map((lines) => lines.join('\n')).join('\n\n\n')}\n`;
}

function closingLines(reports: readonly Report[], { looks }: TableOptions): string[] {
  return [
    lineOf(looks, ['bold', `${count(reports.length, 'target')}:`]),
    ...reports.map((report) => {
      const { reference } = report.evidence.artifact;
      const facts = closingFacts(report);
      if (report.verdict === undefined) return lineOf(looks, `  ${reference}: `, facts);
      const { style, word } = outcomeLooks[report.verdict.outcome];
      return lineOf(looks, '  ', [style, word.padEnd(5)], `  ${reference}: ${facts}`);
    }),
  ];
}

/** A target in a few words. */
export function closingFacts(report: Report): string {
  const unknown = report.evidence.unknown.length;
  const open = unknown === 0 ? '' : `; ${count(unknown, 'thing')} not found out`;
  return `${report.verdict === undefined ? findingFacts(report) : reasonFacts(report.verdict)}${open}`;
}

function findingFacts(report: Report): string {
  const findings = groupFindings(report.evidence.components, splitFindings(report).standing).flatMap(
    (group) => group.findings,
  );
  if (report.evidence.components.length === 0) return 'no component found';
  return findings.length === 0 ? 'nothing found' : levelCounts(findings);
}

function reasonFacts({ reasons }: Verdict): string {
  const denying = reasons.filter(({ action }) => action === 'deny').length;
  const warning = reasons.length - denying;
  const parts = [
    ...(denying === 0 ? [] : [`${count(denying, 'reason')} to deny`]),
    ...(warning === 0 ? [] : [`${count(warning, 'reason')} to warn`]),
  ];
  return parts.length === 0 ? 'no reason against it' : parts.join(', ');
}
