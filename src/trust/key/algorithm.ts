import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';

/** What Plimsoll signs and verifies with. RSA is PKCS #1 v1.5 of 2048 bits or more. */
export type KeyAlgorithm = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'ed25519' | 'rsa';

/** The hash that belongs to an algorithm (Sigstore's algorithm registry); Ed25519 signs the payload itself. */
export type KeyHash = 'sha256' | 'sha384' | 'sha512';

const hashes: Readonly<Record<KeyAlgorithm, KeyHash | undefined>> = {
  'ecdsa-p256': 'sha256',
  'ecdsa-p384': 'sha384',
  'ecdsa-p521': 'sha512',
  ed25519: undefined,
  rsa: 'sha256',
};

/** By the names that OpenSSL gives them. */
const curves = new Map<string | undefined, KeyAlgorithm>([
  ['prime256v1', 'ecdsa-p256'],
  ['secp384r1', 'ecdsa-p384'],
  ['secp521r1', 'ecdsa-p521'],
]);

const weakestModulus = 2048;
const smallestExponent = 65_537n;

/**
 * The algorithm of a public or private key.
 *
 * @param name what to call the key in an error
 * @throws PlimsollError `trust/unknown-algorithm`, or `trust/weak-key`, which forgeries could be made for
 */
export function algorithmOf(key: KeyObject, name: string): KeyAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return 'ed25519';
  if (type === 'rsa') {
    checkRsa(details?.modulusLength, details?.publicExponent, name);
    return 'rsa';
  }
  const curve = details?.namedCurve;
  const algorithm = type === 'ec' ? curves.get(curve) : undefined;
  if (algorithm !== undefined) return algorithm;
  const what =
    type === 'ec' ? `on the curve ${curve ?? 'with parameters of its own'}` : `of the kind ${type ?? 'secret'}`;
  const weak = /(?:112|128|160|163|192|193|224|233|239)[a-z]\d$/.test(curve ?? '');
  throw new PlimsollError(
    weak ? 'trust/weak-key' : 'trust/unknown-algorithm',
    `${name} is a key ${what}, which ${weak ? 'is too small to be trusted' : 'Plimsoll does not use'}`,
    { hint: 'Use ECDSA on P-256, P-384 or P-521, Ed25519, or RSA with 2048 bits or more.' },
  );
}

function checkRsa(bits: number | undefined, exponent: bigint | undefined, name: string): void {
  const wrong =
    bits === undefined || bits < weakestModulus
      ? `has ${bits ?? 'an unknown number of'} bits, which can be broken`
      : bits > limits.rsaModulusBits
        ? `has ${bits} bits, more than the ${limits.rsaModulusBits} that are computed with`
        : exponent === undefined || exponent < smallestExponent || exponent % 2n === 0n || exponent > limits.rsaExponent
          ? `has the public exponent ${exponent ?? 'unknown'}, which is not safe`
          : undefined;
  if (wrong === undefined) return;
  throw new PlimsollError('trust/weak-key', `${name} is an RSA key that ${wrong}`, {
    hint: 'Use RSA with 2048 to 8192 bits and the exponent 65537, or ECDSA on P-256.',
  });
}

/** `undefined` where the payload is signed without hashing it first (Ed25519). */
export function hashOf(algorithm: KeyAlgorithm): KeyHash | undefined {
  return hashes[algorithm];
}

/** Signs with a private key in memory. ECDSA gives DER, RSA is PKCS #1 v1.5, Ed25519 is the pure one (RFC 8032). */
export function signPayload(key: KeyObject, payload: Uint8Array, name: string): Buffer {
  return sign(hashOf(algorithmOf(key, name)), payload, { key, dsaEncoding: 'der' });
}

/**
 * Whether a signature over `payload` is by `key`, with the hash that belongs to it. Broken signatures are wrong ones.
 *
 * @throws PlimsollError for keys that are not used; see {@link algorithmOf}
 */
export function verifyPayload(key: KeyObject, payload: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length > limits.signatureBytes) return false;
  return verify(hashOf(algorithmOf(key, 'The key')), payload, { key, dsaEncoding: 'der' }, signature);
}

/** The public half of a key; a public key is its own. */
export function publicKeyOf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key;
}
