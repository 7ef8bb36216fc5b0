import type { KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import { messageOf, PlimsollError } from '../../error.ts';
import { algorithmOf, hashOf, type KeyHash, publicKeyOf, signPayload, verifyPayload } from './algorithm.ts';

/** Somebody who signs with a key, wherever that is kept. */
export interface Signer {
  /** For people: the file, or the service's name for the key. */
  readonly name: string;
  /** @throws PlimsollError `trust/key-service` */
  publicKey(): Promise<KeyObject>;
  /** ECDSA as DER, Ed25519, RSA as PKCS #1 v1.5; each over its own hash. @throws PlimsollError `trust/key-service` */
  sign(payload: Uint8Array): Promise<Buffer>;
}

/** A signer with a private key in memory. */
export function localSigner(key: KeyObject, name: string): Signer {
  return {
    name,
    publicKey: async () => publicKeyOf(key),
    sign: async (payload) => signPayload(key, payload, name),
  };
}

/** What a service is to sign: the hash of the payload, or the payload where the algorithm takes no hash (Ed25519). */
export type ToSign =
  | { readonly kind: 'digest'; readonly hash: KeyHash; readonly digest: Buffer }
  | { readonly kind: 'payload'; readonly payload: Uint8Array };

export interface KeyService {
  /** As the user named it: `awskms:///alias/release`. */
  readonly name: string;
  publicKey(): Promise<KeyObject>;
  sign(toSign: ToSign, key: KeyObject): Promise<Buffer>;
}

/**
 * A signer whose key does not leave a service. What the service gives back counts only once it was verified with the key
 * that it says it has.
 */
export function remoteSigner({ name, publicKey, sign }: KeyService): Signer {
  let known: Promise<KeyObject> | undefined;
  const ownKey = () => {
    known ??= told(name, publicKey).then((key) => {
      algorithmOf(key, name);
      return key;
    });
    return known;
  };
  return {
    name,
    publicKey: ownKey,
    async sign(payload) {
      const key = await ownKey();
      const hash = hashOf(algorithmOf(key, name));
      const toSign: ToSign =
        hash === undefined
          ? { kind: 'payload', payload }
          : { kind: 'digest', hash, digest: createHash(hash).update(payload).digest() };
      const signature = await told(name, () => sign(toSign, key));
      if (verifyPayload(key, payload, signature)) return signature;
      throw serviceFailed(name, 'what it gave as a signature is none by its own public key');
    },
  };
}

async function told<T>(name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    throw thrown instanceof PlimsollError ? thrown : serviceFailed(name, messageOf(thrown), thrown);
  }
}

export function serviceFailed(name: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('trust/key-service', `${name} did not do what it was asked: ${why.slice(0, 500)}`, {
    hint: 'Check the name of the key, the address of the service, and that these credentials may use the key to sign.',
    kind: 'unavailable',
    cause,
  });
}
