import stringWidth from 'string-width';
import { printable } from './text.ts';

const clusters = new Intl.Segmenter();

/** Columns that the text takes on a terminal. */
export function widthOf(text: string): number {
  return printable.test(text) ? text.length : stringWidth(text);
}

/** Fits text into `width` columns, with an ellipsis where something is left out. */
export function fit(text: string, width: number): string {
  return widthOf(text) <= width ? text : cut(text, width);
}

/** As much of the text as leaves room for an ellipsis after it. */
export function cut(text: string, width: number): string {
  return `${startOf(text, width - 1)}…`;
}

/** The longest start of the text that takes no more than `width` columns; no character is torn apart. */
export function startOf(text: string, width: number): string {
  let end = 0;
  let used = 0;
  for (const { segment, index } of clusters.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

/** Fits text from its end: of a path, the last part says most. */
export function fitEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const segments = [...clusters.segment(text)];
  let from = text.length;
  let used = 1;
  for (const { segment, index } of segments.reverse()) {
    used += widthOf(segment);
    if (used > width) break;
    from = index;
  }
  return `…${text.slice(from)}`;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - widthOf(text), 0));
}
