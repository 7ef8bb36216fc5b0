import { isUtf8 } from 'node:buffer';
import { messageOf, PlimsollError } from '../error.ts';

/** What can be malformed; in messages, and in the code `trust/bad-…`. */
export type SignedDocument = 'bundle' | 'envelope' | 'statement' | 'payload' | 'manifest';

/** For a document that anybody may have attached and that is not what it has to be. */
export function malformed(what: SignedDocument, why: string): PlimsollError {
  return new PlimsollError(`trust/bad-${what}`, `The ${what} cannot be read: ${why.slice(0, 500)}`, {
    hint: 'It was damaged on its way, or made by a tool that does not follow the format. Sign or attest again.',
  });
}

/**
 * Parses JSON of at most `mostParts` values: a hundred megabytes of brackets and commas would take many times that as values.
 * Base64 has neither, so that what is signed counts as one.
 *
 * @throws PlimsollError `trust/bad-…`
 */
export function parseSigned(bytes: Buffer, what: SignedDocument, mostParts: number): unknown {
  // Signatures are over bytes: two readers must not see two texts in them.
  if (!isUtf8(bytes)) throw malformed(what, 'it is not UTF-8');
  if (bytes.length > mostParts && countParts(bytes) > mostParts) {
    throw malformed(what, `it has more than ${mostParts} values`);
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    throw malformed(what, `it is not JSON: ${messageOf(thrown)}`);
  }
}

/** Commas and opening brackets and braces. */
function countParts(bytes: Buffer): number {
  let parts = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) parts++;
  return parts;
}
