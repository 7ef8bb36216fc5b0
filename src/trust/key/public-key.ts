import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { PlimsollError } from '../../error.ts';
import { algorithmOf, publicKeyOf } from './algorithm.ts';
import { brokenKey, formatPem, readPem } from './pem.ts';

/**
 * Reads a public key: SubjectPublicKeyInfo as PEM or DER, or `RSA PUBLIC KEY` (PKCS #1).
 *
 * @param name what to call it in an error
 * @throws PlimsollError `trust/broken-key`, `trust/not-a-public-key`, `trust/several-keys`, `trust/weak-key`,
 * `trust/unknown-algorithm`
 */
export function parsePublicKey(content: Uint8Array, name: string): KeyObject {
  const pem = readPem(content, name);
  const type =
    pem === undefined || pem.label === 'PUBLIC KEY' ? 'spki' : pem.label === 'RSA PUBLIC KEY' ? 'pkcs1' : undefined;
  if (type === undefined) throw notPublic(name, pem?.label ?? '');
  const key = publicKeyFromDer(pem?.bytes ?? Buffer.from(content), type, name);
  algorithmOf(key, name);
  return key;
}

function publicKeyFromDer(bytes: Buffer, type: 'spki' | 'pkcs1', name: string): KeyObject {
  try {
    return createPublicKey({ key: bytes, format: 'der', type });
  } catch (thrown) {
    throw brokenKey(name, 'is not a public key, is damaged, or is one of a kind that is not known', thrown);
  }
}

function notPublic(name: string, label: string): PlimsollError {
  const [what, hint] = label.endsWith('PRIVATE KEY')
    ? ['a private key', 'Give the public key, the file that ends in .pub. The private one is for signing only.']
    : label === 'CERTIFICATE'
      ? ['a certificate', 'Take the public key out of it: openssl x509 -in FILE -noout -pubkey']
      : [`a PEM file with "${label}"`, 'A public key starts with -----BEGIN PUBLIC KEY-----.'];
  return new PlimsollError('trust/not-a-public-key', `${name} is ${what}, not a public key`, { hint });
}

/** The DER of a key's SubjectPublicKeyInfo. */
function spkiOf(key: KeyObject): Buffer {
  return publicKeyOf(key).export({ format: 'der', type: 'spki' });
}

/** How a Sigstore bundle names a key: Base64 of the SHA-256 of its SubjectPublicKeyInfo. */
export function keyHint(key: KeyObject): string {
  return createHash('sha256').update(spkiOf(key)).digest('base64');
}

/** `-----BEGIN PUBLIC KEY-----` …, as everything that verifies reads it. */
export function publicKeyPem(key: KeyObject): string {
  return formatPem({ label: 'PUBLIC KEY', bytes: spkiOf(key) });
}
