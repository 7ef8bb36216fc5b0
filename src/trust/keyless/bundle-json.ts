import { type Bundle, bundleFromJSON } from '@sigstore/bundle';
import * as z from 'zod/mini';
import { messageOf } from '../../error.ts';
import { limits } from '../../limits.ts';
import { shaped } from '../../shape.ts';
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
  return z.string().check(z.maxLength(4 * Math.ceil(most / 3)), z.regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'not base64'));
}

function atMost(length: number) {
  return z.string().check(z.maxLength(length));
}

/** Protocol Buffers' JSON mapping: `null` is the same as no field. */
function field<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );
}

/** 64-bit integers are strings in that mapping; small ones are seen as numbers too. */
const integer = z.pipe(
  z.union([atMost(20), z.pipe(z.int().check(z.nonnegative()), z.transform(String))]),
  z.string().check(z.regex(/^\d{1,20}$/, 'not a whole number')),
);

const certificate = z.object({ rawBytes: base64(limits.certificateBytes) });
const digest = base64(128);

const logEntry = z.object({
  logIndex: z.optional(integer),
  logId: z.object({ keyId: digest }),
  kindVersion: z.object({ kind: atMost(100), version: atMost(100) }),
  integratedTime: z.optional(integer),
  inclusionPromise: field(z.object({ signedEntryTimestamp: base64(4096) })),
  inclusionProof: field(
    z.object({
      logIndex: z.optional(integer),
      rootHash: digest,
      treeSize: integer,
      hashes: z.optional(z.array(digest).check(z.maxLength(limits.logProofHashes))),
      checkpoint: z.object({ envelope: atMost(limits.logCheckpointLength) }),
    }),
  ),
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
        x509CertificateChain: z.optional(
          z.object({
            certificates: z.array(certificate).check(z.minLength(1), z.maxLength(limits.certificatesPerBundle)),
          }),
        ),
        publicKey: z.optional(z.object({ hint: z.optional(atMost(1000)) })),
        certificate: z.optional(certificate),
        tlogEntries: z.optional(z.array(logEntry).check(z.maxLength(limits.logEntriesPerBundle))),
        timestampVerificationData: field(
          z.object({
            rfc3161Timestamps: z.optional(
              z
                .array(z.object({ signedTimestamp: base64(limits.timestampBytes) }))
                .check(z.maxLength(limits.timestampsPerBundle)),
            ),
          }),
        ),
      })
      .check(
        z.refine(
          ({ x509CertificateChain, publicKey, certificate }) =>
            exactlyOne(x509CertificateChain, publicKey, certificate),
          'exactly one of certificate, x509CertificateChain and publicKey is expected',
        ),
      ),
    dsseEnvelope: z.optional(
      z.object({
        payload: base64(limits.attachmentBytes),
        payloadType: atMost(1000),
        signatures: z.array(z.object({ sig: base64(4096), keyid: z.optional(atMost(1000)) })).check(z.length(1)),
      }),
    ),
    messageSignature: z.optional(
      z.object({
        messageDigest: z.object({ algorithm: atMost(100), digest }),
        signature: base64(4096),
      }),
    ),
  })
  .check(
    z.refine(
      ({ dsseEnvelope, messageSignature }) => exactlyOne(dsseEnvelope, messageSignature),
      'exactly one of dsseEnvelope and messageSignature is expected',
    ),
  );

/**
 * A Sigstore bundle 0.1 to 0.3 out of parsed JSON, within bounds: {@link limits.logEntriesPerBundle} log entries,
 * {@link limits.timestampsPerBundle} timestamps, {@link limits.attachmentBytes} of payload, exactly one signature.
 *
 * @throws PlimsollError `trust/bundle`
 */
export function parseBundle(json: unknown): Bundle {
  const answer = shaped(bundle, json);
  if (!answer.ok) {
    const { place, mistake } = answer;
    throw failed('bundle', `This is not a Sigstore bundle that can be read: ${place || 'it'}: ${mistake}.`);
  }
  try {
    return bundleFromJSON(answer.value);
  } catch (error) {
    const fields = error instanceof Error && 'fields' in error && Array.isArray(error.fields) ? error.fields : [];
    const where = fields.length === 0 ? '' : ` (${fields.slice(0, 5).join(', ')})`;
    throw failed('bundle', `The Sigstore bundle is incomplete: ${messageOf(error)}${where}.`, error);
  }
}
