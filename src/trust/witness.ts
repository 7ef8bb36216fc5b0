import { type SignedEntity, VerificationError, Verifier } from '@sigstore/verify';
import { messageOf, PlimsollError } from '../error.ts';
import type { KeyAuthority, Witnesses } from './authority.ts';
import { parseBundle } from './keyless/bundle-json.ts';
import { failed } from './keyless/failure.ts';
import { checkLogInUse, logEntriesIn } from './keyless/log-entry.ts';
import { checkLoggedSigner } from './keyless/logged-signer.ts';
import { checkContent, entityOf } from './keyless/signed-entity.ts';
import { trustIn } from './keyless/trust-material.ts';
import { checkWitnesses, timesOf } from './keyless/vouched-time.ts';

/**
 * Verifies the log entries and timestamps of something that was signed with a key, and whose signature holds. Touches no network.
 *
 * @param bundle parsed JSON
 * @param artifact of a signature over bytes: those bytes
 * @returns the times that are vouched for
 * @throws PlimsollError `trust/bundle`, `trust/log-entry`, `trust/timestamp`, `trust/signature`
 */
export function verifyWitnesses(
  bundle: unknown,
  { key }: KeyAuthority,
  { trustedRoot, logEntries = 1, timestamps = 0 }: Witnesses,
  artifact: Buffer | undefined,
): readonly Date[] {
  const parsed = parseBundle(bundle);
  const trust = trustIn(trustedRoot);
  checkContent(parsed, artifact);
  const entries = logEntriesIn(parsed, trust);
  try {
    const entity = entityOf(parsed, artifact, trust);
    const material = { ...trust.material, publicKey: () => ({ publicKey: key, validFor: () => true }) };
    new Verifier(material, { tlogThreshold: 0, timestampThreshold: 0, ctlogThreshold: 0 }).verify({
      ...entity,
      signature: settled(entity.signature),
    });
    const times = timesOf(entity, trust);
    checkWitnesses(
      entries.map(({ log }) => log),
      times,
      { logEntries, timestamps },
    );
    for (const each of entries) {
      checkLoggedSigner(each.entry, key);
      checkLogInUse(each, times);
    }
    return times.map(({ time }) => time);
  } catch (error) {
    throw witnessFailure(error);
  }
}

/** The signature was verified with the hash that its key takes; the library knows one hash only. */
function settled(content: SignedEntity['signature']): SignedEntity['signature'] {
  return {
    signature: content.signature,
    compareSignature: (signature) => content.compareSignature(signature),
    compareDigest: (digest) => content.compareDigest(digest),
    verifySignature: () => true,
  };
}

function witnessFailure(error: unknown): PlimsollError {
  if (error instanceof PlimsollError) return error;
  const code = error instanceof VerificationError ? error.code : undefined;
  if (code === undefined || code === 'TIMESTAMP_ERROR') {
    return failed('timestamp', `The timestamp beside the signature does not hold: ${messageOf(error)}.`, error);
  }
  return failed('log-entry', `The log entry beside the signature does not hold: ${messageOf(error)}.`, error);
}
