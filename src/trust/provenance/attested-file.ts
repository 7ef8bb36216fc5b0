import { messageOf, PlimsollError } from '../../error.ts';
import { isRecord } from '../../image/index.ts';
import { limits } from '../../limits.ts';
import type { Sealed } from '../attachment.ts';
import type { Authority } from '../authority.ts';
import { readBundle } from '../bundle.ts';
import { readContent } from '../content.ts';
import { readEnvelope } from '../dsse.ts';
import { malformed, parseSigned } from '../malformed.ts';
import { type VerifiedSigner, verifySeal } from '../seal.ts';
import type { Statement } from '../statement.ts';

/** A statement about a file, and one of those who signed it. */
export interface SignedStatement {
  /** Where it stands in its document, from 1. */
  readonly position: number;
  readonly statement: Statement;
  readonly signer: VerifiedSigner;
}

export interface FileVerification {
  readonly verified: readonly SignedStatement[];
  readonly rejected: readonly { readonly position: number; readonly error: PlimsollError }[];
}

/**
 * Verifies all statements about a file in a document: a Sigstore bundle, a DSSE envelope, both also line by line
 * (`.intoto.jsonl`, as GitHub and slsa-github-generator write them), or the attestations of a package as npm's registry gives them.
 *
 * @param digests all of the same file: `sha256:…`, `sha512:…`
 * @throws PlimsollError `trust/bad-bundle` when the document is none of these, `trust/no-authority`
 */
export async function verifyFileStatements(
  document: Buffer,
  digests: readonly string[],
  authorities: readonly Authority[],
): Promise<FileVerification> {
  const found = await Promise.all(
    entriesOf(document).map(async (json, index) => {
      const position = index + 1;
      try {
        const sealed = sealedIn(json);
        const signers = await verifySeal(sealed, authorities);
        const statement = statementIn(sealed, digests);
        return signers.map((signer) => ({ position, statement, signer }));
      } catch (error) {
        if (!(error instanceof PlimsollError) || error.code === 'trust/no-authority') throw error;
        return { position, error };
      }
    }),
  );
  return {
    verified: found.flatMap((each) => ('error' in each ? [] : each)),
    rejected: found.flatMap((each) => ('error' in each ? [each] : [])),
  };
}

function entriesOf(document: Buffer): readonly unknown[] {
  if (document.length > limits.attachmentBytes) {
    throw malformed('bundle', `it has ${document.length} bytes, over ${limits.attachmentBytes}`);
  }
  const whole = tryParse(document);
  if ('error' in whole) return linesOf(document, whole.error);
  const list = isRecord(whole.json) ? whole.json['attestations'] : undefined;
  if (!Array.isArray(list)) return [whole.json];
  checkCount(list.length);
  return list.map((each: unknown) => (isRecord(each) ? each['bundle'] : each));
}

function linesOf(document: Buffer, error: PlimsollError): readonly unknown[] {
  if (linesIn(document) > 2 * limits.attachmentsRead) throw error;
  const lines = document
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  checkCount(lines.length);
  // A document that is broken is told as such, not as its first line.
  const [first] = lines;
  if (first === undefined || lines.length === 1 || 'error' in tryParse(Buffer.from(first))) throw error;
  return lines.map((line) => parseSigned(Buffer.from(line), 'bundle', limits.bundleParts));
}

function linesIn(document: Buffer): number {
  let lines = 1;
  for (const byte of document) if (byte === 0x0a) lines++;
  return lines;
}

function checkCount(count: number): void {
  if (count === 0) throw malformed('bundle', 'it holds no attestations');
  if (count > limits.attachmentsRead)
    throw malformed('bundle', `it holds more than ${limits.attachmentsRead} attestations`);
}

function tryParse(bytes: Buffer): { readonly json: unknown } | { readonly error: PlimsollError } {
  try {
    return { json: parseSigned(bytes, 'bundle', limits.bundleParts) };
  } catch (error) {
    if (error instanceof PlimsollError) return { error };
    throw malformed('bundle', messageOf(error));
  }
}

function sealedIn(json: unknown): Sealed {
  if (!isRecord(json) || json['payloadType'] === undefined) {
    return { kind: 'bundle', bundle: readBundle(Buffer.from(JSON.stringify(json) ?? '')) };
  }
  // slsa-github-generator put its certificate beside the signature, before it wrote bundles.
  const signature: unknown = Array.isArray(json['signatures']) ? json['signatures'][0] : undefined;
  const certificate = isRecord(signature) && typeof signature['cert'] === 'string' ? signature['cert'] : undefined;
  return { kind: 'envelope', envelope: readEnvelope(json), material: { certificate } };
}

function statementIn(sealed: Sealed, digests: readonly string[]): Statement {
  const content = readContent({ sealed, claims: [] }, digests);
  if (content.kind === 'attestation') return content.statement;
  throw malformed('statement', 'it is a signature, and states nothing');
}
