import { numberKey, textKey } from './key.ts';

/** Suffixes that come before the version itself, and those that come after it. */
const suffixes = new Map([
  ['alpha', '\u0001'],
  ['beta', '\u0002'],
  ['pre', '\u0003'],
  ['rc', '\u0004'],
  ['cvs', '\u0009'],
  ['svn', '\u000a'],
  ['git', '\u000b'],
  ['hg', '\u000c'],
  ['p', '\u000d'],
]);
const end = '\u0005';
const revisionMark = '\u0006';
const hashMark = '\u0007';
const suffixNumberMark = '\u0008';
const letterMark = '\u000e';
const digitsMark = '\u000f';

const form = /^(\d+)((?:\.\d+)*)([a-z]?)((?:_[a-z]+\d*)*)(?:~([0-9a-fA-F]+))?(?:-r(\d+))?$/;

/** apk-package(5): `number{.number}{letter}{_suffix{number}}{~hash}{-rN}`, ordered as apk-tools does. */
export function apkKey(version: string): string | undefined {
  const parts = form.exec(version.trim());
  if (parts === null) return undefined;
  const [, first = '', rest = '', letter = '', suffixText = '', hash, revision] = parts;
  let key = numberKey(first);
  for (const [, digits = ''] of rest.matchAll(/\.(\d+)/g)) {
    // As in Gentoo's rules, a number with a leading zero compares as text, like a decimal fraction.
    key += digitsMark + (digits.startsWith('0') ? textKey(digits) : numberKey(digits));
  }
  if (letter !== '') key += letterMark + letter;
  for (const [, name = '', digits = ''] of suffixText.matchAll(/_([a-z]+)(\d*)/g)) {
    const suffix = suffixes.get(name);
    if (suffix === undefined) return undefined;
    key += suffix + (digits === '' ? '' : suffixNumberMark + numberKey(digits));
  }
  if (hash !== undefined) key += hashMark + textKey(hash);
  if (revision !== undefined) key += revisionMark + numberKey(revision);
  return key + end;
}
