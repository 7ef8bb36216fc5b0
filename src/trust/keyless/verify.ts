import { createHash, type X509Certificate } from 'node:crypto';
import type { Bundle, TransparencyLogEntry } from '@sigstore/bundle';
import { type HashAlgorithm, HashAlgorithm as hash, type TrustedRoot } from '@sigstore/protobuf-specs';
import {
  type SignedEntity,
  type Signer,
  type TrustMaterial,
  toSignedEntity,
  toTrustMaterial,
  Verifier,
} from '@sigstore/verify';
import { messageOf, PlimsollError } from '../../error.ts';
import { describeMatch, type Match, matches } from '../match.ts';
import { blame } from './blame.ts';
import { parseBundle } from './bundle-json.ts';
import { type ClaimName, leafOf, readIdentity, readLeaf } from './certificate.ts';
import { failed } from './failure.ts';
import { checkLogEntry, checkLoggedCertificate } from './log-entry.ts';
import { timesOf } from './vouched-time.ts';

export interface KeylessRequirements {
  readonly trustedRoot: TrustedRoot;
  readonly identity: Match;
  readonly issuer: Match;
  /** Of a signature over bytes (`messageSignature`): those bytes. */
  readonly artifact?: Uint8Array | undefined;
  /** Entries of different transparency logs: 1 by default; 0 where a deployment has none. */
  readonly logEntries?: number | undefined;
  /** Times vouched for by different sources, a log's promise or a timestamp authority: 1 by default, and never fewer. */
  readonly timestamps?: number | undefined;
  /** Certificate transparency logs that vouch for the certificate: 1 by default; 0 where a deployment has none. */
  readonly certificateLogs?: number | undefined;
}

/** A keyless signature that holds. */
export interface KeylessVerified {
  /** The one of the certificate's names that was asked for. */
  readonly identity: string;
  readonly issuer: string;
  readonly claims: ReadonlyMap<ClaimName, string>;
  readonly certificate: { readonly notBefore: Date; readonly notAfter: Date };
  /** When it was signed, by everyone who vouches for that. Never empty. */
  readonly times: readonly { readonly source: 'log' | 'timestamp-authority'; readonly time: Date }[];
  readonly logs: readonly { readonly url: string; readonly index: string }[];
  /** What the signature is over, as it was read for verification. */
  readonly content: VerifiedContent;
}

export type VerifiedContent =
  | { readonly kind: 'envelope'; readonly payloadType: string; readonly payload: Buffer }
  | { readonly kind: 'message'; readonly sha256: string };

/**
 * Verifies a Sigstore bundle whose signer is named by a certificate: its log entries, timestamps, certificate and
 * signature against a trusted root, and then who signed. Touches no network.
 *
 * @param bundle parsed JSON
 * @throws PlimsollError `trust/bundle`, `trust/certificate`, `trust/log-entry`, `trust/timestamp`, `trust/signature`,
 *   `trust/identity`: the part that does not hold
 */
export function verifyKeyless(bundle: unknown, requirements: KeylessRequirements): KeylessVerified {
  return verifyBundle(parseBundle(bundle), requirements);
}

/** As {@link verifyKeyless}, for a bundle that was put together from parts. */
function verifyBundle(bundle: Bundle, requirements: KeylessRequirements): KeylessVerified {
  const { trustedRoot } = requirements;
  const leaf = readLeaf(leafOf(bundle));
  const content = checkContent(bundle, requirements.artifact);
  const entries: readonly TransparencyLogEntry[] = bundle.verificationMaterial.tlogEntries;
  const logs = entries.map((entry) => ({ url: checkLogEntry(entry, trustedRoot).baseUrl, index: entry.logIndex }));

  const entity = entityOf(bundle, requirements.artifact);
  const signer = checkAll(entity, leaf, requirements);
  for (const entry of entries) checkLoggedCertificate(entry, leaf);
  const times = checkSources(entity, requirements);

  const extensions = (signer.identity?.oids ?? []).map(({ oid, value }) => ({ oid: oid?.id.join('.') ?? '', value }));
  const { identities, issuer, claims } = readIdentity(extensions);
  return {
    identity: checkSigner(identities, issuer, requirements),
    issuer,
    claims,
    certificate: { notBefore: leaf.validFromDate, notAfter: leaf.validToDate },
    times,
    logs,
    content,
  };
}

const hashNames: ReadonlyMap<HashAlgorithm, string> = new Map([
  [hash.SHA2_256, 'sha256'],
  [hash.SHA2_384, 'sha384'],
  [hash.SHA2_512, 'sha512'],
]);

/** The digest in a bundle is not signed: it has to be that of the bytes that are. */
function checkContent({ content }: Bundle, artifact: Uint8Array | undefined): VerifiedContent {
  if (content.$case === 'dsseEnvelope') {
    const { payloadType, payload } = content.dsseEnvelope;
    return { kind: 'envelope', payloadType, payload };
  }
  if (artifact === undefined) throw failed('bundle', 'The bundle signs bytes that are not in it, and none were given.');
  const { algorithm, digest } = content.messageSignature.messageDigest;
  const name = hashNames.get(algorithm);
  if (name === undefined) throw failed('bundle', 'The bundle has a digest of an unknown algorithm.');
  if (!createHash(name).update(artifact).digest().equals(digest)) {
    throw failed('signature', 'What was signed is something else: its digest in the bundle is not that of the bytes.');
  }
  return { kind: 'message', sha256: createHash('sha256').update(artifact).digest('hex') };
}

function entityOf(bundle: Bundle, artifact: Uint8Array | undefined): SignedEntity {
  const bytes = artifact === undefined ? undefined : Buffer.from(artifact.buffer, artifact.byteOffset, artifact.length);
  const { timestampVerificationData, ...material } = bundle.verificationMaterial;
  try {
    toSignedEntity({ ...bundle, verificationMaterial: { ...material, timestampVerificationData: undefined } }, bytes);
  } catch (error) {
    throw failed('certificate', `The certificate cannot be read: ${messageOf(error)}.`, error);
  }
  try {
    const entity = toSignedEntity(bundle, bytes);
    for (const each of entity.timestamps) {
      if (each.$case === 'transparency-log') continue;
      const { timestamp } = each;
      // PKIStatus: granted, granted with modifications (RFC 3161, 2.4.2).
      if (timestamp.status !== 0n && timestamp.status !== 1n) throw new Error('its authority did not grant it');
      if (Number.isNaN(timestamp.signingTime.getTime())) throw new Error('it has no time');
      if (timestamp.signerSerialNumber.length + timestamp.signerIssuer.length === 0)
        throw new Error('it has no signer');
    }
    return entity;
  } catch (error) {
    throw failed('timestamp', `The timestamp cannot be read: ${messageOf(error)}.`, error);
  }
}

const materials = new WeakMap<TrustedRoot, TrustMaterial>();

function materialOf(root: TrustedRoot): TrustMaterial {
  const known = materials.get(root);
  if (known !== undefined) return known;
  try {
    const material = toTrustMaterial(root);
    materials.set(root, material);
    return material;
  } catch (error) {
    throw new PlimsollError('trust/trusted-root', `The trusted root cannot be used: ${messageOf(error)}.`, {
      hint: 'Get the trusted root of your Sigstore deployment again.',
      cause: error,
    });
  }
}

function checkAll(entity: SignedEntity, leaf: X509Certificate, requirements: KeylessRequirements): Signer {
  const material = materialOf(requirements.trustedRoot);
  const thresholds = {
    tlogThreshold: requirements.logEntries ?? 1,
    timestampThreshold: Math.max(1, requirements.timestamps ?? 1),
    ctlogThreshold: requirements.certificateLogs ?? 1,
  };
  try {
    return new Verifier(material, thresholds).verify(entity);
  } catch (error) {
    throw blame(error, entity, leaf, material);
  }
}

/** The same log or authority twice is one witness. */
function checkSources(entity: SignedEntity, requirements: KeylessRequirements): KeylessVerified['times'] {
  const logs = new Set(entity.tlogEntries.map(({ logId }) => logId.keyId.toString('hex'))).size;
  const { logEntries = 1, timestamps = 1 } = requirements;
  if (logs < logEntries) {
    throw failed('log-entry', `Entries of ${logEntries} transparency logs are required; there are those of ${logs}.`);
  }
  const times = timesOf(entity);
  const sources = new Set(times.map(({ source, by }) => `${source} ${by}`)).size;
  if (sources < timestamps) {
    throw failed('timestamp', `Times from ${timestamps} sources are required; there are those of ${sources}.`);
  }
  return times.map(({ source, time }) => ({ source, time }));
}

function checkSigner(identities: readonly string[], issuer: string, requirements: KeylessRequirements): string {
  if (!matches(requirements.issuer, issuer)) {
    throw failed(
      'identity',
      `The signer's identity is vouched for by the issuer "${issuer}", not by ${describeMatch(requirements.issuer)}.`,
    );
  }
  const identity = identities.find((each) => matches(requirements.identity, each));
  if (identity === undefined) {
    throw failed(
      'identity',
      `The signer is "${identities.join('", "')}", not ${describeMatch(requirements.identity)}.`,
    );
  }
  return identity;
}
