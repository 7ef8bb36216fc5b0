import { type KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateAuthority, TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { messageOf, PlimsollError } from '../../error.ts';

/** A trusted root, ready to verify with. */
export interface Trust {
  /** For @sigstore/verify. */
  readonly material: TrustMaterial;
  readonly logs: readonly TrustedLog[];
  readonly timestampAuthorities: readonly TrustedTimestampAuthority[];
}

export interface TrustedLog {
  readonly url: string;
  readonly id: Buffer;
  /** The first four bytes of what names its key in checkpoints (C2SP, signed-note). */
  readonly checkpointHint: Buffer;
  /** Who runs it; where that is not said, the log stands for itself. */
  readonly operator: string;
  readonly key: KeyObject;
  readonly validFor: { readonly start: Date; readonly end: Date };
}

export interface TrustedTimestampAuthority {
  readonly serialNumber: Buffer;
  readonly issuer: Buffer;
  readonly operator: string;
  /** Its certificate first. */
  readonly chain: readonly X509Certificate[];
}

const known = new WeakMap<TrustedRoot, Trust>();

/** @throws PlimsollError `trust/trusted-root` */
export function trustIn(root: TrustedRoot): Trust {
  const before = known.get(root);
  if (before !== undefined) return before;
  try {
    const trust = read(root);
    known.set(root, trust);
    return trust;
  } catch (error) {
    throw new PlimsollError('trust/trusted-root', `The trusted root cannot be used: ${messageOf(error)}.`, {
      hint: 'Get the trusted root of your Sigstore deployment again.',
      cause: error,
    });
  }
}

function read(root: TrustedRoot): Trust {
  const [tlogs, ctlogs] = [root.tlogs, root.ctlogs].map((logs) =>
    logs.map((log) => ({ ...log, checkpointKeyId: undefined })),
  );
  const material = toTrustMaterial({ ...root, tlogs: tlogs ?? [], ctlogs: ctlogs ?? [] });
  const logs = material.tlogs.map(({ baseURL, logID, publicKey, validFor }, at): TrustedLog => {
    const { checkpointKeyId, operator = '' } = root.tlogs[at] ?? {};
    return {
      url: baseURL,
      id: logID,
      checkpointHint: (checkpointKeyId?.keyId ?? logID).subarray(0, 4),
      operator: operator || logID.toString('hex'),
      key: publicKey,
      validFor,
    };
  });
  const timestampAuthorities = material.timestampAuthorities.flatMap(({ certChain: [leaf] }, at) => {
    if (leaf === undefined) return [];
    const { serialNumber, issuer } = leaf;
    const operator =
      root.timestampAuthorities[at]?.operator || `${issuer.toString('hex')} ${serialNumber.toString('hex')}`;
    const chain = certificatesIn(root.timestampAuthorities[at]);
    return [{ serialNumber, issuer, operator, chain }];
  });
  return {
    material: { ...material, tlogs: [...material.tlogs, ...checkpointLogs(material, logs)] },
    logs,
    timestampAuthorities,
  };
}

function certificatesIn(authority: CertificateAuthority | undefined): readonly X509Certificate[] {
  return (authority?.certChain?.certificates ?? []).map(({ rawBytes }) => new X509Certificate(rawBytes));
}

/** The library knows a log by one name only, and promises name it otherwise than checkpoints do. */
function checkpointLogs({ tlogs }: TrustMaterial, logs: readonly TrustedLog[]): TrustMaterial['tlogs'] {
  return tlogs.flatMap((log, at) => {
    const hint = logs[at]?.checkpointHint ?? log.logID;
    return log.logID.subarray(0, 4).equals(hint) ? [] : [{ ...log, logID: hint }];
  });
}
