export type { AdvisoryLookup } from './advisory.ts';
export { type CvssRating, type CvssVersion, rateCvss } from './cvss.ts';
export { fixForAll } from './fix.ts';
export { type Matches, type MatchOptions, matchComponents } from './match.ts';
export { levelOfWord, severityRank } from './severity.ts';
export { compareVersions } from './version/compare.ts';
export { type Suppression, suppressionsOf, type VexStatement } from './vex.ts';
export { readVex } from './vex-document.ts';
