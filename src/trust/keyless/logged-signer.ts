import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { z } from 'zod';
import { failed } from './failure.ts';

/** With what a signature was checked when it was logged. */
interface LoggedSigner {
  readonly certificate?: Buffer | undefined;
  readonly key: KeyObject;
}

/** Rekor v1: PEM in base64. */
const pem = z.string().transform((text): LoggedSigner => {
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  return decoded.includes('-----BEGIN CERTIFICATE-----')
    ? ofCertificate(Buffer.from(decoded))
    : { key: createPublicKey(decoded) };
});

/** Rekor v2: DER in base64. */
const der = z.object({ rawBytes: z.string().transform((text) => Buffer.from(text, 'base64')) });
const verifier = z.union([
  z.object({ x509Certificate: der }).transform(({ x509Certificate }) => ofCertificate(x509Certificate.rawBytes)),
  z.object({ publicKey: der }).transform(({ publicKey: { rawBytes } }): LoggedSigner => {
    return { key: createPublicKey({ key: rawBytes, format: 'der', type: 'spki' }) };
  }),
]);

function ofCertificate(bytes: Buffer): LoggedSigner {
  const { raw, publicKey } = new X509Certificate(bytes);
  return { certificate: raw, key: publicKey };
}

/** Where the entry types of Rekor keep it. */
const logged = z.union([
  z
    .object({ spec: z.object({ signatures: z.tuple([z.object({ verifier: pem })]) }) })
    .transform(({ spec }) => spec.signatures[0].verifier),
  z
    .object({ spec: z.object({ signature: z.object({ publicKey: z.object({ content: pem }) }) }) })
    .transform(({ spec }) => spec.signature.publicKey.content),
  z
    .object({
      spec: z.object({
        content: z.object({ envelope: z.object({ signatures: z.tuple([z.object({ publicKey: pem })]) }) }),
      }),
    })
    .transform(({ spec }) => spec.content.envelope.signatures[0].publicKey),
  z
    .object({ spec: z.object({ dsseV002: z.object({ signatures: z.tuple([z.object({ verifier })]) }) }) })
    .transform(({ spec }) => spec.dsseV002.signatures[0].verifier),
  z
    .object({ spec: z.object({ hashedRekordV002: z.object({ signature: z.object({ verifier }) }) }) })
    .transform(({ spec }) => spec.hashedRekordV002.signature.verifier),
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
