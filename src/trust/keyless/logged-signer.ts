import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import * as z from 'zod/mini';
import { failed } from './failure.ts';

/** With what a signature was checked when it was logged. */
interface LoggedSigner {
  readonly certificate?: Buffer | undefined;
  readonly key: KeyObject;
}

/** Rekor v1: PEM in base64. */
const pem = z.pipe(
  z.string(),
  z.transform((text): LoggedSigner => {
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    return decoded.includes('-----BEGIN CERTIFICATE-----')
      ? ofCertificate(Buffer.from(decoded))
      : { key: createPublicKey(decoded) };
  }),
);

/** Rekor v2: DER in base64. */
const der = z.object({
  rawBytes: z.pipe(
    z.string(),
    z.transform((text) => Buffer.from(text, 'base64')),
  ),
});
const verifier = z.union([
  z.pipe(
    z.object({ x509Certificate: der }),
    z.transform(({ x509Certificate }) => ofCertificate(x509Certificate.rawBytes)),
  ),
  z.pipe(
    z.object({ publicKey: der }),
    z.transform(({ publicKey: { rawBytes } }): LoggedSigner => {
      return { key: createPublicKey({ key: rawBytes, format: 'der', type: 'spki' }) };
    }),
  ),
]);

function ofCertificate(bytes: Buffer): LoggedSigner {
  const { raw, publicKey } = new X509Certificate(bytes);
  return { certificate: raw, key: publicKey };
}

/** Where the entry types of Rekor keep it. */
const logged = z.union([
  z.pipe(
    z.object({ spec: z.object({ signatures: z.tuple([z.object({ verifier: pem })]) }) }),
    z.transform(({ spec }) => spec.signatures[0].verifier),
  ),
  z.pipe(
    z.object({ spec: z.object({ signature: z.object({ publicKey: z.object({ content: pem }) }) }) }),
    z.transform(({ spec }) => spec.signature.publicKey.content),
  ),
  z.pipe(
    z.object({
      spec: z.object({
        content: z.object({ envelope: z.object({ signatures: z.tuple([z.object({ publicKey: pem })]) }) }),
      }),
    }),
    z.transform(({ spec }) => spec.content.envelope.signatures[0].publicKey),
  ),
  z.pipe(
    z.object({ spec: z.object({ dsseV002: z.object({ signatures: z.tuple([z.object({ verifier })]) }) }) }),
    z.transform(({ spec }) => spec.dsseV002.signatures[0].verifier),
  ),
  z.pipe(
    z.object({ spec: z.object({ hashedRekordV002: z.object({ signature: z.object({ verifier }) }) }) }),
    z.transform(({ spec }) => spec.hashedRekordV002.signature.verifier),
  ),
]);

/**
 * Checks that a log entry was made for this very certificate, or this key: the same signature under another one is another
 * signer's entry.
 *
 * @throws PlimsollError `trust/log-entry`
 */
export function checkLoggedSigner(entry: TransparencyLogEntry, signer: X509Certificate | KeyObject): void {
  let found: LoggedSigner;
  try {
    found = logged.parse(JSON.parse(entry.canonicalizedBody.toString('utf8')));
  } catch (error) {
    throw failed('log-entry', 'The log entry does not hold the certificate or key of its signer.', error);
  }
  if (signer instanceof X509Certificate) {
    if (found.certificate?.equals(signer.raw) === true) return;
    throw failed('log-entry', 'The log entry was made for another certificate.');
  }
  if (!found.key.equals(signer)) throw failed('log-entry', 'The log entry was made for another key.');
}
