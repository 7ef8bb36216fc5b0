import { X509Certificate } from 'node:crypto';
import { envelopeToJSON } from '@sigstore/bundle';
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import type { SignatureBundle, Witness } from '@sigstore/sign';
import * as z from 'zod/mini';
import { askForJson } from './signing-service.ts';

const failure = 'The transparency log (Rekor) took no entry';

/** A transparency log that writes signatures down, with either of its APIs. @param base of its addresses */
export function rekorWitness(base: URL, version: 1 | 2): Witness {
  return {
    async testify(content, certificate) {
      const entry =
        version === 1
          ? await askForJson(
              { url: new URL('api/v1/log/entries', base), failure },
              requestV1(content, certificate),
              answerV1,
            )
          : await askForJson(
              { url: new URL('api/v2/log/entries', base), failure },
              requestV2(content, certificate),
              answerV2,
            );
      return { tlogEntries: [entry] };
    },
  };
}

/** Rekor v1 API, types `dsse` and `hashedrekord` 0.0.1. */
function requestV1(content: SignatureBundle, certificate: string): object {
  const verifier = base64(Buffer.from(certificate));
  if (content.$case === 'dsseEnvelope') {
    const envelope = JSON.stringify(envelopeToJSON(content.dsseEnvelope));
    return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent: { envelope, verifiers: [verifier] } } };
  }
  const { messageDigest, signature } = content.messageSignature;
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: messageDigest.digest.toString('hex') } },
      signature: { content: base64(signature), publicKey: { content: verifier } },
    },
  };
}

/** rekor-tiles API, `CreateEntryRequest`. */
function requestV2(content: SignatureBundle, certificate: string): object {
  const rawBytes = base64(new X509Certificate(certificate).raw);
  const verifier = { x509Certificate: { rawBytes }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' };
  if (content.$case === 'dsseEnvelope') {
    return { dsseRequestV002: { envelope: envelopeToJSON(content.dsseEnvelope), verifiers: [verifier] } };
  }
  const { messageDigest, signature } = content.messageSignature;
  return {
    hashedRekordRequestV002: {
      digest: base64(messageDigest.digest),
      signature: { content: base64(signature), verifier },
    },
  };
}

const kindVersion = z.object({ kind: z.string(), apiVersion: z.string() });
const hex = z.string().check(z.regex(/^(?:[0-9a-f]{2})+$/i));
const number = z.pipe(z.union([z.int(), z.string()]), z.transform(String));

/** `LogEntry`: by its name in the log, the only one. */
const answerV1 = z.pipe(
  z.record(
    z.string(),
    z.object({
      body: z.base64(),
      integratedTime: number,
      logID: hex,
      logIndex: number,
      verification: z.object({
        signedEntryTimestamp: z.optional(z.base64()),
        inclusionProof: z.optional(
          z.object({
            checkpoint: z.string(),
            hashes: z.array(hex),
            logIndex: number,
            rootHash: hex,
            treeSize: number,
          }),
        ),
      }),
    }),
  ),
  z.transform((entries, { issues }) => {
    const [entry, ...others] = Object.values(entries);
    const body = entry === undefined ? undefined : kindVersion.safeParse(jsonIn(entry.body)).data;
    if (entry === undefined || body === undefined || others.length > 0) {
      issues.push({ code: 'custom', message: 'it is not one entry', input: entries });
      return z.NEVER;
    }
    const { signedEntryTimestamp: promise, inclusionProof: proof } = entry.verification;
    return {
      logIndex: entry.logIndex,
      logId: { keyId: Buffer.from(entry.logID, 'hex') },
      kindVersion: { kind: body.kind, version: body.apiVersion },
      integratedTime: entry.integratedTime,
      inclusionPromise: promise === undefined ? undefined : { signedEntryTimestamp: Buffer.from(promise, 'base64') },
      inclusionProof:
        proof === undefined
          ? undefined
          : {
              ...proof,
              rootHash: Buffer.from(proof.rootHash, 'hex'),
              hashes: proof.hashes.map((hash) => Buffer.from(hash, 'hex')),
              checkpoint: { envelope: proof.checkpoint },
            },
      canonicalizedBody: Buffer.from(entry.body, 'base64'),
    };
  }),
);

/** Sigstore protobuf-specs, `TransparencyLogEntry`. */
const answerV2 = z.pipe(
  z.unknown(),
  z.transform((json, { issues }) => {
    const entry = entryIn(json);
    const { logId, kindVersion: kind } = entry ?? {};
    if (entry === undefined || logId === undefined || kind === undefined) {
      issues.push({ code: 'custom', message: 'it is no entry', input: json });
      return z.NEVER;
    }
    return { ...entry, logId, kindVersion: kind };
  }),
);

function entryIn(json: unknown): TransparencyLogEntry | undefined {
  try {
    return TransparencyLogEntry.fromJSON(json);
  } catch {
    return undefined;
  }
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
