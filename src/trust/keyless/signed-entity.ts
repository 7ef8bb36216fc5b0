import { createHash } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import { type HashAlgorithm, HashAlgorithm as hash } from '@sigstore/protobuf-specs';
import { type SignedEntity, toSignedEntity } from '@sigstore/verify';
import { messageOf } from '../../error.ts';
import { failed } from './failure.ts';
import { checkTimestamp } from './timestamp.ts';
import type { Trust } from './trust-material.ts';

export type VerifiedContent =
  | { readonly kind: 'envelope'; readonly payloadType: string; readonly payload: Buffer }
  | { readonly kind: 'message'; readonly sha256: string };

const hashNames: ReadonlyMap<HashAlgorithm, string> = new Map([
  [hash.SHA2_256, 'sha256'],
  [hash.SHA2_384, 'sha384'],
  [hash.SHA2_512, 'sha512'],
]);

/**
 * What is signed. The digest in a bundle is not signed: it has to be that of the bytes that are.
 *
 * @throws PlimsollError `trust/bundle`, `trust/signature`
 */
export function checkContent({ content }: Bundle, artifact: Uint8Array | undefined): VerifiedContent {
  if (content.$case === 'dsseEnvelope') {
    const { payloadType, payload } = content.dsseEnvelope;
    return { kind: 'envelope', payloadType, payload };
  }
  if (artifact === undefined) throw failed('bundle', 'The bundle signs bytes that are not in it, and none were given.');
  const { algorithm, digest } = content.messageSignature.messageDigest;
  const name = hashNames.get(algorithm);
  if (name === undefined) throw failed('bundle', 'The bundle has a digest of an unknown algorithm.');
  if (!createHash(name).update(artifact).digest().equals(digest)) {
    throw failed('signature', 'What was signed is something else: its digest in the bundle is not that of the bytes.');
  }
  return { kind: 'message', sha256: createHash('sha256').update(artifact).digest('hex') };
}

/**
 * A bundle as @sigstore/verify takes it, whose timestamps are those of trusted authorities.
 *
 * @throws PlimsollError `trust/certificate`, `trust/timestamp`
 */
export function entityOf(bundle: Bundle, artifact: Uint8Array | undefined, trust: Trust): SignedEntity {
  const bytes = artifact === undefined ? undefined : Buffer.from(artifact.buffer, artifact.byteOffset, artifact.length);
  const { timestampVerificationData, ...material } = bundle.verificationMaterial;
  try {
    toSignedEntity({ ...bundle, verificationMaterial: { ...material, timestampVerificationData: undefined } }, bytes);
  } catch (error) {
    throw failed('certificate', `The certificate cannot be read: ${messageOf(error)}.`, error);
  }
  try {
    for (const { signedTimestamp } of timestampVerificationData?.rfc3161Timestamps ?? []) {
      checkTimestamp(signedTimestamp, trust.timestampAuthorities);
    }
    const entity = toSignedEntity(bundle, bytes);
    for (const each of entity.timestamps) {
      const time = each.$case === 'timestamp-authority' ? each.timestamp.signingTime : undefined;
      if (time !== undefined && Number.isNaN(time.getTime())) throw new Error('it has no time');
    }
    return entity;
  } catch (error) {
    throw failed('timestamp', `The timestamp does not hold: ${messageOf(error)}.`, error);
  }
}
