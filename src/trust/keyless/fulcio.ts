import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import type { Signer } from '@sigstore/sign';
import * as z from 'zod/mini';
import { limits } from '../../limits.ts';
import type { IdentityToken } from './identity-token.ts';
import { askForJson } from './signing-service.ts';

const issued = z.object({
  chain: z.object({
    certificates: z
      .tuple([z.string().check(z.refine(isCertificate))], z.string())
      .check(z.maxLength(limits.certificatesPerBundle)),
  }),
});
const answer = z.union([
  z.pipe(
    z.object({ signedCertificateEmbeddedSct: issued }),
    z.transform((found) => found.signedCertificateEmbeddedSct),
  ),
  z.pipe(
    z.object({ signedCertificateDetachedSct: issued }),
    z.transform((found) => found.signedCertificateDetachedSct),
  ),
]);

/**
 * Signs with a key that lives for one signature, for which Fulcio gives a certificate with the identity of the token
 * (Fulcio API v2, `CreateSigningCertificate`).
 *
 * @param base of Fulcio's addresses
 */
export function fulcioSigner(base: URL, { text, subject }: IdentityToken): Signer {
  const failure = 'The certificate authority (Fulcio) gave no certificate';
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = {
    credentials: { oidcIdentityToken: text },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: publicKey.export({ format: 'pem', type: 'spki' }) },
      proofOfPossession: sign('sha256', Buffer.from(subject), privateKey).toString('base64'),
    },
  };
  return {
    async sign(data) {
      const { chain } = await askForJson({ url: new URL('api/v2/signingCert', base), failure }, request, answer);
      const [certificate] = chain.certificates;
      return { signature: sign('sha256', data, privateKey), key: { $case: 'x509Certificate', certificate } };
    },
  };
}

function isCertificate(pem: string): boolean {
  try {
    return pem.length <= limits.certificateBytes && new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
