import type { X509Certificate } from 'node:crypto';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { type SignedEntity, type Signer, Verifier } from '@sigstore/verify';
import { describeMatch, type Match, matches } from '../match.ts';
import { blame } from './blame.ts';
import { parseBundle } from './bundle-json.ts';
import { type ClaimName, leafOf, readIdentity, readLeaf } from './certificate.ts';
import { failed } from './failure.ts';
import { checkLogInUse, logEntriesIn } from './log-entry.ts';
import { checkLoggedSigner } from './logged-signer.ts';
import { checkContent, entityOf, type VerifiedContent } from './signed-entity.ts';
import { type Trust, trustIn } from './trust-material.ts';
import { checkWitnesses, timesOf } from './vouched-time.ts';

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

/**
 * Verifies a Sigstore bundle whose signer is named by a certificate: its log entries, timestamps, certificate and
 * signature against a trusted root, and then who signed. Touches no network.
 *
 * @param bundle parsed JSON
 * @throws PlimsollError `trust/bundle`, `trust/certificate`, `trust/log-entry`, `trust/timestamp`, `trust/signature`,
 *   `trust/identity`: the part that does not hold
 */
export function verifyKeyless(bundle: unknown, requirements: KeylessRequirements): KeylessVerified {
  const parsed = parseBundle(bundle);
  const trust = trustIn(requirements.trustedRoot);
  const leaf = readLeaf(leafOf(parsed));
  const content = checkContent(parsed, requirements.artifact);
  const entries = logEntriesIn(parsed, trust);

  const entity = entityOf(parsed, requirements.artifact, trust);
  const signer = checkAll(entity, leaf, trust, requirements);
  const times = timesOf(entity, trust);
  const { logEntries = 1, timestamps = 1 } = requirements;
  checkWitnesses(
    entries.map(({ log }) => log),
    times,
    { logEntries, timestamps },
  );
  for (const each of entries) {
    checkLoggedSigner(each.entry, leaf);
    checkLogInUse(each, times);
  }

  const extensions = (signer.identity?.oids ?? []).map(({ oid, value }) => ({ oid: oid?.id.join('.') ?? '', value }));
  const { identities, issuer, claims } = readIdentity(extensions);
  return {
    identity: checkSigner(identities, issuer, requirements),
    issuer,
    claims,
    certificate: { notBefore: leaf.validFromDate, notAfter: leaf.validToDate },
    times: times.map(({ source, time }) => ({ source, time })),
    logs: entries.map(({ entry, log }) => ({ url: log.url, index: entry.logIndex })),
    content,
  };
}

function checkAll(
  entity: SignedEntity,
  leaf: X509Certificate,
  trust: Trust,
  requirements: KeylessRequirements,
): Signer {
  const thresholds = {
    tlogThreshold: requirements.logEntries ?? 1,
    timestampThreshold: Math.max(1, requirements.timestamps ?? 1),
    ctlogThreshold: requirements.certificateLogs ?? 1,
  };
  try {
    return new Verifier(trust.material, thresholds).verify(entity);
  } catch (error) {
    throw blame(error, entity, leaf, trust);
  }
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
