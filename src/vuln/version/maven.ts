import { numberKey, textKey } from './key.ts';

const qualifiers = new Map([
  ['alpha', '\u0001'],
  ['beta', '\u0002'],
  ['milestone', '\u0003'],
  ['rc', '\u0004'],
  ['cr', '\u0004'],
  ['snapshot', '\u0005'],
  ['', '\u0007'],
  ['final', '\u0007'],
  ['ga', '\u0007'],
  ['release', '\u0007'],
  ['sp', '\u0008'],
]);
/** The end of a version stands between `snapshot` and what the empty qualifier goes on with. */
const end = '\u0006';
const otherQualifier = '\u0009';
const hyphenNumber = '\u000a';
const dotNumber = '\u000b';

const shortened = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

interface Token {
  readonly dot: boolean;
  readonly value: string;
}

/** Maven's "Version Order Specification" (POM reference). Everything has a place in the order, except nothing at all. */
export function mavenKey(version: string): string | undefined {
  const text = version.trim().toLowerCase();
  if (text === '') return undefined;
  return trimmed(tokensOf(text)).map(tokenKey).join('') + end;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let dot = true;
  for (const [index, chunk] of text.split(/([._-])/).entries()) {
    if (index % 2 === 1) {
      dot = chunk === '.';
      continue;
    }
    const runs = chunk === '' ? ['0'] : (chunk.match(/[0-9]+|[^0-9]+/g) ?? []);
    for (const [position, run] of runs.entries()) {
      // A change between digits and letters counts as a hyphen; ".qualifier" is "-qualifier".
      const isNumber = /^[0-9]/.test(run);
      const followedByNumber = position + 1 < runs.length;
      tokens.push({
        dot: dot && position === 0 && isNumber,
        value: followedByNumber ? (shortened.get(run) ?? run) : run,
      });
    }
  }
  return tokens;
}

/** Without the null values (0, the empty qualifier) before each hyphen and at the end. */
function trimmed(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  for (const token of tokens) {
    if (!token.dot) dropNulls(kept);
    kept.push(token);
  }
  dropNulls(kept);
  return kept;
}

function dropNulls(tokens: Token[]): void {
  for (let last = tokens.at(-1); last !== undefined && isNull(last); last = tokens.at(-1)) tokens.pop();
}

function isNull({ value }: Token): boolean {
  return /^0*$/.test(value) || qualifiers.get(value) === qualifiers.get('');
}

function tokenKey({ dot, value }: Token): string {
  if (/^[0-9]/.test(value)) return (dot ? dotNumber : hyphenNumber) + numberKey(value);
  return qualifiers.get(value) ?? otherQualifier + textKey(value);
}
