/**
 * What in text from outside could move the cursor, colour or hide what follows (escape sequences, bidi overrides), or
 * cannot be written as UTF-8.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
/** Azure Pipelines and GitHub Actions carry out `##vso[…]` and `##[…]` wherever in a line they stand. */
const pipelineCommand = /##(?=\[|vso\[)/gi;
export const printable = /^[\x20-\x7e]*$/;

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

/** `1 component`, `1,204 components`, `3 advisories`, `2 days`. */
export function count(number: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`;
}

/** `sha256:309ea9bce167`: enough of a digest to tell artifacts apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^([a-z0-9]+:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
