/** The lines of a text, without their ends (`\n` or `\r\n`), one at a time: a large file is never held as a list. */
export function* lines(text: string): Generator<string, void, undefined> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    yield text.slice(start, end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end);
    start = end + 1;
  }
}
