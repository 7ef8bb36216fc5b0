import { createHash, type Hash } from 'node:crypto';
import { PlimsollError } from '../error.ts';

/** The algorithms that OCI image-spec v1.1 registers ("Digests", "Registered algorithms") and Plimsoll checks. */
const hexLengths = new Map([
  ['sha256', 64],
  ['sha512', 128],
]);

/** Whether `text` is a digest that can be checked: `sha256:` and 64, or `sha512:` and 128 lower-case hexadecimal digits. */
export function isDigest(text: string): boolean {
  const colon = text.indexOf(':');
  const hex = text.slice(colon + 1);
  return hexLengths.get(text.slice(0, Math.max(colon, 0))) === hex.length && /^[0-9a-f]+$/.test(hex);
}

/** `sha256:…` and its parts; `digest` must satisfy {@link isDigest}. */
export function digestParts(digest: string): { readonly algorithm: string; readonly hex: string } {
  const colon = digest.indexOf(':');
  return { algorithm: digest.slice(0, colon), hex: digest.slice(colon + 1) };
}

/** A hash that computes the same kind of digest as `digest`. */
export function hashLike(digest: string): Hash {
  return createHash(digestParts(digest).algorithm);
}

export function sha256Of(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** @throws PlimsollError `image/digest-mismatch` when `bytes` are not what `digest` names; `what` is for people: `the manifest`. */
export function verifyDigest(bytes: Uint8Array, digest: string, what: string): void {
  const { algorithm } = digestParts(digest);
  const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (actual === digest) return;
  throw new PlimsollError('image/digest-mismatch', `${what} has the digest ${actual}, not ${digest}`, {
    hint: 'It was damaged or exchanged on its way. Get the image again; if it stays so, do not use it.',
  });
}
