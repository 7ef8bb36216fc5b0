import { numberKey, releaseKey } from './key.ts';

const releaseEnd = '\u0001';
const dev = '\u0002';
const end = '\u0006';
const stages = new Map([
  ['alpha', '\u0003'],
  ['a', '\u0003'],
  ['beta', '\u0004'],
  ['b', '\u0004'],
  ['rc', '\u0005'],
  // A patch level comes after the release and after any number: sorts after every number key.
  ['patch', '\u1000'],
  ['pl', '\u1000'],
  ['p', '\u1000'],
]);

const form =
  /^v?(\d+(?:[.:]\d+)*)(?:[._-]?(stable|alpha|a|beta|b|rc|patch|pl|p)([.-]?\d+(?:[.-]\d+)*)?)?([._-]?dev)?(?:\+.*)?$/;
const date = /^v?(\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3}){0,2})$/;

/**
 * Composer's normalised versions in the order of PHP's version_compare (getcomposer.org, "Versions and constraints").
 * Branches (`dev-main`, `2.x-dev`) are moving targets and have no place in the order.
 */
export function composerKey(version: string): string | undefined {
  const text = withoutAnnotations(version.trim().toLowerCase());
  const dated = date.exec(text);
  if (dated !== null) return releaseKey((dated[1] ?? '').split(/[.:-]/)) + releaseEnd + end;
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const [, numbers = '', stage, count = '', development] = parts;
  let key = releaseKey(numbers.split(/[.:]/)) + releaseEnd;
  if (stage !== undefined && stage !== 'stable') {
    key += stages.get(stage) ?? '';
    for (const [digits] of count.matchAll(/\d+/g)) key += numberKey(digits);
  }
  if (development !== undefined) key += dev;
  return key + end;
}

/** `1.0 as 2.0` and `1.0@dev` say the same version with a wish added. */
function withoutAnnotations(version: string): string {
  return version.replace(/ +as +\S+$/, '').replace(/@(?:stable|rc|beta|alpha|dev)$/, '');
}
