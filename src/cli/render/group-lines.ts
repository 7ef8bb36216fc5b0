import type { Component, Evidence, Finding, Location } from '../../sbom/index.ts';
import type { Style } from '../terminal.ts';
import { layerText } from './about.ts';
import { exploitedCount, type FindingGroup, fixText, levelCounts, levelText, markText, updateText } from './group.ts';
import { columnsOf, type Looks, lineOf, type Piece } from './layout.ts';
import { count, shown } from './text.ts';
import { fit, fitEnd, pad, widthOf } from './width.ts';

const styles: ReadonlyMap<string, Style> = new Map([
  ['malware', 'magenta'],
  ['critical', 'magenta'],
  ['high', 'red'],
  ['unrated', 'bold'],
  ['medium', 'yellow'],
  ['low', 'cyan'],
  ['none', 'dim'],
]);
const levelWidth = 8;
const leastSummary = 16;

/** Widths of the columns that all rows of a table share. */
export interface Columns {
  readonly score: number;
  readonly id: number;
  readonly marks: number;
  readonly fix: number;
}

export function columnsFor(findings: readonly Finding[], looks: Looks): Columns {
  const [mostId, mostFix] = columnsOf(looks) < 100 ? [24, 20] : [40, 28];
  const widest = (text: (finding: Finding) => string, most: number) =>
    Math.min(
      findings.reduce((width, finding) => Math.max(width, widthOf(shown(text(finding)))), 0),
      most,
    );
  return {
    score: widest(({ severity }) => severity.score?.toFixed(1) ?? '', 4),
    id: widest(({ id }) => id, mostId),
    marks: widest(markText, 40),
    fix: widest(fixText, mostFix),
  };
}

export interface GroupLook {
  readonly looks: Looks;
  readonly columns: Columns;
  readonly evidence: Evidence;
  /** Findings shown before the rest is only counted. */
  readonly most: number;
}

/** A group: the package and its update, why it is there (`notes`), where it sits, its findings. */
export function groupLines(group: FindingGroup, look: GroupLook, notes: readonly string[] = []): string[] {
  const { looks, most } = look;
  // One line more is no longer than the line that would stand for it.
  const visible = group.findings.length <= most + 1 ? group.findings : group.findings.slice(0, most);
  const rest = group.findings.slice(visible.length);
  return [
    lineOf(looks, ...headPieces(group)),
    ...notes,
    ...placeLines(group, look),
    ...visible.map((finding) => findingLine(finding, look)),
    ...(rest.length === 0 ? [] : [lineOf(looks, ['dim', `  and ${rest.length} more: ${foldText(rest)}`])]),
  ];
}

/** One line for a group of a long list: what to do, what was found, why it is listed. Where it is narrow, the first stays. */
export function briefLine(group: FindingGroup, looks: Looks, by: string): string {
  return lineOf(looks, ...headPieces(group), ['dim', `; ${foldText(group.findings)} ${by}`]);
}

/** What stands for findings that are not shown one by one. */
export function foldText(findings: readonly Finding[]): string {
  return `${levelCounts(findings)}${exploitedCount(findings)}`;
}

/** The package, and what to do about it. */
function headPieces(group: FindingGroup): readonly Piece[] {
  const { name, version, type, update, findings } = group;
  const text = updateText(group);
  const [before = '', after] = update === undefined ? [text] : text.split(update.version);
  return [
    ['bold', name],
    ` ${version === '' ? '(version unknown)' : version}  `,
    ['dim', type],
    '  ',
    ...(after === undefined || update === undefined
      ? [isPlain(findings) ? (['dim', before] as const) : before]
      : [before, ['green', update.version] as const, after]),
  ];
}

/** Vulnerabilities without a fix leave nothing to do; malware and what is unmaintained do. */
function isPlain(findings: readonly Finding[]): boolean {
  return findings.every(({ kind }) => kind === 'vulnerability');
}

/** The binary packages of a source package, and where the component was seen: on one line if that is wide enough. */
function placeLines({ packages, components }: FindingGroup, { looks, evidence }: GroupLook): string[] {
  const parts = [
    ...(packages.length === 0 ? [] : [`in ${packages.join(', ')}`]),
    ...placeParts(components, evidence, columnsOf(looks) - 5),
  ];
  const whole = `  ${parts.join('; ')}`;
  const lines = widthOf(shown(whole)) <= columnsOf(looks) ? [whole] : parts.map((part) => `  ${part}`);
  return parts.length === 0 ? [] : lines.map((line) => lineOf(looks, ['dim', line]));
}

/** Distribution packages are where the package manager keeps them, so of those only the layer tells something. */
function placeParts(components: readonly Component[], evidence: Evidence, room: number): string[] {
  const places = components.flatMap(({ locations }) => locations);
  const [first] = places;
  if (first === undefined) return [];
  const layers = [...new Set(places.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
  const where = layerList(layers, evidence);
  if (components.every(isDistributionPackage)) return where;
  const more = moreText(places);
  return [`at ${fitEnd(shown(first.path), room - more.length)}${more}`, ...where];
}

function moreText(places: readonly Location[]): string {
  const more = new Set(places.map(({ path, layer }) => `${layer} ${path}`)).size - 1;
  return more === 0 ? '' : ` and ${count(more, 'more place')}`;
}

function layerList(layers: readonly number[], evidence: Evidence): string[] {
  const [first] = layers;
  if (first === undefined) return [];
  return layers.length === 1 ? [layerText(first, evidence)] : [`layers ${layers.map((layer) => layer + 1).join(', ')}`];
}

export function isDistributionPackage({ type }: Component): boolean {
  return type === 'deb' || type === 'apk' || type === 'rpm';
}

function findingLine(finding: Finding, { looks, columns }: Pick<GroupLook, 'looks' | 'columns'>): string {
  const level = levelText(finding);
  const { score } = finding.severity;
  const cells = [
    ...(columns.score === 0 ? [] : [(score?.toFixed(1) ?? '').padStart(columns.score)]),
    pad(fit(shown(finding.id), columns.id), columns.id),
    ...(columns.marks === 0 ? [] : [pad(markText(finding), columns.marks)]),
  ];
  const start = `  ${cells.join('  ')}  `;
  const fix = pad(fit(shown(fixText(finding)), columns.fix), columns.fix);
  const room = columnsOf(looks) - 2 - levelWidth - widthOf(start) - columns.fix - 2;
  const summary = finding.summary === undefined || room < leastSummary ? '' : `  ${fit(shown(finding.summary), room)}`;
  return lineOf(
    looks,
    '  ',
    [styles.get(level) ?? 'bold', pad(level, levelWidth)],
    start,
    finding.fix.state === 'fixed' || !isPlain([finding]) ? fix : ['dim', fix],
    ['dim', summary],
  );
}
