import { createHash, type KeyObject, verify } from 'node:crypto';
import { PlimsollError } from '../error.ts';

/** A public key that is trusted. */
export interface KeyAuthority {
  readonly kind: 'key';
  /** For people: a file, or the name that a policy gives it. */
  readonly name: string;
  readonly key: KeyObject;
  /** base64 of SHA-256 over the key (SubjectPublicKeyInfo, DER): the same for a key under any name. */
  readonly fingerprint: string;
  /** Hashes that signatures by this key are taken with, most usual first; `null`: the algorithm has its own. */
  readonly hashes: readonly (string | null)[];
}

const smallestRsaKey = 2048;
/** Signers take the hash of the curve's size, or SHA-256 whatever the curve (containers/image, older Sigstore clients). */
const curveHashes = new Map([
  ['prime256v1', ['sha256']],
  ['secp384r1', ['sha384', 'sha256']],
  ['secp521r1', ['sha512', 'sha256']],
]);

/** @throws PlimsollError `trust/unsupported-key` */
export function keyAuthority(key: KeyObject, name: string): KeyAuthority {
  const spki = key.export({ format: 'der', type: 'spki' });
  return {
    kind: 'key',
    name,
    key,
    fingerprint: createHash('sha256').update(spki).digest('base64'),
    hashes: hashesOf(key, name),
  };
}

/** Whether `signature` (ECDSA as DER, Ed25519, RSA PKCS #1 v1.5) over `bytes` is by this key. */
export function isSignedBy({ key, hashes }: KeyAuthority, bytes: Uint8Array, signature: Uint8Array): boolean {
  return hashes.some((hash) => verify(hash, bytes, key, signature));
}

function hashesOf(key: KeyObject, name: string): readonly (string | null)[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec') {
    const hashes = curveHashes.get(details?.namedCurve ?? '');
    if (hashes !== undefined) return hashes;
  } else if (type === 'ed25519') return [null];
  else if (type === 'rsa' && (details?.modulusLength ?? 0) >= smallestRsaKey) return ['sha256'];
  throw new PlimsollError('trust/unsupported-key', `${name} is a key that nothing is verified with: ${describe(key)}`, {
    hint: 'Use ECDSA P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more.',
  });
}

function describe({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  const size = details?.namedCurve ?? (details?.modulusLength === undefined ? '' : `${details.modulusLength} bits`);
  return `${type ?? 'unknown'} ${size}`.trim();
}
