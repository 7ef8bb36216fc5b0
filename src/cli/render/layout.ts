import type { Style, Terminal } from '../terminal.ts';
import { shown } from './text.ts';
import { cut, fit, startOf, widthOf } from './width.ts';

export interface Looks extends Pick<Terminal, 'paint' | 'width'> {
  /** Puts the commands in a text into words that work where it is read. */
  readonly asCalled?: ((text: string) => string) | undefined;
}

/** Text for a terminal, safe or not: {@link lineOf} makes it safe. */
export type Piece = string | readonly [style: Style, text: string];

/** Where nothing wraps, lines may still not be endless. */
const unwrapped = 140;
/** Narrower terminals wrap by themselves. */
const narrowest = 40;

export function columnsOf({ width }: Looks): number {
  return Math.max(width ?? unwrapped, narrowest);
}

/** One line that never takes more than the columns there are, whatever the pieces hold. */
export function lineOf(looks: Looks, ...pieces: readonly Piece[]): string {
  const parts = disarmed(pieces.map(partOf));
  const columns = columnsOf(looks);
  const total = parts.reduce((sum, { text }) => sum + widthOf(text), 0);
  let room = total > columns ? columns - 1 : columns;
  let line = '';
  for (const { style, text } of parts) {
    const width = widthOf(text);
    const isCut = total > columns && width > room;
    const kept = isCut ? cut(text, room + 1) : text;
    if (kept !== '') line += style === undefined ? kept : looks.paint(style, kept);
    if (isCut) break;
    room -= width;
  }
  return line.replace(/ +$/, '');
}

/** A line to copy from, such as a digest: a terminal that is too narrow for it wraps it by itself, and nothing is cut off. */
export function wholeLine(looks: Looks, ...pieces: readonly Piece[]): string {
  return lineOf({ ...looks, width: undefined }, ...pieces);
}

interface Part {
  readonly style: Style | undefined;
  readonly text: string;
}

function partOf(piece: Piece): Part {
  return typeof piece === 'string'
    ? { style: undefined, text: shown(piece) }
    : { style: piece[0], text: shown(piece[1]) };
}

/** GitHub Actions carries out lines that begin with `::`, and results are often printed in its jobs. */
function disarmed(parts: readonly Part[]): readonly Part[] {
  const joined = parts.map(({ text }) => text).join('');
  if (!joined.trimStart().startsWith('::')) return parts;
  const first = parts.findIndex(({ text }) => text.trim() !== '');
  return parts.map((part, index) => (index === first ? { ...part, text: part.text.replace(':', '\\u003a') } : part));
}

export interface Wrapping {
  readonly indent?: string;
  /** Of the lines after the first, where it differs. */
  readonly hanging?: string;
  readonly style?: Style;
  /** What takes more lines is cut. */
  readonly most?: number;
}

/** Running text over as many lines as it takes. */
export function wrapped(
  looks: Looks,
  text: string,
  { indent = '', hanging = indent, style, most = 12 }: Wrapping = {},
) {
  const room = columnsOf(looks) - Math.max(indent.length, hanging.length);
  const lines: string[] = [];
  let line = '';
  for (const word of shown(looks.asCalled?.(text) ?? text)
    .split(' ')
    .flatMap((part) => pieces(part, room))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  const kept = lines.slice(0, most);
  if (lines.length > most) kept.push(fit(`${kept.pop() ?? ''} …`, room));
  return kept.map((part, index) =>
    lineOf(looks, index === 0 ? indent : hanging, style === undefined ? part : [style, part]),
  );
}

/** A word in pieces that each fit. */
function pieces(word: string, room: number): string[] {
  const found: string[] = [];
  let rest = word;
  while (widthOf(rest) > room) {
    const start = startOf(rest, room);
    if (start === '') break;
    found.push(start);
    rest = rest.slice(start.length);
  }
  return [...found, rest];
}
