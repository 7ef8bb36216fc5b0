import parse from 'spdx-expression-parse';
import { limits } from '../limits.ts';
import { licenseByName } from './license-name.ts';

/** `null`: known to be none. */
const remembered = new Map<string, string | null>();
const rememberedAtMost = 5_000;

/**
 * A declared licence as its SPDX expression where the text is one or means exactly one (`mit or GPL-2+` gives
 * `MIT OR GPL-2.0-or-later`), else the text itself in one line. Text beyond `limits.licenseLength` ends in `…`.
 */
export function licenseExpression(text: string): string {
  const line = oneLine(text);
  return line.length > limits.licenseLength
    ? `${line.slice(0, limits.licenseLength - 1)}…`
    : (exactLicense(line) ?? line);
}

/** The SPDX expression that the text is or means exactly, if there is one. */
export function exactLicense(text: string): string | undefined {
  if (text.length > limits.licenseLength) return undefined;
  const known = remembered.get(text);
  if (known !== undefined) return known ?? undefined;
  const answer = normalised(oneLine(text));
  if (remembered.size >= rememberedAtMost) remembered.clear();
  remembered.set(text, answer ?? null);
  return answer;
}

/** Blanks are folded in a part of it only: a megabyte of licence text is shown cut anyway. */
function oneLine(text: string): string {
  return text
    .slice(0, limits.licenseLength * 2)
    .trim()
    .replace(/\s+/g, ' ');
}

function normalised(line: string): string | undefined {
  return licenseByName(line) ?? classified(line) ?? namedTwice(line) ?? combined(line);
}

/** Python's trove classifiers: `License :: OSI Approved :: MIT License`. */
function classified(line: string): string | undefined {
  return line.startsWith('License ::') ? normalised(line.slice(line.lastIndexOf('::') + 2).trim()) : undefined;
}

/** `GNU General Public License v3 (GPLv3)`: name and abbreviation, which must not contradict each other. */
function namedTwice(line: string): string | undefined {
  const [, name, abbreviation] = /^([^()]+) \(([^()]+)\)$/.exec(line) ?? [];
  if (name === undefined || abbreviation === undefined) return undefined;
  const long = licenseByName(name);
  const short = licenseByName(abbreviation);
  return long === undefined || short === undefined || long === short ? (long ?? short) : undefined;
}

/** Only when every licence in it is known: half an expression would say less than the text. */
function combined(line: string): string | undefined {
  const parts = line.split(/(\(|\)| (?:and|or|with) |\/)/i).map((part) => part.trim());
  const pieces: string[] = [];
  let afterWith = false;
  for (const part of parts) {
    const operator = part === '/' ? 'OR' : part.toUpperCase();
    if (part === '') continue;
    if (operator === 'AND' || operator === 'OR' || operator === 'WITH' || part === '(' || part === ')')
      pieces.push(operator);
    else if (afterWith) pieces.push(exceptionByName(part));
    else if (/^(?:DocumentRef|LicenseRef)-/.test(part)) pieces.push(part);
    else {
      const license = licenseByName(part);
      if (license === undefined) return undefined;
      pieces.push(license);
    }
    afterWith = operator === 'WITH';
  }
  try {
    return render(parse(pieces.join(' ')));
  } catch {
    return undefined;
  }
}

const exceptions = new Map([
  ['classpath exception', 'Classpath-exception-2.0'],
  ['font exception', 'Font-exception-2.0'],
  ['libtool exception', 'Libtool-exception'],
  ['llvm exception', 'LLVM-exception'],
  ['linux syscall note', 'Linux-syscall-note'],
  ['linux-syscall-note exception', 'Linux-syscall-note'],
]);

function exceptionByName(name: string): string {
  return exceptions.get(name.toLowerCase()) ?? name;
}

/** AND binds tighter than OR (SPDX specification 2.3, Annex D.4.5): only an OR within an AND needs parentheses. */
function render(node: ReturnType<typeof parse>): string {
  if ('license' in node) {
    const license = node.plus === true ? `${node.license}+` : node.license;
    return node.exception === undefined ? license : `${license} WITH ${node.exception}`;
  }
  const sides = [node.left, node.right].map((side) =>
    node.conjunction === 'and' && 'conjunction' in side && side.conjunction === 'or'
      ? `(${render(side)})`
      : render(side),
  );
  return sides.join(` ${node.conjunction.toUpperCase()} `);
}
