import { PlimsollError } from '../error.ts';
import type { Sealed } from './attachment.ts';
import { type Authority, type IdentityAuthority, isSignedBy, type KeyAuthority } from './authority.ts';
import type { ClaimName } from './keyless/certificate.ts';
import { legacyBundleJson } from './legacy-bundle.ts';
import { malformed } from './malformed.ts';

/** Somebody trusted whose signature holds. */
export type VerifiedSigner =
  | {
      readonly kind: 'key';
      /** Of the authority. */
      readonly name: string;
      readonly fingerprint: string;
      /** When it was signed at the latest, by everyone who was asked for and vouches for it. */
      readonly times: readonly Date[];
    }
  | {
      readonly kind: 'identity';
      readonly name: string;
      readonly identity: string;
      readonly issuer: string;
      readonly claims: ReadonlyMap<ClaimName, string>;
      readonly times: readonly Date[];
    };

/** What is signed, and with what. */
interface Seal {
  readonly bytes: Buffer;
  readonly signatures: readonly Buffer[];
  /** The bytes, where a bundle does not hold them itself. */
  readonly artifact?: Buffer | undefined;
  /** Of the key that made it, as it says itself. */
  readonly hint?: string | undefined;
  readonly hasCertificate: boolean;
  readonly bundleJson: (keyHint?: string) => unknown;
}

/**
 * Verifies a signature, and the log entries and timestamps that are asked for. What the bytes say that are signed is not
 * looked at.
 *
 * @param artifact of a signature over an artifact itself: its bytes
 * @returns everyone of `authorities` who signed; never empty
 * @throws PlimsollError `trust/no-authority` where nobody is trusted; `trust/signature`, `trust/certificate`,
 * `trust/identity`, `trust/log-entry`, `trust/timestamp`, `trust/bundle`: what does not hold
 */
export async function verifySeal(
  sealed: Sealed,
  authorities: readonly Authority[],
  artifact?: Buffer,
): Promise<readonly VerifiedSigner[]> {
  if (authorities.length === 0) {
    throw new PlimsollError('trust/no-authority', 'Nobody is trusted, so that no signature can be verified', {
      hint: 'Give a public key, or an identity and its issuer.',
    });
  }
  const seal = sealOf(sealed, artifact);
  const keys = keysThatSigned(authorities, seal);
  const identities = seal.hasCertificate ? authorities.filter((each) => each.kind === 'identity') : [];
  const tried = await Promise.all([
    ...keys.map((authority) => attempt(() => byKey(authority, seal))),
    ...identities.map((authority) => attempt(() => byIdentity(authority, seal))),
  ]);
  const signers = tried.flatMap((each) => (each instanceof PlimsollError ? [] : [each]));
  if (signers.length > 0) return signers;
  const errors = tried.filter((each) => each instanceof PlimsollError);
  // Where all holds but the name, that is the reason, whatever others would have needed.
  throw errors.find(({ code }) => code === 'trust/identity') ?? errors[0] ?? signedByNobody(authorities, seal);
}

function sealOf(sealed: Sealed, artifact: Buffer | undefined): Seal {
  switch (sealed.kind) {
    case 'simple-signing':
      return {
        bytes: sealed.payload,
        artifact: sealed.payload,
        signatures: [sealed.signature],
        hasCertificate: sealed.material.certificate !== undefined,
        bundleJson: (keyHint) => legacyBundleJson(sealed, keyHint),
      };
    case 'envelope':
      return {
        bytes: sealed.envelope.signedBytes,
        signatures: sealed.envelope.signatures,
        hasCertificate: sealed.material.certificate !== undefined,
        bundleJson: (keyHint) => legacyBundleJson(sealed, keyHint),
      };
    case 'bundle': {
      const { content, signer, json } = sealed.bundle;
      const ofBundle = {
        hint: signer.kind === 'key' ? signer.hint : undefined,
        hasCertificate: signer.kind === 'certificate',
        bundleJson: () => json,
      };
      if (content.kind === 'envelope') {
        return { ...ofBundle, bytes: content.envelope.signedBytes, signatures: content.envelope.signatures };
      }
      if (artifact === undefined) throw malformed('bundle', 'it signs bytes, and does not say that they are an image');
      return { ...ofBundle, artifact, bytes: artifact, signatures: [content.message.signature] };
    }
  }
}

/** The hint says which key to try first; it is not signed, so that others are tried too where that one did not sign. */
function keysThatSigned(authorities: readonly Authority[], seal: Seal): readonly KeyAuthority[] {
  const keys = authorities.filter((each) => each.kind === 'key');
  const signed = (key: KeyAuthority) => seal.signatures.some((signature) => isSignedBy(key, seal.bytes, signature));
  const hinted = keys.filter(({ fingerprint }) => fingerprint === seal.hint).filter(signed);
  return hinted.length > 0 ? hinted : keys.filter(({ fingerprint }) => fingerprint !== seal.hint).filter(signed);
}

async function byKey(authority: KeyAuthority, seal: Seal): Promise<VerifiedSigner> {
  const { name, fingerprint, witnesses } = authority;
  if (witnesses === undefined) return { kind: 'key', name, fingerprint, times: [] };
  const { verifyWitnesses } = await import('./witness.ts');
  const times = verifyWitnesses(seal.bundleJson(fingerprint), authority, witnesses, seal.artifact);
  return { kind: 'key', name, fingerprint, times };
}

async function byIdentity(authority: IdentityAuthority, seal: Seal): Promise<VerifiedSigner> {
  const { verifyKeyless } = await import('./keyless/verify.ts');
  const verified = verifyKeyless(seal.bundleJson(), { ...authority, artifact: seal.artifact });
  const { content, identity, issuer, claims, times } = verified;
  // The bundle was read twice: what is looked at from here on must be what was verified.
  if (content.kind === 'envelope' && !seal.bytes.subarray(-content.payload.length).equals(content.payload)) {
    throw malformed('envelope', 'its payload can be read in two ways');
  }
  return { kind: 'identity', name: authority.name, identity, issuer, claims, times: times.map(({ time }) => time) };
}

function signedByNobody(authorities: readonly Authority[], { hint, hasCertificate }: Seal): PlimsollError {
  const keys = authorities.filter((each) => each.kind === 'key');
  const named = keys.find(({ fingerprint }) => fingerprint === hint);
  if (named !== undefined) {
    return notBy(
      `The signature does not hold: ${named.name} is named as its key, and did not sign these bytes`,
      'What is signed, or the signature, was changed after signing, or cut off. Sign again.',
    );
  }
  if (keys.length === 0) {
    return notBy(
      'It is signed with a key, and identities are trusted only',
      'Give the public key, if its holder is to be trusted.',
    );
  }
  if (hasCertificate) {
    return notBy(
      'It is signed with a certificate, and by none of the trusted keys',
      'Give the identity and the issuer, if they are to be trusted.',
    );
  }
  const by = hint === undefined || hint === '' ? '' : `; it names the key ${hint.slice(0, 100)}`;
  return notBy(
    `The signature is by none of the trusted keys${by}`,
    'It was signed by somebody else, or it was changed after signing: the signature, or what is signed.',
  );
}

function notBy(message: string, hint: string): PlimsollError {
  return new PlimsollError('trust/signature', message, { hint });
}

async function attempt<T>(verify: () => Promise<T>): Promise<T | PlimsollError> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
}
