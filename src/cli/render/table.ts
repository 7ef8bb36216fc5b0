import type { Artifact, Evidence, Finding, Inventory, SeverityLevel, Unknown } from '../../sbom/index.ts';
import type { Style, Terminal } from '../terminal.ts';
import { countSeverities, type FindingGroup, fixText, groupFindings } from './group.ts';
import { count, fit, fitEnd, pad, shown } from './text.ts';

/** Where nothing wraps, lines may still not be endless. */
const defaultWidth = 140;
const shownUnknowns = 8;
const styleOf: Readonly<Record<SeverityLevel, Style>> = {
  critical: 'magenta',
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  none: 'dim',
  unknown: 'bold',
};

type Looks = Pick<Terminal, 'paint' | 'width'>;

/** Findings for a person: grouped by what one update would answer, worst first, with that update. */
export function renderFindings(evidence: Evidence, looks: Looks): string {
  const groups = groupFindings(evidence);
  const body = groups.flatMap((group) => [
    groupLine(group, looks),
    ...group.findings.map((finding) => findingLine(finding, looks)),
    '',
  ]);
  return [
    heading(evidence, looks),
    '',
    ...body,
    findingsSummary(groups, evidence, looks),
    ...unknownLines(evidence, looks),
    '',
  ].join('\n');
}

/** What was looked at, in one or two lines. */
export function heading({ artifact, distro, components }: Inventory, looks: Looks): string {
  const facts = [
    ...artifactFacts(artifact),
    ...(distro === undefined ? [] : [`${distro.name} ${distro.versionId ?? distro.codename ?? ''}`.trim()]),
    count(components.length, 'component'),
  ];
  return `${looks.paint('bold', shown(artifact.reference))}\n${looks.paint('dim', fit(facts.map(shown).join('  '), widthOf(looks)))}`;
}

function artifactFacts(artifact: Artifact): string[] {
  switch (artifact.kind) {
    case 'image':
      return [artifact.platform, artifact.digest, count(artifact.layers.length, 'layer')];
    case 'directory':
      return ['folder'];
    case 'file':
      return ['file', artifact.digest];
    case 'sbom':
      return ['SBOM', ...(artifact.subject === undefined ? [] : [`of ${artifact.subject}`])];
  }
}

function groupLine(group: FindingGroup, looks: Looks): string {
  const { paint } = looks;
  const update =
    group.clears === undefined
      ? paint('dim', 'no version clears all')
      : `update to ${paint('green', shown(group.clears))} clears all`;
  const packages =
    group.packages.length === 0 ? '' : `  ${paint('dim', fit(`in ${group.packages.map(shown).join(', ')}`, 50))}`;
  return `${paint('bold', shown(group.name))} ${shown(group.version)} ${paint('dim', group.type)}  ${update}${packages}${placeText(group, looks)}`;
}

/** Distribution packages are where the package manager keeps them; all others are shown with their place. */
function placeText({ type, components }: FindingGroup, { paint }: Looks): string {
  if (type === 'deb' || type === 'apk' || type === 'rpm') return '';
  const places = components.flatMap(({ locations }) => locations.map(({ path }) => path));
  const [first, ...more] = places;
  if (first === undefined) return '';
  return `  ${paint('dim', fitEnd(shown(first), 60) + (more.length === 0 ? '' : ` and ${count(more.length, 'more place')}`))}`;
}

function findingLine(finding: Finding, looks: Looks): string {
  const { level, score } = finding.severity;
  const severity = looks.paint(styleOf[level], pad(finding.kind === 'malware' ? 'malware' : level, 9));
  const marks = [
    finding.exploited === undefined ? '' : 'exploited',
    finding.epss === undefined ? '' : `EPSS ${(finding.epss.score * 100).toFixed(1)} %`,
  ].filter((mark) => mark !== '');
  const columns = [
    pad(score === undefined ? '' : score.toFixed(1), 5),
    pad(shown(finding.id), 20),
    pad(fit(shown(fixText(finding)), 24), 24),
    pad(marks.join(' '), 12),
  ];
  const start = columns.join(' ');
  const room = widthOf(looks) - 2 - 9 - 1 - start.length - 1;
  const summary =
    room < 12 || finding.summary === undefined ? '' : looks.paint('dim', fit(shown(finding.summary), room));
  return `  ${severity} ${start} ${summary}`.trimEnd();
}

function findingsSummary(groups: readonly FindingGroup[], { advisories }: Evidence, { paint }: Looks): string {
  const data = paint(
    'dim',
    `advisory data: ${count(advisories.advisories, 'advisory')}, newest ${advisories.newest.slice(0, 10)}${advisories.starter ? ' (starter set only; "plimsoll db update" gets all)' : ''}`.replace(
      'advisory,',
      advisories.advisories === 1 ? 'advisory,' : 'advisories,',
    ),
  );
  if (groups.length === 0) return `No known vulnerability was found.\n${data}`;
  const levels = countSeverities(groups).map(([level, number]) => `${number} ${level}`);
  return `${paint('bold', levels.join(', '))} in ${count(groups.length, 'package')}\n${data}`;
}

/** What could not be found out, so that silence is not taken for safety. */
export function unknownLines({ unknown }: Pick<Inventory, 'unknown'>, { paint }: Looks): string[] {
  if (unknown.length === 0) return [];
  const sentences = unknown.map(unknownText);
  const more = sentences.length - shownUnknowns;
  return [
    '',
    paint('yellow', `Not found out (${unknown.length}):`),
    ...sentences.slice(0, shownUnknowns).map((sentence) => `  ${shown(sentence)}`),
    ...(more > 0 ? [`  and ${more} more; -o json lists all`] : []),
  ];
}

export function unknownText(unknown: Unknown): string {
  switch (unknown.kind) {
    case 'unread-file':
      return `${unknown.path} was not read: ${unknown.reason}`;
    case 'unread-layer':
      return `layer ${unknown.layer + 1} was not read: ${unknown.reason}`;
    case 'no-version':
      return `${unknown.component}: ${unknown.reason}`;
    case 'no-advisories':
      return `${unknown.ecosystem}: ${unknown.reason} (${count(unknown.components, 'component')})`;
  }
}

function widthOf({ width }: Looks): number {
  return width ?? defaultWidth;
}
