import type { SeverityLevel } from '../sbom/index.ts';
import { type Grammar, grammar, type Metrics, readMetrics } from './cvss-metrics.ts';
import { scoreCvss4 } from './cvss4.ts';

export type CvssVersion = '4.0' | '3.1' | '3.0' | '2.0';

export interface CvssRating {
  readonly version: CvssVersion;
  /** 0 to 10, in tenths. */
  readonly score: number;
  readonly level: SeverityLevel;
}

/**
 * Scores a CVSS vector by its specification (first.org/cvss): the base score for versions 2 and 3; for version 4 the
 * score of all metrics that it states. `undefined`: not a valid vector, so nothing is known, which is not a score of 0.
 */
export function rateCvss(vector: string): CvssRating | undefined {
  if (vector.length > 1_000) return undefined;
  const known = ratings.get(vector);
  if (known !== undefined || ratings.has(vector)) return known;
  const made = rate(vector.trim());
  if (ratings.size >= rememberedRatings) ratings.clear();
  ratings.set(vector, made);
  return made;
}

/** Some two thousand vectors rate nearly all that there is. */
const ratings = new Map<string, CvssRating | undefined>();
const rememberedRatings = 20_000;

function rate(text: string): CvssRating | undefined {
  const [, prefix, metrics = ''] = /^(?:CVSS:(4\.0|3\.1|3\.0)\/)?\(?([^()]*)\)?$/.exec(text) ?? [];
  if (prefix === '4.0') return rating('4.0', scoreCvss4(metrics));
  if (prefix === '3.1') return rating('3.1', scoreCvss3(metrics));
  if (prefix === '3.0') return rating('3.0', scoreCvss3(metrics));
  return rating('2.0', scoreCvss2(metrics));
}

function rating(version: CvssVersion, score: number | undefined): CvssRating | undefined {
  return score === undefined ? undefined : { version, score, level: version === '2.0' ? level2(score) : level(score) };
}

/** CVSS v3.1 and v4.0, "Qualitative Severity Rating Scale". */
function level(score: number): SeverityLevel {
  if (score === 0) return 'none';
  if (score < 4) return 'low';
  if (score < 7) return 'medium';
  return score < 9 ? 'high' : 'critical';
}

/** Version 2 has no scale of its own; NVD's for it ends with high. */
function level2(score: number): SeverityLevel {
  if (score < 4) return 'low';
  return score < 7 ? 'medium' : 'high';
}

const base3 = grammar('AV:N|A|L|P AC:L|H PR:N|L|H UI:N|R S:U|C C:H|L|N I:H|L|N A:H|L|N');
const optional3 = grammar(`
  E:X|U|P|F|H RL:X|O|T|W|U RC:X|U|R|C CR:X|L|M|H IR:X|L|M|H AR:X|L|M|H MAV:X|N|A|L|P MAC:X|L|H MPR:X|N|L|H MUI:X|N|R
  MS:X|U|C MC:X|N|L|H MI:X|N|L|H MA:X|N|L|H`);
const weights3 = weights('AV:N=.85,A=.62,L=.55,P=.2 AC:L=.77,H=.44 UI:N=.85,R=.62');
const impact3 = weights('C:H=.56,L=.22,N=0 I:H=.56,L=.22,N=0 A:H=.56,L=.22,N=0');
const privileges = weights('U:N=.85,L=.62,H=.27 C:N=.85,L=.68,H=.5');

/** CVSS v3.1, sections 7.1 and 7.4; base scores of version 3.0 are the same. */
function scoreCvss3(text: string): number | undefined {
  const metrics = readMetrics(text, base3, optional3);
  if (metrics === undefined) return undefined;
  const changed = metrics.get('S') === 'C';
  const subScore = 1 - product(metrics, impact3, (weight) => 1 - weight);
  const impact = changed ? 7.52 * (subScore - 0.029) - 3.25 * (subScore - 0.02) ** 15 : 6.42 * subScore;
  if (impact <= 0) return 0;
  const required = privileges.get(changed ? 'C' : 'U')?.get(metrics.get('PR') ?? '') ?? 0;
  const exploitability = 8.22 * product(metrics, weights3) * required;
  return roundUp(Math.min(changed ? 1.08 * (impact + exploitability) : impact + exploitability, 10));
}

/** CVSS v3.1, appendix A: whole numbers, so that every implementation rounds alike. */
function roundUp(score: number): number {
  const whole = Math.round(score * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}

const base2 = grammar('AV:L|A|N AC:H|M|L Au:M|S|N C:N|P|C I:N|P|C A:N|P|C');
const optional2 = grammar(`
  E:ND|U|POC|F|H RL:ND|OF|TF|W|U RC:ND|UC|UR|C CDP:ND|N|L|LM|MH|H TD:ND|N|L|M|H CR:ND|L|M|H IR:ND|L|M|H AR:ND|L|M|H`);
const weights2 = weights('AV:L=.395,A=.646,N=1 AC:H=.35,M=.61,L=.71 Au:M=.45,S=.56,N=.704');
const impact2 = weights('C:N=0,P=.275,C=.66 I:N=0,P=.275,C=.66 A:N=0,P=.275,C=.66');

/** CVSS v2, section 3.2.1. */
function scoreCvss2(text: string): number | undefined {
  const metrics = readMetrics(text, base2, optional2);
  if (metrics === undefined) return undefined;
  const impact = 10.41 * (1 - product(metrics, impact2, (weight) => 1 - weight));
  if (impact === 0) return 0;
  const exploitability = 20 * product(metrics, weights2);
  return Math.round((0.6 * impact + 0.4 * exploitability - 1.5) * 1.176 * 10) / 10;
}

type Weights = ReadonlyMap<string, ReadonlyMap<string, number>>;

function weights(text: string): Weights {
  const values: Grammar = grammar(text.replaceAll(',', '|'));
  return new Map(
    [...values].map(([metric, pairs]) => [
      metric,
      new Map(
        [...pairs].map((pair) => {
          const [value = '', weight] = pair.split('=');
          return [value, Number(weight)];
        }),
      ),
    ]),
  );
}

function product(metrics: Metrics, of: Weights, each: (weight: number) => number = (weight) => weight): number {
  let result = 1;
  for (const [metric, values] of of) result *= each(values.get(metrics.get(metric) ?? '') ?? 0);
  return result;
}
