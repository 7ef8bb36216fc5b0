import type { AdvisoryData, Artifact, Evidence, Inventory, Unknown } from '../../sbom/index.ts';
import { count } from './text.ts';

const day = 86_400_000;
/** From here on the age of the advisory data is worth a look. */
export const staleDays = 7;

/** Facts about what was looked at, the most telling first. */
export function factsOf({ artifact, distro, components }: Inventory, digestText: (digest: string) => string): string[] {
  const system = distro === undefined ? [] : [`${distro.name} ${distro.versionId ?? distro.codename ?? ''}`.trim()];
  return [...artifactFacts(artifact, digestText), ...system, count(components.length, 'component')];
}

function artifactFacts(artifact: Artifact, digestText: (digest: string) => string): string[] {
  switch (artifact.kind) {
    case 'image':
      return [artifact.platform, digestText(artifact.digest), count(artifact.layers.length, 'layer')];
    case 'directory':
      return ['folder'];
    case 'file':
      return ['file', digestText(artifact.digest)];
    case 'sbom':
      return ['SBOM', ...(artifact.subject === undefined ? [] : [`of ${artifact.subject}`])];
  }
}

/** `layer 4: COPY app.jar /opt/app`; people count layers from 1. */
export function layerText(layer: number, { artifact }: Pick<Evidence, 'artifact'>): string {
  const instruction = artifact.kind === 'image' ? artifact.layers[layer]?.createdBy : undefined;
  return instruction === undefined ? `layer ${layer + 1}` : `layer ${layer + 1}: ${instructionText(instruction)}`;
}

/** Without what every instruction of a Dockerfile is wrapped in by its builder. */
function instructionText(instruction: string): string {
  return instruction
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/^(?:RUN )?(?:\|\d+ .*? )?\/bin\/sh -c /, 'RUN ')
    .replace(/ # buildkit$/, '');
}

/** How old the newest advisory is, in whole days; `undefined` where that cannot be told. */
export function ageInDays({ newest }: AdvisoryData, now: Date): number | undefined {
  const age = Math.floor((now.getTime() - Date.parse(newest)) / day);
  return Number.isNaN(age) || age < 0 ? undefined : age;
}

/** Which advisory data the answer rests on, and how old that is. */
export function advisoryText(advisories: AdvisoryData, now: Date): string {
  const age = ageInDays(advisories, now);
  const old = age === undefined ? '' : age === 0 ? ', today' : `, ${count(age, 'day')} old`;
  const date = /^\d{4}-\d{2}-\d{2}/.exec(advisories.newest)?.[0] ?? 'unknown';
  const lacks =
    advisories.lacks === undefined || advisories.lacks.length === 0 ? '' : `; ${lackText(advisories.lacks)}`;
  if (advisories.starter) {
    return `starter set of ${count(advisories.advisories, 'advisory')} only; "plimsoll db update" gets all`;
  }
  return `${count(advisories.advisories, 'advisory')}, newest of ${date}${old}${lacks}`;
}

function lackText(lacks: NonNullable<AdvisoryData['lacks']>): string {
  return `without ${lacks.map((lack) => (lack === 'kev' ? 'KEV (known exploited)' : 'EPSS')).join(' and ')}`;
}

/** What to say where no finding is left; silence about what was not looked at is no good news. */
export function nothingFound({ components, unknown }: Inventory): string {
  if (components.length === 0) return 'No component was found, so there was nothing to hold advisories against.';
  return unknown.length === 0
    ? 'No known vulnerability was found.'
    : 'No known vulnerability was found, but not everything could be found out.';
}

/** What could not be found out, as a sentence. */
export function unknownText(unknown: Unknown): string {
  return `${unknownSubject(unknown)}: ${unknown.reason}`;
}

/** One sentence for all that could not be found out for the same reason, in the order in which the reasons come first. */
export function unknownSentences(all: readonly Unknown[]): string[] {
  return [...Map.groupBy(all, ({ kind, reason }) => JSON.stringify([kind, reason])).values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const more = members.length === 1 ? '' : ` and ${count(members.length - 1, `more ${unknownNouns[first.kind]}`)}`;
    return `${unknownSubject(first)}${more}: ${first.reason}`;
  });
}

const unknownNouns: Readonly<Record<Unknown['kind'], string>> = {
  'unread-file': 'file',
  'unread-layer': 'layer',
  'no-version': 'component',
  'no-advisories': 'ecosystem',
};

function unknownSubject(unknown: Unknown): string {
  switch (unknown.kind) {
    case 'unread-file':
      return unknown.layer === undefined ? unknown.path : `${unknown.path} (layer ${unknown.layer + 1})`;
    case 'unread-layer':
      return `layer ${unknown.layer + 1}`;
    case 'no-version':
      return unknown.component;
    case 'no-advisories':
      return `${unknown.ecosystem} (${count(unknown.components, 'component')})`;
  }
}
