import { type KeyObject, verify } from 'node:crypto';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { algorithmOf, publicKeyOf, verifyPayload } from './key/algorithm.ts';
import { keyHint } from './key/public-key.ts';
import type { KeylessRequirements } from './keyless/verify.ts';

/** Somebody whose signatures are trusted. */
export type Authority = KeyAuthority | IdentityAuthority;

export interface KeyAuthority {
  readonly kind: 'key';
  /** For people: a file, or the name that a policy gives it. */
  readonly name: string;
  readonly key: KeyObject;
  /** base64 of SHA-256 over the key (SubjectPublicKeyInfo, DER): the same for a key under any name, and its hint in bundles. */
  readonly fingerprint: string;
  /** Who else must have seen a signature; absent: nobody, and log entries and timestamps beside it prove nothing. */
  readonly witnesses?: Witnesses | undefined;
}

/** Whoever holds a certificate of this identity. */
export interface IdentityAuthority extends Omit<KeylessRequirements, 'artifact'> {
  readonly kind: 'identity';
  readonly name: string;
}

export interface Witnesses {
  readonly trustedRoot: TrustedRoot;
  /** Entries of different transparency logs: 1 by default. */
  readonly logEntries?: number | undefined;
  /** Times vouched for by different sources, a log's promise or a timestamp authority: 0 by default. */
  readonly timestamps?: number | undefined;
}

/**
 * @param key public, or private for its public half
 * @throws PlimsollError `trust/unknown-algorithm`, `trust/weak-key`
 */
export function keyAuthority(key: KeyObject, name: string, witnesses?: Witnesses): KeyAuthority {
  algorithmOf(key, name);
  const publicKey = publicKeyOf(key);
  return { kind: 'key', name, key: publicKey, fingerprint: keyHint(publicKey), witnesses };
}

/** Whether `signature` (ECDSA as DER, Ed25519, RSA PKCS #1 v1.5) over `bytes` is by this key. */
export function isSignedBy({ key }: KeyAuthority, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verifyPayload(key, bytes, signature) || (isLargeCurve(key) && verify('sha256', bytes, key, signature));
}

/** Many signers take SHA-256 whatever the curve (containers/image, older Sigstore clients). */
function isLargeCurve(key: KeyObject): boolean {
  const algorithm = algorithmOf(key, 'The key');
  return algorithm === 'ecdsa-p384' || algorithm === 'ecdsa-p521';
}
