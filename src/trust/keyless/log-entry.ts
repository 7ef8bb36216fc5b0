import { X509Certificate } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import type { TransparencyLogInstance, TrustedRoot } from '@sigstore/protobuf-specs';
import { z } from 'zod';
import { failed } from './failure.ts';

/** Of Rekor v2, whose entries have a proof and neither a promise nor a time. `intoto` 0.0.2 is of Rekor v1. */
const isVersion2 = ({ kindVersion: { kind, version } }: TransparencyLogEntry) =>
  version === '0.0.2' && kind !== 'intoto';

/**
 * What @sigstore/verify leaves open about a log entry: that its log is a trusted one and the one that signed the checkpoint,
 * and that fields which no signature covers say what the covered ones say.
 *
 * @throws PlimsollError `trust/log-entry`
 */
export function checkLogEntry(entry: TransparencyLogEntry, root: TrustedRoot): TransparencyLogInstance {
  const log = root.tlogs.find((each) => each.logId?.keyId.equals(entry.logId.keyId) === true);
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

function checkProof(proof: NonNullable<TransparencyLogEntry['inclusionProof']>, log: TransparencyLogInstance): void {
  const checkpoint = readCheckpoint(proof.checkpoint?.envelope ?? '');
  const hint = (log.checkpointKeyId ?? log.logId)?.keyId.subarray(0, 4);
  const signature = checkpoint.signatures.find(
    ({ name, keyHint }) => hint?.equals(keyHint) === true && log.baseUrl.includes(name),
  );
  if (signature === undefined) {
    throw failed('log-entry', `The checkpoint of the log entry is not signed by its log, ${log.baseUrl}.`);
  }
  if (checkpoint.size !== proof.treeSize) {
    throw failed('log-entry', "The tree size of the log entry's inclusion proof is not that of its checkpoint.");
  }
  if (!checkpoint.root.equals(proof.rootHash)) {
    throw failed('log-entry', "The root hash of the log entry's inclusion proof is not that of its checkpoint.");
  }
}

interface Checkpoint {
  readonly size: string;
  readonly root: Buffer;
  readonly signatures: readonly { readonly name: string; readonly keyHint: Buffer }[];
}

/**
 * A checkpoint (C2SP, tlog-checkpoint and signed-note). Names of signers are held to what host names and paths are made of:
 * @sigstore/verify runs them as regular expressions, and they come from the bundle.
 */
function readCheckpoint(envelope: string): Checkpoint {
  const [note = '', signed, ...more] = envelope.split('\n\n');
  const [origin = '', size = '', root = ''] = note.split('\n');
  const lines = (signed ?? '').split('\n');
  const signatures = lines
    .slice(0, -1)
    .map((line) => /^\u2014 ([\w./:+-]{1,500}) ([A-Za-z0-9+/=]{8,8192})$/.exec(line));
  const plain = signatures.every((found) => found !== null && !(found[1] ?? '').includes('+'));
  if (
    more.length > 0 ||
    origin === '' ||
    !/^\d{1,20}$/.test(size) ||
    !/^[A-Za-z0-9+/]{1,128}={0,2}$/.test(root) ||
    lines.at(-1) !== '' ||
    signatures.length === 0 ||
    !plain
  ) {
    throw failed('log-entry', "The checkpoint of the log entry's inclusion proof cannot be read.");
  }
  return {
    size,
    root: Buffer.from(root, 'base64'),
    signatures: signatures.map((found) => ({
      name: found?.[1] ?? '',
      keyHint: Buffer.from(found?.[2] ?? '', 'base64').subarray(0, 4),
    })),
  };
}

const pemVerifier = z.string().transform((text) => new X509Certificate(Buffer.from(text, 'base64')).raw);
const rawVerifier = z
  .object({ x509Certificate: z.object({ rawBytes: z.string() }) })
  .transform(({ x509Certificate }) => Buffer.from(x509Certificate.rawBytes, 'base64'));

/** Where the entry types of Rekor keep the certificate that a signature was checked with when it was logged. */
const loggedCertificate = z.union([
  z
    .object({ spec: z.object({ signatures: z.tuple([z.object({ verifier: pemVerifier })]) }) })
    .transform(({ spec }) => spec.signatures[0].verifier),
  z
    .object({ spec: z.object({ signature: z.object({ publicKey: z.object({ content: pemVerifier }) }) }) })
    .transform(({ spec }) => spec.signature.publicKey.content),
  z
    .object({
      spec: z.object({
        content: z.object({ envelope: z.object({ signatures: z.tuple([z.object({ publicKey: pemVerifier })]) }) }),
      }),
    })
    .transform(({ spec }) => spec.content.envelope.signatures[0].publicKey),
  z
    .object({ spec: z.object({ dsseV002: z.object({ signatures: z.tuple([z.object({ verifier: rawVerifier })]) }) }) })
    .transform(({ spec }) => spec.dsseV002.signatures[0].verifier),
  z
    .object({ spec: z.object({ hashedRekordV002: z.object({ signature: z.object({ verifier: rawVerifier }) }) }) })
    .transform(({ spec }) => spec.hashedRekordV002.signature.verifier),
]);

/**
 * Checks that a log entry was made for this very certificate: the same signature under another one is another signer's entry.
 *
 * @throws PlimsollError `trust/log-entry`
 */
export function checkLoggedCertificate(entry: TransparencyLogEntry, leaf: X509Certificate): void {
  let logged: Buffer;
  try {
    logged = loggedCertificate.parse(JSON.parse(entry.canonicalizedBody.toString('utf8')));
  } catch (error) {
    throw failed('log-entry', 'The log entry does not hold the certificate of its signer.', error);
  }
  if (!logged.equals(leaf.raw)) throw failed('log-entry', 'The log entry was made for another certificate.');
}
