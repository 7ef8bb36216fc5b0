import { grammar, type Metrics, readMetrics } from './cvss-metrics.ts';

const base = grammar(`
  AV:N|A|L|P AC:L|H AT:N|P PR:N|L|H UI:N|P|A VC:H|L|N VI:H|L|N VA:H|L|N SC:H|L|N SI:H|L|N SA:H|L|N`);
const optional = grammar(`
  E:X|A|P|U CR:X|H|M|L IR:X|H|M|L AR:X|H|M|L MAV:X|N|A|L|P MAC:X|L|H MAT:X|N|P MPR:X|N|L|H MUI:X|N|P|A MVC:X|H|L|N
  MVI:X|H|L|N MVA:X|H|L|N MSC:X|H|L|N MSI:X|S|H|L|N MSA:X|S|H|L|N S:X|N|P AU:X|N|Y R:X|A|U|I V:X|D|C RE:X|L|M|H
  U:X|Clear|Green|Amber|Red`);

/**
 * CVSS v4.0, section 8.3: the score of each MacroVector. A row for EQ1 and EQ2, in it a column for EQ3 and EQ6 together
 * (00, 01, 10, 11, 21), in that the levels of EQ4 and, within them, EQ5.
 */
const scores = [
  [
    '10 9.8 9.5 10 9.3 9.1 9.3 8.9 8.1',
    '9.9 9.5 9.2 9.6 8.7 8.1 9 8 6.8',
    '9.8 9.5 9 9.3 8.9 8.1 8.8 7.8 6.9',
    '9.5 9.2 8.4 9.2 8.1 6.5 8 7 4.8',
    '9.2 8.2 7.2 7.9 6.9 5 6.9 5.5 2.7',
  ],
  [
    '9.9 9.5 9.2 9.5 9 8.4 9.2 8.2 7.2',
    '9.7 9.2 8.5 9.1 8.3 7.1 8.1 7.1 5.3',
    '9.5 9.2 8.5 9.2 8 7 8.4 7.1 5',
    '9.3 8.5 7.3 8.2 7.2 5.9 7 5.2 3',
    '8.6 7.5 5.2 7.1 5.2 2.9 6.3 2.9 1.7',
  ],
  [
    '9.8 9.4 9.1 9.4 8.6 7.7 8.7 7.4 6.3',
    '9.5 8.7 8.1 8.9 7.4 6.4 7.5 6.3 4.9',
    '9.4 8.8 7.6 8.6 7.4 5.9 7.2 5.7 5.2',
    '8.9 7.7 6.7 7.6 5.8 5 5.7 5.2 2.5',
    '8.3 7 5.4 6.5 5.8 2.6 5.3 2.1 1.3',
  ],
  [
    '9.5 8.8 7.6 9 7.5 6.1 7.7 6.8 5.2',
    '9 7.6 7 7.7 6.2 5.3 6.6 5.9 3',
    '8.9 7.6 6.2 7.4 5.7 4.7 6.1 5.7 2.4',
    '7.8 6.7 5.8 5.9 5.7 2.3 5.2 2.9 1.6',
    '7.1 5.9 3 5.8 2.6 1.5 2.3 1.3 0.6',
  ],
  [
    '9.3 8.6 7.5 8.6 7.4 5.6 7 5.2 4',
    '8.7 7.2 5.8 7.4 6.1 3.4 5.4 4 2.2',
    '8.5 7.4 6.2 7.2 5.5 4.6 5.3 3.4 1.9',
    '7.5 5.5 5.1 5.7 4.1 1.9 3.6 1.9 0.8',
    '6.4 5.1 2 4.7 2.1 1.1 2.4 0.9 0.4',
  ],
  [
    '8.8 7.3 6 7.3 5.9 4.1 5.4 4.5 2',
    '7.5 5.3 5 5.5 4 2 4.3 2.2 1.1',
    '7.5 5.8 4 6.1 4.8 2 4.6 1.7 0.8',
    '5.5 4.5 2.1 5.1 1.8 0.9 1.8 0.7 0.2',
    '5.3 2.4 1.4 2.4 1.2 0.5 1 0.3 0.1',
  ],
].map((row) => row.map((column) => column.split(' ').map(Number)));

/** Values from most to least severe; the distance between two is the number of steps (section 8.2). */
const steps: Readonly<Record<string, string>> = {
  AV: 'NALP',
  PR: 'NLH',
  UI: 'NPA',
  AC: 'LH',
  AT: 'NP',
  VC: 'HLN',
  VI: 'HLN',
  VA: 'HLN',
  SC: 'SHLN',
  SI: 'SHLN',
  SA: 'SHLN',
  CR: 'HML',
  IR: 'HML',
  AR: 'HML',
};

/** An equivalence set: its metrics, and for each level the most severe values and the depth of the level. */
interface EquivalenceSet {
  readonly metrics: readonly string[];
  readonly levels: readonly { readonly highest: string; readonly depth: number }[];
}

const eq1: EquivalenceSet = {
  metrics: ['AV', 'PR', 'UI'],
  levels: [
    { highest: 'NNN', depth: 1 },
    { highest: 'ANN NLN NNP', depth: 4 },
    { highest: 'PNN ALP', depth: 5 },
  ],
};
const eq2: EquivalenceSet = {
  metrics: ['AC', 'AT'],
  levels: [
    { highest: 'LN', depth: 1 },
    { highest: 'HN LP', depth: 2 },
  ],
};
/** EQ3 and EQ6 depend on each other; levels 00, 01, 10, 11, 21. */
const eq36: EquivalenceSet = {
  metrics: ['VC', 'VI', 'VA', 'CR', 'IR', 'AR'],
  levels: [
    { highest: 'HHHHHH', depth: 7 },
    { highest: 'HHLMMH HHHMMM', depth: 6 },
    { highest: 'LHHHHH HLHHHH', depth: 8 },
    { highest: 'LHLHMH LHHHMM HLHMHM HLLMHH LLHHHM', depth: 8 },
    { highest: 'LLLHHH', depth: 10 },
  ],
};
const eq4: EquivalenceSet = {
  metrics: ['SC', 'SI', 'SA'],
  levels: [
    { highest: 'HSS', depth: 6 },
    { highest: 'HHH', depth: 5 },
    { highest: 'LLL', depth: 4 },
  ],
};

/** Next lower levels of {@link eq36}: of 00 it is the higher-scored of 01 and 10. */
const lower36 = [[1, 2], [3], [3], [4], []] as const;

interface Levels {
  readonly eq1: number;
  readonly eq2: number;
  readonly eq36: number;
  readonly eq4: number;
  readonly eq5: number;
}

/** CVSS v4.0, section 8: score of the metrics after `CVSS:4.0/`. `undefined`: not a valid vector. */
export function scoreCvss4(text: string): number | undefined {
  const metrics = readMetrics(text, base, optional);
  if (metrics === undefined) return undefined;
  const value = (name: string) => effective(metrics, name);
  if (['VC', 'VI', 'VA', 'SC', 'SI', 'SA'].every((name) => value(name) === 'N')) return 0;
  const levels = levelsOf(value);
  const score = scoreOf(levels) ?? 0;
  const lowers = [
    { set: eq1, level: levels.eq1, next: scoreOf({ ...levels, eq1: levels.eq1 + 1 }) },
    { set: eq2, level: levels.eq2, next: scoreOf({ ...levels, eq2: levels.eq2 + 1 }) },
    { set: eq36, level: levels.eq36, next: highestOf(lower36[levels.eq36] ?? [], levels) },
    { set: eq4, level: levels.eq4, next: scoreOf({ ...levels, eq4: levels.eq4 + 1 }) },
    // All of a level of EQ5 is equally severe.
    { set: undefined, level: levels.eq5, next: scoreOf({ ...levels, eq5: levels.eq5 + 1 }) },
  ].filter(({ next }) => next !== undefined);
  let total = 0;
  for (const { set, level, next = score } of lowers) {
    if (set !== undefined) total += (score - next) * depthShare(set, level, value);
  }
  const mean = lowers.length === 0 ? 0 : total / lowers.length;
  return Math.round((Math.min(10, Math.max(0, score - mean)) + 1e-6) * 10) / 10;
}

/** A modified metric replaces the base one; what is not defined counts as the worst (section 4). */
function effective(metrics: Metrics, name: string): string {
  const stated = [metrics.get(`M${name}`), metrics.get(name)].find((value) => value !== undefined && value !== 'X');
  return stated ?? (name === 'E' ? 'A' : 'H');
}

function levelsOf(value: (name: string) => string): Levels {
  const open = [value('AV'), value('PR'), value('UI')].filter((metric) => metric === 'N').length;
  const high = (name: string) => value(name) === 'H';
  const demanded = ['C', 'I', 'A'].some((what) => high(`V${what}`) && high(`${what}R`));
  const eq3 = high('VC') && high('VI') ? 0 : high('VC') || high('VI') || high('VA') ? 1 : 2;
  return {
    eq1: open === 3 ? 0 : open > 0 && value('AV') !== 'P' ? 1 : 2,
    eq2: value('AC') === 'L' && value('AT') === 'N' ? 0 : 1,
    eq36: eq3 === 2 ? 4 : eq3 * 2 + (demanded ? 0 : 1),
    eq4: value('SI') === 'S' || value('SA') === 'S' ? 0 : high('SC') || high('SI') || high('SA') ? 1 : 2,
    eq5: 'APU'.indexOf(value('E')),
  };
}

function scoreOf({ eq1, eq2, eq36, eq4, eq5 }: Levels): number | undefined {
  if (eq2 > 1 || eq4 > 2 || eq5 > 2) return undefined;
  return scores[eq1 * 2 + eq2]?.[eq36]?.[eq4 * 3 + eq5];
}

function highestOf(candidates: readonly number[], levels: Levels): number | undefined {
  const found = candidates.flatMap((eq36) => scoreOf({ ...levels, eq36 }) ?? []);
  return found.length === 0 ? undefined : Math.max(...found);
}

/** How far below the most severe vector of its level this one is, as a share of the level's depth. */
function depthShare({ metrics, levels }: EquivalenceSet, level: number, value: (name: string) => string): number {
  const { highest = '', depth = 1 } = levels[level] ?? {};
  for (const candidate of highest.split(' ')) {
    const distances = metrics.map((name, index) => {
      const order = steps[name] ?? '';
      return order.indexOf(value(name)) - order.indexOf(candidate[index] ?? '');
    });
    if (distances.every((distance) => distance >= 0))
      return distances.reduce((sum, distance) => sum + distance) / depth;
  }
  return 0;
}
