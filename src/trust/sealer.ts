import { createHash } from 'node:crypto';
import { type BundleContentJson, keyBundleBytes } from './bundle.ts';
import { envelopeJson, preAuthEncoding } from './dsse.ts';
import { keyHint } from './key/public-key.ts';
import type { Signer } from './key/signer.ts';

/** What is to be signed. */
export type ToSeal =
  | { readonly kind: 'envelope'; readonly payloadType: string; readonly payload: Buffer }
  /** An artifact itself. */
  | { readonly kind: 'message'; readonly bytes: Buffer };

/** Signs, and answers with a Sigstore bundle as JSON: with a key, or with an identity for the moment. */
export type Sealer = (toSeal: ToSeal) => Promise<Buffer>;

/** A sealer that signs with a key, wherever that is kept. */
export function keySealer(signer: Pick<Signer, 'publicKey' | 'sign'>): Sealer {
  let hint: Promise<string> | undefined;
  return async (toSeal) => {
    hint ??= signer.publicKey().then(keyHint);
    return keyBundleBytes(await sealedContent(toSeal, signer), await hint);
  };
}

async function sealedContent(toSeal: ToSeal, signer: Pick<Signer, 'sign'>): Promise<BundleContentJson> {
  if (toSeal.kind === 'envelope') {
    const { payloadType, payload } = toSeal;
    const signature = await signer.sign(preAuthEncoding(payloadType, payload));
    return { dsseEnvelope: envelopeJson(payloadType, payload, signature) };
  }
  const signature = await signer.sign(toSeal.bytes);
  const digest = createHash('sha256').update(toSeal.bytes).digest('base64');
  return {
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest },
      signature: signature.toString('base64'),
    },
  };
}
