import { limits } from '../../limits.ts';
import type { CatalogFile } from '../cataloger.ts';
import { boundedText, malformed } from '../document.ts';

// php-scoper puts a namespace before it.
const start = /^<\?php\s+(?:namespace\s+[\w\\]{1,1000}\s*;\s*)?return\s/;
const opening = /(?:array\s*\(|\[)/iy;
const closing = /\s*[)\]]/y;
const arrow = /\s*=>\s*/y;
const comma = /\s*,\s*/y;
const blanks = /\s*/y;
const text = /'((?:[^'\\]|\\.){0,10000})'/sy;
const here = /__DIR__\s*\.\s*/y;
const number = /-?\d{1,20}/y;
const constant = /\\?(true|false|null)\b/iy;
const end = /\s*;\s*(?:\?>\s*)?$/y;

/** Arrays, also those without keys, become objects without a prototype: any key is safe in them. */
type PhpValue = string | number | boolean | null | PhpArray;
type PhpArray = { [key: string]: PhpValue };

/**
 * The array that a PHP file returns, as `var_export` writes it: `<?php return array('a' => 1);`. Nothing is run.
 * `__DIR__ . 'x'` is `x`. `undefined`: a file of another kind.
 *
 * @throws PlimsollError `catalog/malformed-file` for anything beyond arrays and constants, `catalog/file-too-large`
 */
export function phpArrayOf(file: CatalogFile): unknown {
  const source = boundedText(file);
  const head = start.exec(source);
  if (head === null) return undefined;
  let at = head[0].length;

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };

  const valueAt = (depth: number): PhpValue => {
    if (take(opening) !== null) return arrayAt(depth + 1);
    take(here);
    const quoted = take(text)?.[1];
    if (quoted !== undefined) return quoted.replace(/\\([\\'])/g, '$1');
    const digits = take(number)?.[0];
    if (digits !== undefined) return Number(digits);
    const name = take(constant)?.[1]?.toLowerCase();
    if (name === undefined)
      throw malformed(file, `is not a plain PHP array: it holds something else at character ${at}`);
    return name === 'null' ? null : name === 'true';
  };

  const arrayAt = (depth: number): PhpArray => {
    if (depth > limits.phpArrayDepth) throw malformed(file, 'nests arrays too deeply');
    const values: PhpArray = Object.create(null);
    for (let index = 0; take(closing) === null; index++) {
      take(blanks);
      const first = valueAt(depth);
      if (take(arrow) === null) values[index] = first;
      else values[String(first)] = valueAt(depth);
      if (take(comma) === null && !endsHere(source, at)) throw malformed(file, `lacks a comma at character ${at}`);
    }
    return values;
  };

  take(blanks);
  const value = valueAt(0);
  if (take(end) === null) throw malformed(file, 'holds more than an array');
  return value;
}

function endsHere(source: string, at: number): boolean {
  closing.lastIndex = at;
  return closing.test(source);
}
