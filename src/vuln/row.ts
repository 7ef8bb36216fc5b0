import { limits } from '../limits.ts';
import {
  type Advisory,
  type Affected,
  type AffectedRange,
  type CvssScore,
  packageKey,
  type RangeEvent,
} from './advisory.ts';
import { badRecord, isObject, list, optionalText, text, texts } from './narrow.ts';

/** The JSON columns of the database: advisories and affected packages, small, because there are millions of them. */

type Scores = readonly CvssScore[];

/** `packageSeverity`: scores that the feed gives with the packages instead of the record. */
export function encodeAdvisory(advisory: Advisory, packageSeverity: Scores): string {
  const { aliases, upstream, summary, severity, rating, published, modified, kind, references } = advisory;
  return JSON.stringify({
    aliases: filled(aliases),
    upstream: filled(upstream),
    summary,
    severity: filled(severity.map(pair)),
    packageSeverity: filled(packageSeverity.map(pair)),
    rating,
    published,
    modified,
    kind: kind === 'vulnerability' ? undefined : kind,
    references,
  });
}

/** @throws PlimsollError `vuln/bad-record`, as every decoder here: the file may have been damaged. */
export function decodeAdvisory(
  id: string,
  body: string,
): { readonly advisory: Advisory; readonly packageSeverity: Scores } {
  const value = parse(body);
  if (!isObject(value)) throw badRecord('An advisory is not an object');
  const { kind } = value;
  const references = texts(value['references'], 'references', 2);
  return {
    advisory: {
      id,
      aliases: texts(value['aliases'], 'aliases', limits.advisoryNames),
      upstream: texts(value['upstream'], 'upstream', Number.POSITIVE_INFINITY),
      summary: optionalText(value['summary'], 'summary'),
      severity: decodeScores(value['severity']),
      rating: optionalText(value['rating'], 'rating'),
      published: optionalText(value['published'], 'published'),
      modified: optionalText(value['modified'], 'modified'),
      kind: kind === 'malware' || kind === 'unmaintained' ? kind : 'vulnerability',
      references: references.length === 0 ? undefined : references,
    },
    packageSeverity: decodeScores(value['packageSeverity']),
  };
}

/** `[ranges, qualifiers, rating, name, versions, severity]`, the absent ones at the end left out; a range is `["E", ">0", "<1.2"]`. */
export function encodeAffected(affected: Affected): string {
  const { ecosystem, name, ranges, versions, severity, rating, qualifiers } = affected;
  const fields = [
    ranges.map(({ type, events }) => [type === 'SEMVER' ? 'S' : 'E', ...events.map(encodeEvent)]),
    Object.keys(qualifiers).length === 0 ? null : qualifiers,
    rating ?? null,
    name === packageKey(ecosystem, name) ? null : name,
    filled(versions) ?? null,
    filled(severity.map(pair)) ?? null,
  ];
  while (fields.length > 1 && fields.at(-1) === null) fields.pop();
  return JSON.stringify(fields);
}

export function decodeAffected(ecosystem: string, key: string, body: string): Affected {
  const [ranges, qualifiers, rating, name, versions, severity] = list(parse(body), 'affected', 6);
  return {
    ecosystem,
    name: optionalText(name, 'name') ?? key,
    ranges: list(ranges, 'ranges', limits.advisoryEvents).map(decodeRange),
    versions: texts(versions, 'versions', limits.advisoryVersions),
    severity: decodeScores(severity),
    rating: optionalText(rating, 'rating'),
    qualifiers: isObject(qualifiers)
      ? Object.fromEntries(Object.entries(qualifiers).map(([key, value]) => [key, text(value, 'qualifiers')]))
      : {},
  };
}

function encodeEvent(event: RangeEvent): string {
  if ('introduced' in event) return `>${event.introduced}`;
  if ('fixed' in event) return `<${event.fixed}`;
  return 'lastAffected' in event ? `=${event.lastAffected}` : `|${event.limit}`;
}

function decodeRange(value: unknown): AffectedRange {
  const [type, ...events] = texts(value, 'range', limits.advisoryEvents + 2);
  if (type !== 'S' && type !== 'E') throw badRecord('A range has no type');
  return { type: type === 'S' ? 'SEMVER' : 'ECOSYSTEM', events: events.map(decodeEvent) };
}

function decodeEvent(event: string): RangeEvent {
  const version = text(event.slice(1), 'event');
  switch (event[0]) {
    case '>':
      return { introduced: version };
    case '<':
      return { fixed: version };
    case '=':
      return { lastAffected: version };
    case '|':
      return { limit: version };
    default:
      throw badRecord('A range has an event of no kind');
  }
}

function decodeScores(value: unknown): Scores {
  return list(value, 'severity', limits.advisoryNames).map((entry) => {
    const [type, score] = texts(entry, 'severity[]', 2);
    return { type: text(type, 'severity type'), score: text(score, 'severity score') };
  });
}

function pair({ type, score }: CvssScore): readonly string[] {
  return [type, score];
}

function filled<T>(entries: readonly T[]): readonly T[] | undefined {
  return entries.length === 0 ? undefined : entries;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRecord('A row is not JSON');
  }
}
