import { limits } from '../../limits.ts';

/**
 * Every ordering turns a version into a key, and keys compare as plain strings (by UTF-16 code unit): the order is
 * total by construction, equal versions have equal keys, and a version is parsed once. `undefined`: it cannot be ordered.
 */
export type VersionKey = (version: string) => string | undefined;

const firstNumber = 0x100;
const rememberedVersions = 50_000;

/** A run of decimal digits of any length, by value. Sorts after every code unit below U+0100, before those from U+1000. */
export function numberKey(digits: string): string {
  let start = 0;
  while (start < digits.length && digits.charCodeAt(start) === 0x30) start++;
  return String.fromCharCode(firstNumber + digits.length - start) + digits.slice(start);
}

/** Text by code unit; a prefix sorts before what it begins. */
export function textKey(text: string): string {
  return `${text}\0`;
}

/** Numbers with what they mean without trailing zeros: `1.2.0` and `1.2` are the same release. */
export function releaseKey(numbers: readonly string[]): string {
  let end = numbers.length;
  while (end > 0 && /^0*$/.test(numbers[end - 1] ?? '')) end--;
  return numbers.slice(0, end).map(numberKey).join('');
}

/** Remembers keys, since a match run asks for the same few thousand versions again and again. */
export function remembered(key: VersionKey): VersionKey {
  const known = new Map<string, string | undefined>();
  return (version) => {
    const found = known.get(version);
    if (found !== undefined || known.has(version)) return found;
    const made = version.length > limits.versionLength ? undefined : key(version);
    if (known.size >= rememberedVersions) known.clear();
    known.set(version, made);
    return made;
  };
}
