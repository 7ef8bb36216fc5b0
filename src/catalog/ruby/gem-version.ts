/** Which installed gem answers a requirement (`Gem::Version`, `Gem::Requirement`). */

type Segment = number | string;

/** Numbers and words; a word is a prerelease, and less than any number. Trailing zeros do not count. */
function segmentsOf(version: string): readonly Segment[] {
  const parts = version.slice(0, longest).match(/\d+|[a-z]+/gi) ?? [];
  const segments = parts.map((part) => (/^\d/.test(part) ? Number(part) : part));
  while (segments.at(-1) === 0) segments.pop();
  return segments;
}

/** Longer ones are no versions of anything. */
const longest = 100;

export function compareGemVersions(a: string, b: string): number {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [x = 0, y = 0] = [left[index], right[index]];
    if (x === y) continue;
    if (typeof x === typeof y) return x < y ? -1 : 1;
    return typeof x === 'string' ? -1 : 1;
  }
  return 0;
}

/** Whether `version` meets each of `requirements`: `>= 1.2`, `~> 1.2.3`, `1.0`. */
export function satisfies(version: string, requirements: readonly string[]): boolean {
  return requirements.every((requirement) => {
    const [, operator = '=', bound] = /^\s*(=|!=|>=|<=|~>|>|<)?\s*([\w.-]+)\s*$/.exec(requirement) ?? [];
    return bound !== undefined && holds(version, operator, bound);
  });
}

function holds(version: string, operator: string, bound: string): boolean {
  const order = compareGemVersions(version, bound);
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    default:
      // The last number that is stated may rise, those before it may not.
      return order >= 0 && compareGemVersions(releaseOf(version), nextOf(bound)) < 0;
  }
}

function releaseOf(version: string): string {
  return version.replace(/\.?[a-z].*$/i, '');
}

/** `~> 1.2.3` allows up to 1.3, `~> 1.2` up to 2, `~> 1` up to 2. */
function nextOf(bound: string): string {
  const numbers = releaseOf(bound).split('.').map(Number);
  const kept = numbers.length > 1 ? numbers.slice(0, -1) : numbers;
  return [...kept.slice(0, -1), (kept.at(-1) ?? 0) + 1].join('.');
}
