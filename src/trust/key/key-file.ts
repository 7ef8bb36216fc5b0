import { createPrivateKey, type KeyObject, randomBytes, scrypt } from 'node:crypto';
import { messageOf, PlimsollError } from '../../error.ts';
import { limits } from '../../limits.ts';
import { algorithmOf } from './algorithm.ts';
import { brokenKey, formatPem, otherEncryption, readPem } from './pem.ts';

/** Asks for the passphrase of the key of that name. Called once the file is known to be worth it. */
export type AskPassphrase = (name: string) => Promise<Uint8Array>;

const label = 'ENCRYPTED SIGSTORE PRIVATE KEY';
const olderLabel = 'ENCRYPTED COSIGN PRIVATE KEY';

/** Costs that Sigstore's tools write or have written; r = 8, p = 1. Others would let a file decide what we compute. */
const costs: readonly unknown[] = [32_768, 65_536, 131_072];
const newCost = 65_536;
const saltBytes = 32;
const nonceBytes = 24;
const keyBytes = 32;
/** Poly1305's. */
const tagBytes = 16;

/** An encrypted private key as Sigstore's tools keep it: scrypt makes the key of a NaCl secretbox around PKCS #8. */
interface Sealed {
  readonly cost: number;
  readonly salt: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

/** Whether a file's content is an encrypted private key, by its first line. */
export function isSealedKey(content: Uint8Array): boolean {
  return /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----/.test(Buffer.from(content).toString('latin1'));
}

/** The PEM of a private key, encrypted with a passphrase; cosign reads it, too. */
export async function sealPrivateKey(key: KeyObject, passphrase: Uint8Array): Promise<string> {
  const { secretbox } = await import('@noble/ciphers/salsa.js');
  const [salt, nonce] = [randomBytes(saltBytes), randomBytes(nonceBytes)];
  const boxKey = await deriveKey(passphrase, salt, newCost);
  const ciphertext = secretbox(boxKey, nonce).seal(key.export({ format: 'der', type: 'pkcs8' }));
  const content = {
    kdf: { name: 'scrypt', params: { N: newCost, r: 8, p: 1 }, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(ciphertext).toString('base64'),
  };
  return formatPem({ label, bytes: Buffer.from(JSON.stringify(content)) });
}

/**
 * Opens what {@link sealPrivateKey} or cosign wrote.
 *
 * @param name what to call the key in an error and when asking
 * @throws PlimsollError `trust/not-a-private-key`, `trust/plain-key`, `trust/broken-key`, `trust/refused-encryption`
 * before asking; `trust/wrong-passphrase`, `trust/weak-key`, `trust/unknown-algorithm` after
 */
export async function openPrivateKey(content: Uint8Array, name: string, ask: AskPassphrase): Promise<KeyObject> {
  const sealed = parseSealed(content, name);
  const boxKey = await deriveKey(await ask(name), sealed.salt, sealed.cost);
  const { secretbox } = await import('@noble/ciphers/salsa.js');
  let pkcs8: Uint8Array;
  try {
    pkcs8 = secretbox(boxKey, sealed.nonce).open(sealed.ciphertext);
  } catch (thrown) {
    throw new PlimsollError('trust/wrong-passphrase', `The passphrase does not open ${name}`, {
      hint: 'Check the passphrase. A key that was damaged or tampered with looks the same.',
      cause: thrown,
    });
  }
  return privateKeyFromDer(Buffer.from(pkcs8), 'pkcs8', name);
}

/**
 * Reads a private key that is not encrypted, for importing it: PKCS #8, SEC 1 (`EC PRIVATE KEY`) or PKCS #1.
 *
 * @throws PlimsollError `trust/broken-key`, `trust/not-a-private-key`, `trust/already-encrypted`,
 * `trust/other-encryption`, `trust/weak-key`, `trust/unknown-algorithm`
 */
export function parsePlainPrivateKey(content: Uint8Array, name: string): KeyObject {
  const pem = readPem(content, name);
  switch (pem?.label) {
    case 'PRIVATE KEY':
      return privateKeyFromDer(pem.bytes, 'pkcs8', name);
    case 'EC PRIVATE KEY':
      return privateKeyFromDer(pem.bytes, 'sec1', name);
    case 'RSA PRIVATE KEY':
      return privateKeyFromDer(pem.bytes, 'pkcs1', name);
    case 'ENCRYPTED PRIVATE KEY':
      throw otherEncryption(name);
    case label:
    case olderLabel:
      throw new PlimsollError('trust/already-encrypted', `${name} is a key that can be signed with as it is`, {
        hint: 'Use it with --key. Only keys in other forms need importing.',
      });
    case 'OPENSSH PRIVATE KEY':
      throw notPrivate(name, 'a key in OpenSSH’s own form', 'Convert a copy: ssh-keygen -p -m PKCS8 -f COPY');
    default:
      throw notPrivate(name, whatIs(pem?.label), 'A PEM file with PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY is.');
  }
}

function parseSealed(content: Uint8Array, name: string): Sealed {
  const pem = readPem(content, name);
  if (pem === undefined || (pem.label !== label && pem.label !== olderLabel)) {
    if (pem?.label.endsWith('PRIVATE KEY') === true) {
      throw new PlimsollError('trust/plain-key', `${name} is a private key in a form that is not signed with`, {
        hint: `Encrypt it with a passphrase first: plimsoll keys import FILE NAME`,
      });
    }
    throw notPrivate(
      name,
      whatIs(pem?.label),
      'Make a key with "plimsoll keys create", and give the file that ends in .key.',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(pem.bytes.toString('utf8'));
  } catch (thrown) {
    throw brokenKey(name, `is cut off or damaged: ${messageOf(thrown)}`, thrown);
  }
  const kdf = field(value, 'kdf');
  const cipher = field(value, 'cipher');
  checkEncryption(kdf, cipher, name);
  const cost = field(field(kdf, 'params'), 'N');
  const salt = base64Field(kdf, 'salt');
  const nonce = base64Field(cipher, 'nonce');
  const ciphertext = base64Field(value, 'ciphertext');
  if (salt?.length !== saltBytes || nonce?.length !== nonceBytes || (ciphertext?.length ?? 0) <= tagBytes) {
    throw brokenKey(name, 'is cut off or damaged: its salt, nonce or ciphertext is missing or of the wrong length');
  }
  return { cost: Number(cost), salt, nonce, ciphertext: ciphertext ?? Buffer.alloc(0) };
}

function checkEncryption(kdf: unknown, cipher: unknown, name: string): void {
  const params = field(kdf, 'params');
  const [cost, r, p] = [field(params, 'N'), field(params, 'r'), field(params, 'p')];
  const refused =
    field(kdf, 'name') !== 'scrypt'
      ? 'derives its key by something other than scrypt'
      : !costs.includes(cost) || r !== 8 || p !== 1
        ? `asks for scrypt with N = ${shownNumber(cost)}, r = ${shownNumber(r)}, p = ${shownNumber(p)}, which is not computed`
        : field(cipher, 'name') !== 'nacl/secretbox'
          ? 'is encrypted with something other than nacl/secretbox'
          : undefined;
  if (refused === undefined) return;
  throw new PlimsollError('trust/refused-encryption', `${name} ${refused}`, {
    hint: `Keys by Sigstore's tools have scrypt with N = ${costs.join(', ')}, r = 8, p = 1 and nacl/secretbox. Do not use a key from someone you do not know.`,
  });
}

function shownNumber(value: unknown): string {
  return typeof value === 'number' ? String(value) : 'something else';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function base64Field(value: unknown, name: string): Buffer | undefined {
  const text = field(value, name);
  if (typeof text !== 'string' || text.length > limits.keyFileBytes) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function privateKeyFromDer(bytes: Buffer, type: 'pkcs8' | 'sec1' | 'pkcs1', name: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: bytes, format: 'der', type });
  } catch (thrown) {
    throw brokenKey(name, 'is not a private key, is damaged, or is one of a kind that is not known', thrown);
  }
  algorithmOf(key, name);
  return key;
}

function whatIs(pemLabel: string | undefined): string {
  if (pemLabel === undefined) return 'no PEM file';
  return pemLabel.endsWith('PUBLIC KEY') ? 'a public key' : `a PEM file with "${pemLabel}"`;
}

function notPrivate(name: string, what: string, hint: string): PlimsollError {
  return new PlimsollError('trust/not-a-private-key', `${name} is ${what}, not a private key that can be used`, {
    hint,
  });
}

function deriveKey(passphrase: Uint8Array, salt: Buffer, cost: number): Promise<Buffer> {
  // scrypt takes 128 * N * r bytes, and a little more.
  const options = { N: cost, r: 8, p: 1, maxmem: 129 * cost * 8 + 64 * 1024 };
  return new Promise((resolve, reject) =>
    scrypt(passphrase, salt, keyBytes, options, (error, key) => (error === null ? resolve(key) : reject(error))),
  );
}
