import type { TransparencyLogEntry } from '@sigstore/bundle';
import { type SignedEntity, toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify';
import { messageOf, PlimsollError } from '../error.ts';
import type { KeyAuthority, Witnesses } from './authority.ts';
import { parseBundle } from './keyless/bundle-json.ts';
import { failed } from './keyless/failure.ts';
import { checkLogEntry } from './keyless/log-entry.ts';
import { timesOf } from './keyless/vouched-time.ts';

/**
 * Verifies the log entries and timestamps of something that was signed with a key, and whose signature holds. Touches no network.
 *
 * @param bundle parsed JSON
 * @param artifact of a signature over bytes: those bytes
 * @returns the times that are vouched for
 * @throws PlimsollError `trust/bundle`, `trust/log-entry`, `trust/timestamp`
 */
export function verifyWitnesses(
  bundle: unknown,
  { key }: KeyAuthority,
  { trustedRoot, logEntries = 1, timestamps = 0 }: Witnesses,
  artifact: Buffer | undefined,
): readonly Date[] {
  const parsed = parseBundle(bundle);
  const entries: readonly TransparencyLogEntry[] = parsed.verificationMaterial.tlogEntries;
  for (const entry of entries) checkLogEntry(entry, trustedRoot);
  const logs = new Set(entries.map(({ logId }) => logId.keyId.toString('hex'))).size;
  if (logs < logEntries) {
    throw failed('log-entry', `Entries of ${logEntries} transparency logs are required; there are those of ${logs}.`);
  }
  try {
    const entity = toSignedEntity(parsed, artifact);
    const material = toTrustMaterial(trustedRoot, () => ({ publicKey: key, validFor: () => true }));
    new Verifier(material, { tlogThreshold: 0, timestampThreshold: 0, ctlogThreshold: 0 }).verify({
      ...entity,
      signature: settled(entity.signature),
    });
    const times = timesOf(entity);
    const sources = new Set(times.map(({ source, by }) => `${source} ${by}`)).size;
    if (sources >= timestamps) return times.map(({ time }) => time);
    throw failed('timestamp', `Times from ${timestamps} sources are required; there are those of ${sources}.`);
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
