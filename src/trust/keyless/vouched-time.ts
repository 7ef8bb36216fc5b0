import type { SignedEntity } from '@sigstore/verify';
import { failed } from './failure.ts';
import type { Trust } from './trust-material.ts';

export interface VouchedTime {
  readonly source: 'log' | 'timestamp-authority';
  readonly time: Date;
  /** Who runs the source. */
  readonly operator: string;
}

/** A log vouches for a time by its promise alone (protobuf-specs, TransparencyLogEntry). */
export function timesOf(entity: SignedEntity, { logs, timestampAuthorities }: Trust): readonly VouchedTime[] {
  return entity.timestamps.flatMap((each): VouchedTime[] => {
    if (each.$case === 'timestamp-authority') {
      const { signerIssuer, signerSerialNumber, signingTime } = each.timestamp;
      const authority = timestampAuthorities.find(
        ({ issuer, serialNumber }) => issuer.equals(signerIssuer) && serialNumber.equals(signerSerialNumber),
      );
      return [{ source: 'timestamp-authority', time: signingTime, operator: authority?.operator ?? '' }];
    }
    const { inclusionPromise, integratedTime, logId } = each.tlogEntry;
    if (inclusionPromise === undefined) return [];
    const log = logs.find(({ id }) => id.equals(logId.keyId));
    return [{ source: 'log', time: new Date(Number(integratedTime) * 1000), operator: log?.operator ?? '' }];
  });
}

/**
 * Checks that there are enough witnesses. What one operator runs counts once (protobuf-specs, `TransparencyLogInstance`,
 * `CertificateAuthority`), and so does the same log or authority twice.
 *
 * @param logs those of the log entries
 * @throws PlimsollError `trust/log-entry`, `trust/timestamp`
 */
export function checkWitnesses(
  logs: readonly { readonly operator: string }[],
  times: readonly VouchedTime[],
  required: { readonly logEntries: number; readonly timestamps: number },
): void {
  const logCount = new Set(logs.map(({ operator }) => operator)).size;
  if (logCount < required.logEntries) {
    throw failed(
      'log-entry',
      `Entries of ${required.logEntries} transparency logs are required; there are those of ${logCount}.`,
    );
  }
  const sources = new Set(times.map(({ source, operator }) => `${source} ${operator}`)).size;
  if (sources < required.timestamps) {
    throw failed('timestamp', `Times from ${required.timestamps} sources are required; there are those of ${sources}.`);
  }
}
