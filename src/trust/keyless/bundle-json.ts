import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import { z } from 'zod';
import { messageOf } from '../../error.ts';
import { limits } from '../../limits.ts';
import { failed } from './failure.ts';

/** Sigstore bundle format, 0.1 to 0.3. */
const mediaTypes = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
] as const;

/** Protocol Buffers' JSON mapping: either alphabet, padding may be missing. Checked, because decoding skips what it does not know. */
function base64(most: number) {
  return z
    .string()
    .max(4 * Math.ceil(most / 3))
    .regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'not base64');
}

/** 64-bit integers are strings in that mapping; small ones are seen as numbers too. */
const integer = z
  .union([z.string().max(20), z.int().nonnegative().transform(String)])
  .pipe(z.string().regex(/^\d{1,20}$/, 'not a whole number'));

const certificate = z.object({ rawBytes: base64(limits.certificateBytes) });
const digest = base64(128);

const logEntry = z.object({
  logIndex: integer.optional(),
  logId: z.object({ keyId: digest }),
  kindVersion: z.object({ kind: z.string().max(100), version: z.string().max(100) }),
  integratedTime: integer.optional(),
  inclusionPromise: z
    .object({ signedEntryTimestamp: base64(4096) })
    .nullish()
    .transform((value) => value ?? undefined),
  inclusionProof: z
    .object({
      logIndex: integer.optional(),
      rootHash: digest,
      treeSize: integer,
      hashes: z.array(digest).max(limits.logProofHashes).optional(),
      checkpoint: z.object({ envelope: z.string().max(limits.logCheckpointLength) }),
    })
    .nullish()
    .transform((value) => value ?? undefined),
  canonicalizedBody: base64(limits.logEntryBytes),
});

function exactlyOne(...values: readonly unknown[]): boolean {
  return values.filter((value) => value !== undefined).length === 1;
}

const bundle = z
  .object({
    mediaType: z.enum(mediaTypes),
    verificationMaterial: z
      .object({
        x509CertificateChain: z
          .object({ certificates: z.array(certificate).min(1).max(limits.certificatesPerBundle) })
          .optional(),
        publicKey: z.object({ hint: z.string().max(1000).optional() }).optional(),
        certificate: certificate.optional(),
        tlogEntries: z.array(logEntry).max(limits.logEntriesPerBundle).optional(),
        timestampVerificationData: z
          .object({
            rfc3161Timestamps: z
              .array(z.object({ signedTimestamp: base64(limits.timestampBytes) }))
              .max(limits.timestampsPerBundle)
              .optional(),
          })
          .nullish()
          .transform((value) => value ?? undefined),
      })
      .refine(
        ({ x509CertificateChain, publicKey, certificate }) => exactlyOne(x509CertificateChain, publicKey, certificate),
        'exactly one of certificate, x509CertificateChain and publicKey is expected',
      ),
    dsseEnvelope: z
      .object({
        payload: base64(limits.attachmentBytes),
        payloadType: z.string().max(1000),
        signatures: z.array(z.object({ sig: base64(4096), keyid: z.string().max(1000).optional() })).length(1),
      })
      .optional(),
    messageSignature: z
      .object({
        messageDigest: z.object({ algorithm: z.string().max(100), digest }),
        signature: base64(4096),
      })
      .optional(),
  })
  .refine(
    ({ dsseEnvelope, messageSignature }) => exactlyOne(dsseEnvelope, messageSignature),
    'exactly one of dsseEnvelope and messageSignature is expected',
  );

/**
 * A Sigstore bundle 0.1 to 0.3 out of parsed JSON, within bounds: {@link limits.logEntriesPerBundle} log entries,
 * {@link limits.timestampsPerBundle} timestamps, {@link limits.attachmentBytes} of payload, exactly one signature.
 *
 * @throws PlimsollError `trust/bundle`
 */
export function parseBundle(json: unknown): Bundle {
  const parsed = bundle.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw failed('bundle', `This is not a Sigstore bundle that can be read: ${place || 'it'}: ${issue?.message}.`);
  }
  try {
    return bundleFromJSON(parsed.data);
  } catch (error) {
    const fields = error instanceof Error && 'fields' in error && Array.isArray(error.fields) ? error.fields : [];
    const where = fields.length === 0 ? '' : ` (${fields.slice(0, 5).join(', ')})`;
    throw failed('bundle', `The Sigstore bundle is incomplete: ${messageOf(error)}${where}.`, error);
  }
}
