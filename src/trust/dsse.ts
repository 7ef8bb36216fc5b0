import { isRecord } from '../image/index.ts';
import { limits } from '../limits.ts';
import { decodeBase64 } from './base64.ts';
import { malformed } from './malformed.ts';

/** A DSSE envelope (secure-systems-lab, "DSSE: Dead Simple Signing Envelope" v1.0). */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  /** What the signatures are over: the payload with its type and length in front (PAE). `payload` is a part of it. */
  readonly signedBytes: Buffer;
  /** At least one. */
  readonly signatures: readonly Buffer[];
}

/** The type of payloads that are in-toto statements (in-toto attestation v1, "Envelope layer"). */
export const statementPayloadType = 'application/vnd.in-toto+json';

/** DSSE v1.0, "Signature Definition": what is signed for a payload. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(encodingHead(payloadType, payload.length)), payload]);
}

/** The JSON form of an envelope with one signature. */
export function envelopeJson(payloadType: string, payload: Buffer, signature: Buffer): EnvelopeJson {
  return {
    payload: payload.toString('base64'),
    payloadType,
    signatures: [{ sig: signature.toString('base64') }],
  };
}

export interface EnvelopeJson {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string }[];
}

/** @throws PlimsollError `trust/bad-envelope` */
export function readEnvelope(json: unknown): Envelope {
  if (!isRecord(json)) throw malformed('envelope', 'it is not an object');
  const { payloadType, payload, signatures } = json;
  if (typeof payloadType !== 'string' || payloadType === '' || payloadType.length > 255) {
    throw malformed('envelope', 'payloadType is not a media type');
  }
  if (typeof payload !== 'string') throw malformed('envelope', 'payload is not a text');
  if (!Array.isArray(signatures) || signatures.length === 0) throw malformed('envelope', 'it has no signatures');
  if (signatures.length > limits.signaturesPerEnvelope) {
    throw malformed('envelope', `it has ${signatures.length} signatures, over ${limits.signaturesPerEnvelope}`);
  }
  let payloadLength = 0;
  const signedBytes = decodeBase64(payload, (length) => {
    payloadLength = length;
    return encodingHead(payloadType, length);
  });
  if (signedBytes === undefined) throw malformed('envelope', 'payload is not base64');
  return {
    payloadType,
    payload: signedBytes.subarray(signedBytes.length - payloadLength),
    signedBytes,
    signatures: signatures.map(signatureIn),
  };
}

/** Whether a signature over the bytes would be one of an envelope. */
export function isPreAuthEncoding(bytes: Buffer): boolean {
  return bytes.subarray(0, 7).equals(Buffer.from('DSSEv1 '));
}

function encodingHead(payloadType: string, length: number): string {
  return `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${length} `;
}

function signatureIn(json: unknown): Buffer {
  const signature = isRecord(json) && typeof json['sig'] === 'string' ? decodeBase64(json['sig']) : undefined;
  if (signature === undefined || signature.length === 0) throw malformed('envelope', 'a signature is not base64');
  return signature;
}
