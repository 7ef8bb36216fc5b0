import stringWidth from 'string-width';

/** Control characters of untrusted text, which could move the cursor, colour or hide what follows (escape sequences, bidi overrides). */
const unsafe = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text from outside, safe to show on a terminal: on one line, control characters made visible. */
export function shown(text: string): string {
  return text
    .replace(/[\t\r\n]+/g, ' ')
    .replace(unsafe, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

/** Fits text into `width` columns, with an ellipsis where something is left out. */
export function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = stringWidth(character);
    if (used + next > width - 1) break;
    kept += character;
    used += next;
  }
  return `${kept}…`;
}

/** Fits text from its end: of a path, the last part says most. */
export function fitEnd(text: string, width: number): string {
  return stringWidth(text) <= width ? text : `…${[...text].slice(-(width - 1)).join('')}`;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - stringWidth(text), 0));
}

/** `1 component`, `1,204 components`, `3 advisories`. */
export function count(number: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`;
}
