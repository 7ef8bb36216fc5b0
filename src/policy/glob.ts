import { misread, type Read, read } from './mistake.ts';

/** A pattern over paths, by segment: `**` stands for any number of segments, `*` for any characters within one. */
export interface PathPattern {
  readonly text: string;
  readonly segments: readonly string[];
}

/** `usr/share/**`, `**` + `/test/*.jar`. A leading slash is dropped: paths are relative to the artifact's root. */
export function readPathPattern(text: string): Read<PathPattern> {
  const segments = text.replace(/^\//, '').split('/');
  const mistake = segmentMistake(text, segments);
  return mistake ?? read({ text, segments });
}

export function pathMatches(pattern: PathPattern, path: string): boolean {
  return segmentsMatch(pattern.segments, path.split('/'));
}

/** What no pattern of segments may hold; `text` is the whole of it, for the message. */
export function segmentMistake(text: string, segments: readonly string[]): Read<never> | undefined {
  if (segments.at(-1) === '') {
    return misread(`"${text}" ends in nothing`, `Write "${text.replace(/\/*$/, '')}/**" for everything below it.`);
  }
  if (segments.includes('')) return misread(`"${text}" has an empty part between slashes`, 'Write one slash.');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    return misread(`"${text}" has a "." or ".." part`, 'Write the path from the root of the artifact.');
  }
  if (segments.some((segment) => segment !== '**' && segment.includes('**'))) {
    return misread(
      `"**" shares a part with other characters in "${text}"`,
      '"**" stands alone between slashes, for any number of parts; "*" is any characters within one part.',
    );
  }
  return undefined;
}

export function segmentsMatch(pattern: readonly string[], segments: readonly string[]): boolean {
  return aligned(pattern, segments, (part) => part === '**', textMatches);
}

/** Whether `text` is what `pattern` says, where `*` is any number of characters. */
export function textMatches(pattern: string, text: string): boolean {
  return pattern.includes('*')
    ? aligned(
        pattern,
        text,
        (part) => part === '*',
        (part, character) => part === character,
      )
    : pattern === text;
}

interface Sequence<Item> {
  readonly length: number;
  readonly [index: number]: Item;
}

/**
 * Matching with wildcards that going back to the last wildcard decides: the time is at most the product of both lengths,
 * whatever the pattern.
 */
function aligned<Part, Item>(
  pattern: Sequence<Part>,
  items: Sequence<Item>,
  isWildcard: (part: Part) => boolean,
  fits: (part: Part, item: Item) => boolean,
): boolean {
  let at = 0;
  let wildcard = -1;
  let taken = 0;
  for (let index = 0; index < items.length; ) {
    const part = at < pattern.length ? pattern[at] : undefined;
    const item = items[index];
    if (part !== undefined && isWildcard(part)) {
      wildcard = at++;
      taken = index;
    } else if (part !== undefined && item !== undefined && fits(part, item)) {
      at++;
      index++;
    } else if (wildcard >= 0) {
      at = wildcard + 1;
      index = ++taken;
    } else return false;
  }
  for (; at < pattern.length; at++) {
    const part = pattern[at];
    if (part === undefined || !isWildcard(part)) return false;
  }
  return true;
}
