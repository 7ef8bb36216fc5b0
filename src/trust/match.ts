import { createContext, Script } from 'node:vm';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';

/** What an identity or an issuer must be: a text exactly, or a pattern for all of it. */
export type Match = { readonly exact: string } | { readonly pattern: RegExp };

/**
 * A pattern (JavaScript regular expression) for a whole text: always anchored at both ends, whatever it says itself.
 *
 * @throws PlimsollError `trust/pattern` when it is too long or cannot be compiled
 */
export function anchoredPattern(source: string): Match {
  if (source.length === 0 || source.length > limits.identityPatternLength) {
    throw badPattern(source, `it has ${source.length} characters; 1 to ${limits.identityPatternLength} are taken`);
  }
  try {
    // Compiled by itself first: an alternation or a stray parenthesis must not reach around the anchors.
    new RegExp(source, 'u');
    return { pattern: new RegExp(`^(?:${source})$`, 'u') };
  } catch (error) {
    throw badPattern(source, messageOf(error));
  }
}

/**
 * Whether a text is the one that is asked for. A pattern is anchored here again and has a bounded time, because whoever
 * asks for a certificate has a say in the text that the pattern runs over.
 *
 * @throws PlimsollError `trust/pattern` when the pattern takes too long over this text
 */
export function matches(match: Match, text: string): boolean {
  if ('exact' in match) return match.exact === text;
  if (text.length > limits.identityLength) return false;
  const flags = match.pattern.flags.replace(/[gmy]/g, '');
  const pattern = new RegExp(`^(?:${match.pattern.source})$`, flags);
  try {
    return patternTest.runInContext(createContext({ pattern, text }), { timeout: limits.identityPatternMs }) === true;
  } catch (error) {
    throw badPattern(match.pattern.source, `it takes too long over a text of ${text.length} characters`, error);
  }
}

/** For messages: `"https://…"` or `pattern /…/`. */
export function describeMatch(match: Match): string {
  return 'exact' in match ? `"${match.exact}"` : `pattern ${match.pattern.source}`;
}

/** A regular expression cannot be interrupted, but a script that runs one can. */
const patternTest = new Script('pattern.test(text)');

function badPattern(source: string, why: string, cause?: unknown): PlimsollError {
  const shown = source.length > 100 ? `${source.slice(0, 100)}…` : source;
  return new PlimsollError('trust/pattern', `The pattern "${shown}" cannot be used: ${why}.`, {
    hint: 'Write a JavaScript regular expression without nested repetitions, or give the exact text instead.',
    cause,
  });
}
