import stringWidth from 'string-width';

/**
 * What in text from outside could move the cursor, colour or hide what follows (escape sequences, bidi overrides), or
 * cannot be written as UTF-8.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
/** Azure Pipelines and GitHub Actions carry out `##vso[…]` and `##[…]` wherever in a line they stand. */
const pipelineCommand = /##(?=\[|vso\[)/gi;
const printable = /^[\x20-\x7e]*$/;
const clusters = new Intl.Segmenter();

/** Text from outside, safe to show on a terminal: on one line, control characters made visible. */
export function shown(text: string): string {
  const line = text.replace(/[\t\r\n]+/g, ' ');
  return printable.test(line) && !line.includes('##')
    ? line
    : line.replace(unsafe, escapeOf).replace(pipelineCommand, '#\\u0023');
}

function escapeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

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

/** `1 component`, `1,204 components`, `3 advisories`, `2 days`. */
export function count(number: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`;
}

/** `sha256:309ea9bce167`: enough of a digest to tell artifacts apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^([a-z0-9]+:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
