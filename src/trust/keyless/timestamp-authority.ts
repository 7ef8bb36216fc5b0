import { createHash } from 'node:crypto';
import type { Witness } from '@sigstore/sign';
import { limits } from '../../limits.ts';
import { askForBytes } from './signing-service.ts';

/**
 * An authority that says when it saw a signature, by RFC 3161, asked in JSON (Sigstore timestamp-authority API).
 *
 * @param address whole, or that of a host whose authority is in the usual place
 */
export function timestampWitness(address: URL): Witness {
  const url = address.pathname === '/' ? new URL('api/v1/timestamp', address) : address;
  const service = { url, failure: 'The timestamp authority gave no timestamp' };
  return {
    async testify(content) {
      const signature =
        content.$case === 'dsseEnvelope' ? content.dsseEnvelope.signatures[0]?.sig : content.messageSignature.signature;
      const artifactHash = createHash('sha256')
        .update(signature ?? '')
        .digest('base64');
      const signedTimestamp = await askForBytes(
        service,
        { artifactHash, hashAlgorithm: 'sha256' },
        limits.timestampBytes,
      );
      return { rfc3161Timestamps: [{ signedTimestamp }] };
    },
  };
}
