import type { Severity, SeverityLevel } from '../sbom/index.ts';
import { severityLevels } from '../sbom/index.ts';
import type { Advisory, AdvisoryLookup, Affected, CvssScore } from './advisory.ts';
import { type CvssVersion, rateCvss } from './cvss.ts';
import { baseEcosystem } from './osv.ts';

const levelsByWord: ReadonlyMap<string, SeverityLevel> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['minor', 'low'],
  ['negligible', 'low'],
  ['unimportant', 'low'],
  ['none', 'none'],
]);

/**
 * The level of a rating in a feed's words: GHSA's `MODERATE`, Ubuntu's `negligible`, Red Hat's `Important`, Debian's
 * `high**` (the asterisks tell remote from local attacks). `undefined`: not rated (`not yet assigned`), or another word.
 */
export function levelOfWord(word: string): SeverityLevel | undefined {
  return levelsByWord.get(word.toLowerCase().replace(/\*+$/, ''));
}

interface Rated {
  readonly advisory: Advisory;
  readonly affected: Affected;
}

/**
 * Rule 13. For a distribution's package its own rating; else the best CVSS of these advisories (version 4.0 before 3.1,
 * 3.0 and 2.0, then the higher score); else their rating in words; else what any advisory says about these names.
 */
export function severityOf(
  rated: readonly Rated[],
  ofDistribution: boolean,
  names: readonly string[],
  severities: AdvisoryLookup['severities'],
): Severity {
  return (
    (ofDistribution ? ownRating(rated) : undefined) ??
    bestVector(
      rated.map(({ advisory, affected }) => ({
        source: advisory.id,
        scores: [...affected.severity, ...advisory.severity],
      })),
    ) ??
    bestWord(rated.flatMap(({ advisory }) => word(advisory.id, advisory.rating))) ??
    elsewhere(names, severities) ?? { level: 'unknown' }
  );
}

function ownRating(rated: readonly Rated[]): Severity | undefined {
  return bestWord(
    rated.flatMap(({ advisory, affected }) => {
      const scales = [...affected.severity, ...advisory.severity].filter(({ type }) => !type.startsWith('CVSS'));
      const words = [affected.rating, ...scales.map(({ score }) => score), advisory.rating];
      const source = baseEcosystem(affected.ecosystem);
      // The package's own word before that of the record.
      return words.flatMap((rating) => word(source, rating)).slice(0, 1);
    }),
  );
}

function elsewhere(names: readonly string[], severities: AdvisoryLookup['severities']): Severity | undefined {
  const known = severities(names);
  return (
    bestVector(known.map(({ advisory, severity }) => ({ source: advisory, scores: severity }))) ??
    bestWord(known.flatMap(({ advisory, rating }) => word(advisory, rating)))
  );
}

/** What several advisories say of one vulnerability: the best CVSS, else the worst word, a distribution's own scale among them. */
export function severityIn(known: ReturnType<AdvisoryLookup['severities']>): Severity {
  const words = known.flatMap(({ advisory, severity, rating }) => {
    const scales = severity.filter(({ type }) => !type.startsWith('CVSS'));
    return [...scales.map(({ score }) => score), rating].flatMap((each) => word(advisory, each));
  });
  return (
    bestVector(known.map(({ advisory, severity }) => ({ source: advisory, scores: severity }))) ??
    bestWord(words) ?? { level: 'unknown' }
  );
}

const versionRank: Readonly<Record<CvssVersion, number>> = { '4.0': 0, '3.1': 1, '3.0': 2, '2.0': 3 };

function bestVector(
  candidates: readonly { readonly source: string; readonly scores: readonly CvssScore[] }[],
): Severity | undefined {
  const rated = candidates.flatMap(({ source, scores }) =>
    scores.flatMap(({ type, score: vector }) => {
      const rating = type.startsWith('CVSS') ? rateCvss(vector) : undefined;
      return rating === undefined ? [] : [{ ...rating, vector, source }];
    }),
  );
  const [best] = rated.sort(
    (a, b) => versionRank[a.version] - versionRank[b.version] || b.score - a.score || (a.source < b.source ? -1 : 1),
  );
  return best === undefined
    ? undefined
    : { level: best.level, score: best.score, vector: best.vector, source: best.source };
}

interface Word {
  readonly level: SeverityLevel;
  readonly source: string;
}

function word(source: string, rating: string | undefined): readonly Word[] {
  const level = rating === undefined ? undefined : levelOfWord(rating);
  return level === undefined ? [] : [{ level, source }];
}

/** The worst that is said. */
function bestWord(words: readonly Word[]): Severity | undefined {
  const [best] = [...words].sort(
    (a, b) => severityRank(a.level) - severityRank(b.level) || (a.source < b.source ? -1 : a.source > b.source ? 1 : 0),
  );
  return best;
}

/** 0 for the worst. */
export function severityRank(level: SeverityLevel): number {
  return severityLevels.indexOf(level);
}
