import type { Evidence, Inventory } from '../../sbom/index.ts';
import { advisoryText, ageInDays, factsOf, nothingFound, staleDays, unknownSentences } from './about.ts';
import { coverEntries, coverSentences } from './cover.ts';
import { exploitedCount, extent, type FindingGroup, groupFindings, levelCounts, shareText } from './group.ts';
import { columnsFor, foldText, groupLines } from './group-lines.ts';
import { type Looks, lineOf, wrapped } from './layout.ts';
import { type Covered, type Report, splitFindings } from './report.ts';
import { count, shortDigest } from './text.ts';

/** Up to so many findings are all shown. Beyond, each package shows its worst, and only the worst packages are shown. */
const unfolded = 100;
const foldedPackages = 40;
const foldedFindings = 3;
const shownUnknowns = 8;
const shownCovered = 8;

export interface TableOptions {
  readonly looks: Looks;
  /** The ages of data are counted from here. */
  readonly now: Date;
}

/** Findings for a person: grouped by what one update would answer, worst first, with that update. */
export function renderScan(report: Report, options: TableOptions): string[] {
  const { evidence } = report;
  const { looks } = options;
  const { standing, covered } = splitFindings(report);
  const groups = groupFindings(evidence.components, standing);
  return [
    ...headingLines(evidence, looks),
    '',
    ...bodyLines(groups, evidence, looks),
    ...summaryLines(groups, evidence, looks),
    ...advisoryLines(evidence, options),
    ...coveredLines(covered, evidence, looks),
    ...unknownLines(evidence, looks),
  ];
}

function bodyLines(groups: readonly FindingGroup[], evidence: Evidence, looks: Looks): string[] {
  const total = groups.reduce((sum, { findings }) => sum + findings.length, 0);
  const isLong = total > unfolded;
  const visible = isLong ? groups.slice(0, foldedPackages) : groups;
  const most = isLong ? foldedFindings : Number.POSITIVE_INFINITY;
  const columns = columnsFor(
    visible.flatMap(({ findings }) => findings.slice(0, most + 1)),
    looks,
  );
  const rest = groups.slice(visible.length);
  return [
    ...visible.flatMap((group) => [...groupLines(group, { looks, columns, evidence, most }), '']),
    ...(rest.length === 0
      ? []
      : [
          ...wrapped(looks, `and ${extent(rest)} more: ${foldText(rest.flatMap(({ findings }) => findings))}`, {
            style: 'bold',
          }),
          '',
        ]),
    ...(isLong ? [lineOf(looks, ['dim', 'This list is shortened; "-o json" has all of it.']), ''] : []),
  ];
}

function summaryLines(groups: readonly FindingGroup[], evidence: Evidence, looks: Looks): string[] {
  if (groups.length === 0) {
    const isWell = evidence.components.length > 0 && evidence.unknown.length === 0;
    return wrapped(looks, nothingFound(evidence), { style: isWell ? 'green' : 'yellow' });
  }
  const findings = groups.flatMap((group) => group.findings);
  const updates = groups.filter(({ update }) => update !== undefined);
  const fixed = updates.reduce((sum, { update }) => sum + (update?.fixes ?? 0), 0);
  const what =
    updates.length === 0
      ? `No update fixes ${findings.length === 1 ? 'it' : 'any of them'} yet.`
      : `Updating ${count(updates.length, 'package')} fixes ${shareText(fixed, findings.length)}.`;
  return [
    ...wrapped(looks, `${extent(groups)}: ${levelCounts(findings)}${exploitedCount(findings)}`, { style: 'bold' }),
    ...wrapped(looks, what),
  ];
}

/** What was looked at. */
export function headingLines(inventory: Inventory, looks: Looks): string[] {
  const facts = factsOf(inventory, shortDigest).join(', ');
  return [lineOf(looks, ['bold', inventory.artifact.reference]), ...wrapped(looks, facts, { style: 'dim' })];
}

export function advisoryLines({ advisories }: Evidence, { looks, now }: TableOptions): string[] {
  const isFresh = !advisories.starter && (ageInDays(advisories, now) ?? Number.POSITIVE_INFINITY) <= staleDays;
  return wrapped(looks, `Advisory data: ${advisoryText(advisories, now)}`, { style: isFresh ? 'dim' : 'yellow' });
}

/** What was suppressed, by whom, until when: nothing disappears silently. */
function coveredLines(covered: readonly Covered[], evidence: Evidence, looks: Looks): string[] {
  if (covered.length === 0) return [];
  const sentences = coverSentences(coverEntries(covered), evidence);
  return listLines(`Suppressed (${covered.length}):`, sentences, shownCovered, looks);
}

/** What could not be found out, so that silence is not taken for safety. */
export function unknownLines({ unknown }: Pick<Inventory, 'unknown'>, looks: Looks): string[] {
  if (unknown.length === 0) return [];
  return listLines(`Not found out (${unknown.length}):`, unknownSentences(unknown), shownUnknowns, looks);
}

/** A titled list of sentences, the first ones shown and the others counted. */
export function listLines(title: string, sentences: readonly string[], most: number, looks: Looks): string[] {
  const visible = sentences.length <= most + 1 ? sentences : sentences.slice(0, most);
  const more = sentences.length - visible.length;
  return [
    '',
    lineOf(looks, ['yellow', title]),
    ...visible.flatMap((sentence) => wrapped(looks, sentence, { indent: '  ', hanging: '    ', most: 4 })),
    ...(more > 0
      ? [lineOf(looks, ['dim', `  and ${more.toLocaleString('en-US')} more; "-o json" has all of them`])]
      : []),
  ];
}
