import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import { checkpointOf } from './checkpoint.ts';
import { failed } from './failure.ts';
import type { Trust, TrustedLog } from './trust-material.ts';
import type { VouchedTime } from './vouched-time.ts';

/** Of Rekor v2, whose entries have a proof and neither a promise nor a time. `intoto` 0.0.2 is of Rekor v1. */
const isVersion2 = ({ kindVersion: { kind, version } }: TransparencyLogEntry) =>
  version === '0.0.2' && kind !== 'intoto';

/** A log entry of a bundle, and its log. */
interface LogEntry {
  readonly entry: TransparencyLogEntry;
  readonly log: TrustedLog;
}

/**
 * The log entries of a bundle. Checks what @sigstore/verify leaves open about them: that their logs are trusted ones and
 * those that signed the checkpoints, and that fields which no signature covers say what the covered ones say.
 *
 * @throws PlimsollError `trust/log-entry`
 */
export function logEntriesIn(bundle: Bundle, trust: Trust): readonly LogEntry[] {
  const entries: readonly TransparencyLogEntry[] = bundle.verificationMaterial.tlogEntries;
  return entries.map((entry) => ({ entry, log: checkedLog(entry, trust) }));
}

function checkedLog(entry: TransparencyLogEntry, trust: Trust): TrustedLog {
  const log = trust.logs.find(({ id }) => id.equals(entry.logId.keyId));
  if (log === undefined) {
    const id = entry.logId.keyId.toString('hex');
    throw failed('log-entry', `The log entry is of a transparency log that the trusted root does not name (${id}).`);
  }
  if (isVersion2(entry) && entry.inclusionPromise === undefined) {
    if (entry.integratedTime !== '0') {
      throw failed('log-entry', 'The log entry claims a time that the log has not signed.');
    }
    if (entry.inclusionProof !== undefined && entry.inclusionProof.logIndex !== entry.logIndex) {
      throw failed('log-entry', "The log entry's index is not that of its inclusion proof.");
    }
  }
  if (entry.inclusionProof !== undefined) checkProof(entry.inclusionProof, log);
  return log;
}

function checkProof(proof: NonNullable<TransparencyLogEntry['inclusionProof']>, log: TrustedLog): void {
  const { size, root } = checkpointOf(log, proof.checkpoint?.envelope ?? '');
  if (size !== proof.treeSize) {
    throw failed('log-entry', "The tree size of the log entry's inclusion proof is not that of its checkpoint.");
  }
  if (!root.equals(proof.rootHash)) {
    throw failed('log-entry', "The root hash of the log entry's inclusion proof is not that of its checkpoint.");
  }
}

/**
 * Checks that a log was in use when something was signed. Promises are held to that by @sigstore/verify; a proof by itself
 * has no time, and the key of a log that has ended may be anybody's by now.
 *
 * @param times that are vouched for by others; none: it is held to the present
 * @throws PlimsollError `trust/log-entry`
 */
export function checkLogInUse({ entry, log }: LogEntry, times: readonly VouchedTime[]): void {
  if (entry.inclusionPromise !== undefined) return;
  const { start, end } = log.validFor;
  const moments = times.length === 0 ? [new Date()] : times.map(({ time }) => time);
  const outside = moments.find((time) => time < start || time > end);
  if (outside === undefined) return;
  throw failed(
    'log-entry',
    `The log entry is of a transparency log, ${log.url}, that was not in use at ${outside.toISOString()}.`,
  );
}
