import type { SignedEntity } from '@sigstore/verify';

export interface VouchedTime {
  readonly source: 'log' | 'timestamp-authority';
  readonly by: string;
  readonly time: Date;
}

/** A log vouches for a time by its promise alone (protobuf-specs, TransparencyLogEntry). */
export function timesOf(entity: SignedEntity): readonly VouchedTime[] {
  return entity.timestamps.flatMap((each): VouchedTime[] => {
    if (each.$case === 'timestamp-authority') {
      const { signerIssuer, signerSerialNumber, signingTime } = each.timestamp;
      const by = `${signerIssuer.toString('hex')} ${signerSerialNumber.toString('hex')}`;
      return [{ source: 'timestamp-authority', by, time: signingTime }];
    }
    const { inclusionPromise, integratedTime, logId } = each.tlogEntry;
    if (inclusionPromise === undefined) return [];
    return [{ source: 'log', by: logId.keyId.toString('hex'), time: new Date(Number(integratedTime) * 1000) }];
  });
}
