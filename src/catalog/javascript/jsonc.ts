/** Strict JSON of JSON with comments and trailing commas, in one pass. What is neither is left for the parser to refuse. */
export function plainJson(text: string): string {
  const pieces: string[] = [];
  let pendingComma = false;
  for (let at = 0; at < text.length; ) {
    const end = endOfPiece(text, at);
    const piece = text.slice(at, end);
    at = end;
    if (isBlank(piece)) {
      pieces.push(' ');
      continue;
    }
    if (pendingComma && piece !== '}' && piece !== ']') pieces.push(',');
    pendingComma = piece === ',';
    if (!pendingComma) pieces.push(piece);
  }
  return pieces.join('');
}

const blank = /\s+/y;
const plain = /[^\s",}\]/]+/y;

function isBlank(piece: string): boolean {
  if (piece.startsWith('/*')) return piece.length >= 4 && piece.endsWith('*/');
  return piece.startsWith('//') || piece.trim() === '';
}

/** Where the string, comment, run of blanks, mark or run of anything else that starts at `at` ends. */
function endOfPiece(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  if (text.startsWith('//', at)) return orEnd(text, text.indexOf('\n', at));
  if (text.startsWith('/*', at)) return orEnd(text, text.indexOf('*/', at + 2), 2);
  for (const run of [blank, plain]) {
    run.lastIndex = at;
    if (run.test(text)) return run.lastIndex;
  }
  return at + 1;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function orEnd(text: string, found: number, length = 0): number {
  return found < 0 ? text.length : found + length;
}
