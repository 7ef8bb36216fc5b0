import { numberKey, textKey } from './key.ts';

const absent = '\0';
const tilde = '\u0001';
const end = '\u0002';
const caret = '\u0003';
const letters = '\u0004';

/**
 * RPM's `[epoch:]version[-release]` (rpm-version(7)). An absent epoch is 0, as it is for a binary package; where the
 * epoch is unknown, compare without it on both sides ({@link rpmKeyWithoutEpoch}). A version without release sorts
 * before the same version with any.
 */
export function rpmKey(version: string): string | undefined {
  const { epoch, rest } = splitEpoch(version.trim());
  if (!/[A-Za-z0-9]/.test(rest)) return undefined;
  const hyphen = rest.lastIndexOf('-');
  if (hyphen < 0) return numberKey(epoch) + segmentsKey(rest) + absent;
  return numberKey(epoch) + segmentsKey(rest.slice(0, hyphen)) + segmentsKey(rest.slice(hyphen + 1));
}

/** For versions of source packages, whose file name does not tell the epoch. */
export function rpmKeyWithoutEpoch(version: string): string | undefined {
  return rpmKey(splitEpoch(version.trim()).rest);
}

/** Whether the version states an epoch. */
export function hasEpoch(version: string): boolean {
  return /^\d+:/.test(version);
}

function splitEpoch(version: string): { epoch: string; rest: string } {
  const [prefix, epoch = '0'] = /^(\d*):/.exec(version) ?? [''];
  return { epoch, rest: version.slice(prefix.length) };
}

/** Segments of digits or letters; what separates them does not count. `~` sorts before the end, `^` right after it. */
function segmentsKey(text: string): string {
  let key = '';
  for (const [segment] of text.matchAll(/\d+|[A-Za-z]+|[~^]/g)) {
    if (segment === '~') key += tilde;
    else if (segment === '^') key += caret;
    else key += /\d/.test(segment) ? numberKey(segment) : letters + textKey(segment);
  }
  return key + end;
}
