import { numberKey, releaseKey, textKey } from './key.ts';

const identifiersEnd = '\u0001';
const prerelease = '\u0002';
const release = '\u0003';
const text = '\u1000';

const form = /^[vV=]?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/;

/**
 * SemVer 2.0.0, section 11, read leniently: a leading `v`, missing parts (0), further parts, leading zeros.
 * Build metadata does not count.
 */
export function semverKey(version: string): string | undefined {
  const parts = form.exec(version.trim());
  if (parts === null) return undefined;
  const [, numbers = '', identifiers] = parts;
  const key = releaseKey(numbers.split('.'));
  if (identifiers === undefined) return key + release;
  return key + prerelease + identifiers.split('.').map(identifierKey).join('') + identifiersEnd;
}

function identifierKey(identifier: string): string {
  return /^\d+$/.test(identifier) ? numberKey(identifier) : text + textKey(identifier);
}
