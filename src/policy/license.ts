import parse from 'spdx-expression-parse';
import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import currentIds from 'spdx-license-ids/index.json' with { type: 'json' };
import { limits } from '../limits.ts';
import { nearest } from '../nearest.ts';
import { textMatches } from './glob.ts';
import { misread, type Read, read } from './mistake.ts';

/** One licence as a policy names it. Identifiers are lower case: SPDX compares them without regard to case (2.3, Annex D.2). */
export type LicensePattern =
  | { readonly kind: 'unknown'; readonly text: string }
  | {
      readonly kind: 'license';
      readonly text: string;
      /** `*` is any number of characters. */
      readonly id: string;
      /** `Apache-1.1+`: only where the package says "or later" too. */
      readonly plus: boolean;
      /** `WITH`: only together with this exception. Absent: with any, or none. */
      readonly exception?: string | undefined;
    };

/** What a component declares, as a tree; `unknown` for what is not an SPDX expression. */
export type License =
  | { readonly kind: 'unknown'; readonly text: string }
  | { readonly kind: 'license'; readonly id: string; readonly plus: boolean; readonly exception?: string | undefined }
  | { readonly kind: 'all' | 'any'; readonly of: readonly License[] };

type Leaf = Exclude<License, { readonly of: readonly License[] }>;

const idsByKey = new Map([...deprecatedIds, ...currentIds].map((id) => [id.toLowerCase(), id]));
const deprecated = new Set(deprecatedIds.map((id) => id.toLowerCase()));
const references = /^(?:documentref-[a-z0-9.-]+:)?licenseref-[a-z0-9.*-]+$/;

/** `MIT`, `GPL-*`, `Apache-1.1+`, `GPL-2.0-only WITH Classpath-exception-2.0`, `LicenseRef-ours`, `unknown`. */
export function readLicensePattern(text: string): Read<LicensePattern> {
  if (text === 'unknown') return read({ kind: 'unknown', text });
  if (/\s(?:AND|OR)\s|[()]/i.test(text)) {
    return misread(
      `"${text}" is a licence expression`,
      'Name one licence per entry; a list means any of them. Expressions of packages are understood as they are.',
    );
  }
  const [name = '', exception, ...more] = text.split(/\s+WITH\s+/i);
  const key = name.toLowerCase();
  if (more.length > 0 || /\s/.test(name) || !(name.includes('*') ? anyMatches(key) : isLicense(key))) {
    return misread(`"${text}" is not an SPDX licence`, licenseHint(name));
  }
  if (exception !== undefined && !isException(exception)) {
    return misread(
      `"${exception}" is not an SPDX licence exception`,
      'Use an identifier of spdx.org/licenses/exceptions-index.html.',
    );
  }
  return read({ kind: 'license', text, ...licenseOf(key, exception) });
}

/** `GPL` is meant as a family rather than misspelt. */
function licenseHint(name: string): string {
  if (anyMatches(`${name.toLowerCase()}-*`))
    return `Write "${name}-*" for all licences of that name, or name one of them.`;
  const guess = nearest(name.replace(/\*/g, ''), idsByKey.values());
  return guess === undefined
    ? 'Use an identifier of spdx.org/licenses, a pattern such as GPL-*, LicenseRef-NAME, or unknown.'
    : `Did you mean "${guess}"?`;
}

/** The identifier to use instead of a deprecated one; empty where SPDX names none. `undefined`: not deprecated. */
export function successorOf(text: string): string | undefined {
  const [name = ''] = text.split(/\s+WITH\s+/i);
  const key = name.toLowerCase();
  if (!deprecated.has(key) && !deprecated.has(key.replace(/\+$/, ''))) return undefined;
  const current = idsByKey.get(gnuSuccessor(key));
  return current === undefined || deprecated.has(current.toLowerCase()) ? '' : current;
}

/** A component's declared licences: all of them hold together. None at all is unknown. */
export function readLicenses(declared: readonly string[]): License {
  if (declared.length === 0) return { kind: 'unknown', text: '' };
  return { kind: 'all', of: declared.map(readLicense) };
}

/** Whether every way of using something under `license` takes a licence for which `listed` holds: OR leaves a choice, AND none. */
export function unavoidable(license: License, listed: (leaf: Leaf) => boolean): boolean {
  switch (license.kind) {
    case 'all':
      return license.of.some((part) => unavoidable(part, listed));
    case 'any':
      return license.of.every((part) => unavoidable(part, listed));
    default:
      return listed(license);
  }
}

export function licenseMatches(pattern: LicensePattern, leaf: Leaf): boolean {
  if (pattern.kind === 'unknown' || leaf.kind === 'unknown') return pattern.kind === leaf.kind;
  return (
    textMatches(pattern.id, leaf.id) &&
    (!pattern.plus || leaf.plus) &&
    (pattern.exception === undefined || pattern.exception === leaf.exception)
  );
}

function readLicense(text: string): License {
  if (text.length > limits.licenseLength) return { kind: 'unknown', text };
  try {
    return treeOf(parse(text.replace(/[^\s()]+/g, canonicalWord)));
  } catch {
    return { kind: 'unknown', text };
  }
}

function treeOf(node: ReturnType<typeof parse>): License {
  if ('license' in node)
    return {
      kind: 'license',
      ...licenseOf(`${node.license}${node.plus === true ? '+' : ''}`.toLowerCase(), node.exception),
    };
  return { kind: node.conjunction === 'and' ? 'all' : 'any', of: [treeOf(node.left), treeOf(node.right)] };
}

function licenseOf(
  key: string,
  exception: string | undefined,
): Pick<Leaf & { kind: 'license' }, 'id' | 'plus' | 'exception'> {
  const id = gnuSuccessor(key);
  const plus = id.endsWith('+');
  return { id: plus ? id.slice(0, -1) : id, plus, exception: exception?.toLowerCase() };
}

/** `gpl-2.0` is `gpl-2.0-only` and `gpl-2.0+` is `gpl-2.0-or-later` since the SPDX licence list 3.0. */
function gnuSuccessor(key: string): string {
  return key.replace(
    /^((?:a|l)?gpl|gfdl)-(\d\.\d)(\+?)$/,
    (_, family, version, plus) => `${family}-${version}-${plus === '+' ? 'or-later' : 'only'}`,
  );
}

function canonicalWord(word: string): string {
  if (/^(?:and|or|with)$/.test(word)) return word.toUpperCase();
  const plus = word.endsWith('+');
  return (
    idsByKey.get(word.toLowerCase()) ??
    (plus ? `${idsByKey.get(word.slice(0, -1).toLowerCase()) ?? word.slice(0, -1)}+` : word)
  );
}

function isLicense(key: string): boolean {
  return idsByKey.has(key) || idsByKey.has(key.replace(/\+$/, '')) || references.test(key);
}

function anyMatches(key: string): boolean {
  return references.test(key) || idsByKey.keys().some((id) => textMatches(key, id));
}

function isException(exception: string): boolean {
  try {
    parse(`MIT WITH ${exception}`);
    return true;
  } catch {
    return false;
  }
}
