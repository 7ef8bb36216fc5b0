import { createHash } from 'node:crypto';
import { PlimsollError } from '../error.ts';
import { isPredicateType } from '../sbom/index.ts';
import type { Sealed } from './attachment.ts';
import type { Authority } from './authority.ts';
import { decodeBase64 } from './base64.ts';
import { type MessageSignature, readBundle } from './bundle.ts';
import { readContent } from './content.ts';
import { malformed } from './malformed.ts';
import { type VerifiedSigner, verifySeal } from './seal.ts';
import type { Statement } from './statement.ts';

/** A signature beside the bytes that it is of. */
export type BlobSignature =
  | { readonly kind: 'bundle'; readonly bundle: Buffer }
  /** The signature alone, in base64. */
  | { readonly kind: 'detached'; readonly signature: Buffer };

/** The hashes of message digests, by their names in bundles (protobuf-specs, `HashAlgorithm`). */
const hashes = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);

/**
 * Verifies who signed these bytes. A statement about them is no signature.
 *
 * @throws PlimsollError `trust/bad-…` for what cannot be read, `trust/other-type`, and those of {@link verifySeal}
 */
export async function verifyBlob(
  bytes: Buffer,
  signature: BlobSignature,
  authorities: readonly Authority[],
): Promise<readonly VerifiedSigner[]> {
  if (signature.kind === 'detached') return verifySeal(detached(bytes, signature.signature), authorities);
  const bundle = readBundle(signature.bundle);
  const sealed: Sealed = { kind: 'bundle', bundle };
  if (bundle.content.kind === 'message') {
    checkDigest(bundle.content.message, bytes);
    return verifySeal(sealed, authorities, bytes);
  }
  const signers = await verifySeal(sealed, authorities);
  const content = readContent({ sealed, claims: [] }, [`sha256:${createHash('sha256').update(bytes).digest('hex')}`]);
  if (content.kind === 'signature') return signers;
  throw otherType(`It is an attestation of the type ${content.statement.predicateType}, and no signature`);
}

/**
 * Verifies who states what of the bytes with these digests.
 *
 * @param digests all of the same bytes: `sha256:…`, `sha512:…`
 * @param type a short name, or a URI
 * @throws PlimsollError `trust/bad-…` for what cannot be read, `trust/other-subject`, `trust/other-type`, and those of {@link verifySeal}
 */
export async function verifyBlobAttestation(
  digests: readonly string[],
  bundle: Buffer,
  authorities: readonly Authority[],
  type: string,
): Promise<{ readonly signers: readonly VerifiedSigner[]; readonly statement: Statement }> {
  const sealed = { kind: 'bundle', bundle: readBundle(bundle) } as const;
  if (sealed.bundle.content.kind === 'message') throw otherType('It is a signature, and no attestation');
  const signers = await verifySeal(sealed, authorities);
  const content = readContent({ sealed, claims: [] }, digests);
  if (content.kind === 'signature') throw otherType('It is a signature, and no attestation');
  const { statement } = content;
  if (isPredicateType(type, statement.predicateType)) return { signers, statement };
  throw otherType(`It is an attestation of the type ${statement.predicateType}, not ${type}`);
}

function detached(payload: Buffer, text: Buffer): Sealed {
  const signature = decodeBase64(text.toString('latin1').trim());
  if (signature === undefined || signature.length === 0) throw malformed('payload', 'the signature is not base64');
  return { kind: 'simple-signing', payload, signature, material: {} };
}

/** The digest in a bundle is not signed; where it is another, the signature is of other bytes. */
function checkDigest({ algorithm, digest }: MessageSignature, bytes: Buffer): void {
  const hash = hashes.get(algorithm);
  if (hash === undefined)
    throw malformed('bundle', `its digest is of the unknown algorithm ${algorithm.slice(0, 100)}`);
  if (createHash(hash).update(bytes).digest().equals(digest)) return;
  throw new PlimsollError('trust/other-subject', 'The signature is of other bytes: its digest is not theirs', {
    hint: 'The file was changed after signing, or the bundle belongs to another file.',
  });
}

function otherType(message: string): PlimsollError {
  return new PlimsollError('trust/other-type', message, {
    hint: 'Ask for what it is: verify-blob verifies signatures, verify-blob-attestation attestations of a type.',
  });
}
