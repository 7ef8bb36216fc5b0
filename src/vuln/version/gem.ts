import { numberKey, textKey } from './key.ts';

const textMark = '\u0002';
const end = '\u0003';
const numberMark = '\u0004';
const mostZeros = 0x2000;

const form = /^\s*(?:\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?\s*$/;

/**
 * RubyGems' Gem::Version: segments of digits or letters, letters (a pre-release) before numbers, and the shorter
 * version goes on with zeros. A hyphen is `.pre.`.
 *
 * Since zeros go on without end, a run of zeros before text sorts before the end of the version, the longer run later;
 * a run of zeros before a number sorts after the end, the longer run earlier.
 */
export function gemKey(version: string): string | undefined {
  if (!form.test(version)) return undefined;
  const segments = version.replaceAll('-', '.pre.').match(/\d+|[A-Za-z]+/g) ?? [];
  let key = '';
  let zeros = 0;
  let inRelease = true;
  for (const segment of segments) {
    if (/^0+$/.test(segment)) {
      zeros++;
    } else if (/^\d/.test(segment)) {
      key += numberMark + String.fromCharCode(mostZeros - zeros) + numberKey(segment);
      zeros = 0;
    } else {
      key += textMark + numberKey(inRelease ? '' : String(zeros)) + textKey(segment);
      zeros = 0;
      inRelease = false;
    }
  }
  return key + end;
}
