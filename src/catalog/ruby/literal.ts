/** Literal texts and lists in Ruby source, as RubyGems writes them (`Gem::Specification#to_ruby`). Nothing is evaluated. */

const blank = /\s*/y;
const doubleQuoted = /"((?:[^"\\]|\\[\s\S])*)"/y;
const singleQuoted = /'((?:[^'\\]|\\[\s\S])*)'/y;
const percentText = /%[qQ]?(?:<([^<>]*)>|\{([^{}]*)\}|\(([^()]*)\)|\[([^[\]]*)\])/y;
const percentWords = /%[wW](?:<([^<>]*)>|\{([^{}]*)\}|\(([^()]*)\)|\[([^[\]]*)\])/y;
const wrapper = /Gem::(?:Version|Requirement)\.(?:new|create)\(/y;
const suffix = /\.freeze/y;
const listItems = 10_000;

interface Literal {
  /** A text is a list of one. */
  readonly texts: readonly string[];
  /** Where the source goes on. */
  readonly end: number;
}

/** The literal at `start`: a text, a list of texts, or either in `Gem::Version.new(…)`. `undefined` for anything else. */
export function literalAt(source: string, start: number): Literal | undefined {
  const begin = skip(blank, source, start);
  if (source[begin] === '[') return listAt(source, begin);
  const inside = skip(wrapper, source, begin);
  if (inside === begin) return scalarAt(source, begin);
  const wrapped = source[inside] === '[' ? listAt(source, inside) : scalarAt(source, inside);
  return wrapped === undefined || source[wrapped.end] !== ')' ? undefined : { ...wrapped, end: wrapped.end + 1 };
}

function listAt(source: string, start: number): Literal | undefined {
  const texts: string[] = [];
  let at = skip(blank, source, start + 1);
  while (source[at] !== ']') {
    // Not a list in a list: none is written, and depth would be theirs to choose.
    const item = texts.length < listItems ? scalarAt(source, at) : undefined;
    if (item === undefined) return undefined;
    texts.push(...item.texts);
    at = skip(blank, source, item.end);
    if (source[at] === ',') at = skip(blank, source, at + 1);
    else if (source[at] !== ']') return undefined;
  }
  return { texts, end: skip(suffix, source, at + 1) };
}

function scalarAt(source: string, start: number): Literal | undefined {
  const ended = (texts: readonly string[], end: number) => ({ texts, end: skip(suffix, source, end) });
  const double = matchAt(doubleQuoted, source, start)?.[1];
  if (double !== undefined) {
    const text = unescaped(double);
    return text === undefined ? undefined : ended([text], doubleQuoted.lastIndex);
  }
  const single = matchAt(singleQuoted, source, start)?.[1];
  if (single !== undefined) return ended([single.replace(/\\([\\'])/g, '$1')], singleQuoted.lastIndex);
  const percent = matchAt(percentText, source, start)
    ?.slice(1)
    .find((text) => text !== undefined);
  if (percent !== undefined) return ended([percent], percentText.lastIndex);
  const words = matchAt(percentWords, source, start)
    ?.slice(1)
    .find((text) => text !== undefined);
  if (words === undefined) return undefined;
  return ended(
    words.split(/\s+/).filter((word) => word !== ''),
    percentWords.lastIndex,
  );
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function skip(pattern: RegExp, source: string, at: number): number {
  return at + (matchAt(pattern, source, at)?.[0].length ?? 0);
}

const controls = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['s', ' '],
  ['t', '\t'],
  ['v', '\v'],
]);

/** What `String#dump` escapes; `undefined` when code is interpolated. */
function unescaped(text: string): string | undefined {
  if (/(?:^|[^\\])(?:\\\\)*#[{$@]/.test(text)) return undefined;
  return text
    .replace(/(?:\\x[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('\\x', ''), 'hex').toString('utf8'))
    .replace(/\\(?:u([\da-f]{4})|u\{([\da-f]{1,6})\}|([\s\S]))/gi, (_, four, braces, other) => {
      const digits: string | undefined = four ?? braces;
      if (digits === undefined) return controls.get(other) ?? other;
      const code = Number.parseInt(digits, 16);
      return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\uFFFD' : String.fromCodePoint(code);
    });
}
