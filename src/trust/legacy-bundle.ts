import { createHash, X509Certificate } from 'node:crypto';
import { isRecord } from '../image/index.ts';
import { limits } from '../limits.ts';
import type { LegacyMaterial, Sealed } from './attachment.ts';
import { decodeBase64 } from './base64.ts';
import { envelopeJson } from './dsse.ts';
import { formatPem } from './key/pem.ts';
import { malformed, parseSigned } from './malformed.ts';

/** Bundles of this version have entries of Rekor v1 that are proven by its promise alone, as legacy signatures do. */
const mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

/**
 * A legacy signature or attestation as a bundle, as JSON: so that its certificate, log entry and timestamp are verified by
 * the same code. `keyHint`: of the key that it is verified with; absent: with its certificate.
 *
 * @throws PlimsollError `trust/bad-manifest` for annotations that cannot be read
 */
export function legacyBundleJson(sealed: Exclude<Sealed, { kind: 'bundle' }>, keyHint?: string): unknown {
  const { material } = sealed;
  return {
    mediaType,
    verificationMaterial: {
      ...(keyHint === undefined
        ? { x509CertificateChain: { certificates: [{ rawBytes: certificateIn(material) }] } }
        : { publicKey: { hint: keyHint } }),
      tlogEntries: material.log === undefined ? [] : [logEntryIn(material.log)],
      timestampVerificationData: {
        rfc3161Timestamps: material.timestamp === undefined ? [] : [timestampIn(material.timestamp)],
      },
    },
    ...contentOf(sealed),
  };
}

function contentOf(sealed: Exclude<Sealed, { kind: 'bundle' }>): object {
  if (sealed.kind === 'envelope') {
    const { payloadType, payload, signatures } = sealed.envelope;
    const [signature, ...more] = signatures;
    if (signature === undefined || more.length > 0) throw malformed('envelope', 'it has more than one signature');
    return { dsseEnvelope: envelopeJson(payloadType, payload, signature) };
  }
  return {
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: createHash('sha256').update(sealed.payload).digest('base64') },
      signature: sealed.signature.toString('base64'),
    },
  };
}

function certificateIn({ certificate = '' }: LegacyMaterial): string {
  try {
    return new X509Certificate(certificate).raw.toString('base64');
  } catch {
    throw malformed('manifest', 'the annotation with the certificate of a signature holds none');
  }
}

/** cosign, "Signature specification", "Rekor bundle". */
function logEntryIn(text: string): object {
  const entry = jsonIn(text, 'log entry');
  const payload = isRecord(entry) ? entry['Payload'] : undefined;
  if (!isRecord(entry) || !isRecord(payload)) throw unreadable('log entry');
  const { body, integratedTime, logIndex, logID: logId } = payload;
  const bodyBytes = typeof body === 'string' ? decodeBase64(body) : undefined;
  if (bodyBytes === undefined || typeof logId !== 'string' || !/^[0-9a-f]{64}$/.test(logId)) {
    throw unreadable('log entry');
  }
  const kind = jsonIn(bodyBytes.toString('utf8'), 'log entry');
  if (!isRecord(kind)) throw unreadable('log entry');
  return {
    logIndex,
    logId: { keyId: Buffer.from(logId, 'hex').toString('base64') },
    kindVersion: { kind: kind['kind'], version: kind['apiVersion'] },
    integratedTime,
    inclusionPromise: { signedEntryTimestamp: entry['SignedEntryTimestamp'] },
    canonicalizedBody: body,
  };
}

function timestampIn(text: string): object {
  const timestamp = jsonIn(text, 'timestamp');
  if (!isRecord(timestamp)) throw unreadable('timestamp');
  return { signedTimestamp: timestamp['SignedRFC3161Timestamp'] };
}

function jsonIn(text: string, what: string): unknown {
  if (text.length > limits.logEntryBytes) throw unreadable(what);
  return parseSigned(Buffer.from(text), 'manifest', limits.logEntryBytes);
}

function unreadable(what: string) {
  return malformed('manifest', `the annotation with the ${what} of a signature cannot be read`);
}

/**
 * What a bundle has to prove its signature, as annotations beside a legacy signature. Log entries without a promise (Rekor v2)
 * have no legacy form.
 *
 * @param json of a bundle that was made here
 */
export function legacyMaterial(json: Readonly<Record<string, unknown>>): LegacyMaterial {
  const material = recordIn(json, 'verificationMaterial');
  const chain = listIn(recordIn(material, 'x509CertificateChain'), 'certificates');
  const [leaf, ...issuers] = chain.length > 0 ? chain : [recordIn(material, 'certificate')];
  const [entry] = listIn(material, 'tlogEntries');
  const [timestamp] = listIn(recordIn(material, 'timestampVerificationData'), 'rfc3161Timestamps');
  return {
    certificate: pemOf(leaf),
    chain: issuers.length === 0 ? undefined : issuers.map((issuer) => pemOf(issuer) ?? '').join(''),
    log: entry === undefined ? undefined : legacyLogEntry(entry),
    timestamp:
      timestamp === undefined ? undefined : JSON.stringify({ SignedRFC3161Timestamp: timestamp['signedTimestamp'] }),
  };
}

function legacyLogEntry(entry: Readonly<Record<string, unknown>>): string | undefined {
  const promise = recordIn(entry, 'inclusionPromise')?.['signedEntryTimestamp'];
  const keyId = recordIn(entry, 'logId')?.['keyId'];
  if (typeof promise !== 'string' || typeof keyId !== 'string') return undefined;
  return JSON.stringify({
    SignedEntryTimestamp: promise,
    Payload: {
      body: entry['canonicalizedBody'],
      integratedTime: Number(entry['integratedTime']),
      logIndex: Number(entry['logIndex'] ?? 0),
      logID: Buffer.from(keyId, 'base64').toString('hex'),
    },
  });
}

function pemOf(certificate: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const bytes = certificate?.['rawBytes'];
  return typeof bytes === 'string'
    ? formatPem({ label: 'CERTIFICATE', bytes: Buffer.from(bytes, 'base64') })
    : undefined;
}

function recordIn(json: unknown, name: string): Readonly<Record<string, unknown>> | undefined {
  const value = isRecord(json) ? json[name] : undefined;
  return isRecord(value) ? value : undefined;
}

function listIn(json: unknown, name: string): readonly Readonly<Record<string, unknown>>[] {
  const value = isRecord(json) ? json[name] : undefined;
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
