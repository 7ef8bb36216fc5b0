import { verify } from 'node:crypto';
import { failed } from './failure.ts';
import type { TrustedLog } from './trust-material.ts';

/** What a log says of itself: its size, and the hash over all of its entries. */
export interface Checkpoint {
  readonly size: string;
  readonly root: Buffer;
}

interface SignedCheckpoint extends Checkpoint {
  readonly signed: Buffer;
  readonly signatures: readonly { readonly name: string; readonly keyHint: Buffer; readonly bytes: Buffer }[];
}

/**
 * A checkpoint that this log signed (C2SP, tlog-checkpoint and signed-note); others may have signed it too.
 *
 * @throws PlimsollError `trust/log-entry`
 */
export function checkpointOf(log: TrustedLog, envelope: string): Checkpoint {
  const { signed, signatures, size, root } = readCheckpoint(envelope);
  // Ed25519 takes no digest of its own.
  const algorithm = log.key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const isOfLog = signatures.some(
    ({ name, keyHint, bytes }) =>
      log.checkpointHint.equals(keyHint) && log.url.includes(name) && verify(algorithm, signed, log.key, bytes),
  );
  if (isOfLog) return { size, root };
  throw failed('log-entry', `The checkpoint of the log entry is not signed by its log, ${log.url}.`);
}

/**
 * Names of signers are held to what host names and paths are made of: @sigstore/verify runs them as regular expressions, and
 * they come from the bundle.
 */
function readCheckpoint(envelope: string): SignedCheckpoint {
  const [note = '', signed, ...more] = envelope.split('\n\n');
  const [origin = '', size = '', root = ''] = note.split('\n');
  const lines = (signed ?? '').split('\n');
  const signatures = lines.slice(0, -1).map((line) => /^\u2014 ([\w./:-]{1,500}) ([A-Za-z0-9+/=]{8,8192})$/.exec(line));
  if (
    more.length > 0 ||
    origin === '' ||
    !/^\d{1,20}$/.test(size) ||
    !/^[A-Za-z0-9+/]{1,128}={0,2}$/.test(root) ||
    lines.at(-1) !== '' ||
    signatures.length === 0 ||
    signatures.includes(null)
  ) {
    throw failed('log-entry', "The checkpoint of the log entry's inclusion proof cannot be read.");
  }
  return {
    signed: Buffer.from(`${note}\n`),
    size,
    root: Buffer.from(root, 'base64'),
    signatures: signatures.map((found) => {
      const bytes = Buffer.from(found?.[2] ?? '', 'base64');
      return { name: found?.[1] ?? '', keyHint: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
    }),
  };
}
