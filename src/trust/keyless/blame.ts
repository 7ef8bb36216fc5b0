import type { X509Certificate } from 'node:crypto';
import { type SignedEntity, VerificationError, Verifier } from '@sigstore/verify';
import { messageOf, type PlimsollError } from '../../error.ts';
import { failed } from './failure.ts';
import type { Trust } from './trust-material.ts';
import { timesOf } from './vouched-time.ts';

/**
 * Names the part that is wrong. The parts hang together, so that one changed part makes others fail: without the chain
 * of the certificate everything else is tried first, and the signature before what was made for it.
 */
export function blame(error: unknown, entity: SignedEntity, leaf: X509Certificate, trust: Trust): PlimsollError {
  const code = error instanceof VerificationError ? error.code : undefined;
  if (!entity.signature.verifySignature(leaf.publicKey) && code !== 'CERTIFICATE_ERROR') {
    return failed('signature', 'The signature is not one of this certificate over this content.', error);
  }
  switch (code) {
    case 'TIMESTAMP_ERROR':
      return failed('timestamp', timestampMessage(error), error);
    case 'CERTIFICATE_ERROR':
      return blameCertificate(error, entity, leaf, trust);
    case undefined:
    case 'SIGNATURE_ERROR':
    case 'PUBLIC_KEY_ERROR':
    case 'NOT_IMPLEMENTED_ERROR':
      return failed('bundle', `The bundle cannot be verified: ${messageOf(error)}.`, error);
    case 'TLOG_BODY_ERROR':
      return failed('log-entry', `The log entry is for another signature or content: ${messageOf(error)}.`, error);
    default:
      return failed('log-entry', `The log entry does not hold: ${messageOf(error)}.`, error);
  }
}

function timestampMessage(error: unknown): string {
  const message = messageOf(error);
  return message === 'timestamp could not be verified'
    ? 'The timestamp is for another signature, or its authority was not in use then.'
    : `The time of the signature is not vouched for: ${message}.`;
}

function blameCertificate(error: unknown, entity: SignedEntity, leaf: X509Certificate, trust: Trust): PlimsollError {
  const chainOnly = failed('certificate', `The certificate does not hold: ${causesOf(error)}.`, error);
  if (!entity.signature.verifySignature(leaf.publicKey)) return chainOnly;
  const anyTime = { publicKey: leaf.publicKey, validFor: () => true };
  try {
    new Verifier({ ...trust.material, publicKey: () => anyTime }, { tlogThreshold: 0, timestampThreshold: 0 }).verify({
      ...entity,
      key: { $case: 'public-key', hint: '' },
    });
  } catch (other) {
    return failed('log-entry', `The log entry does not hold: ${messageOf(other)}.`, other);
  }
  const { validFromDate, validToDate } = leaf;
  const outside = timesOf(entity, trust).find(({ time }) => time < validFromDate || time > validToDate);
  if (outside === undefined) return chainOnly;
  const state = outside.time < validFromDate ? 'was not yet valid' : 'had expired';
  const validity = `valid from ${validFromDate.toISOString()} to ${validToDate.toISOString()}`;
  return failed(
    'certificate',
    `The certificate ${state} when it was used: ${validity}, signed at ${outside.time.toISOString()}.`,
    error,
  );
}

function causesOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}
