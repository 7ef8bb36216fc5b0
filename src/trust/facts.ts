import { isRecord } from '../image/index.ts';
import { type AttestationFacts, isPredicateType } from '../sbom/index.ts';
import { provenanceFacts } from './provenance/facts.ts';
import type { StatementSigner } from './provenance/signer.ts';
import type { Statement } from './statement.ts';

/**
 * What an attestation states, as far as a policy can ask for it, by the specification of its type: in-toto's for scans,
 * SLSA's for provenance and verification summaries, CycloneDX 1.6, SPDX 2.3 and OpenVEX 0.2. What it does not state, or
 * states in another form, is absent.
 */
export function attestationFacts(statement: Statement, signer: StatementSigner): AttestationFacts {
  const { predicateType, predicate } = statement;
  const isOf = (type: string) => isPredicateType(type, predicateType);
  if (isOf('slsaprovenance1') || isOf('slsaprovenance02')) return provenanceFacts(statement, signer);
  if (isOf('vuln')) {
    const statedAt = text(predicate, 'metadata', 'scanFinishedOn') ?? text(predicate, 'metadata', 'scanStartedOn');
    return { statedAt, scanner: text(predicate, 'scanner', 'uri') };
  }
  if (isOf('vsa')) return summaryFacts(predicate);
  if (isOf('cyclonedx')) return { statedAt: text(predicate, 'metadata', 'timestamp') };
  if (isOf('spdx')) return { statedAt: text(predicate, 'creationInfo', 'created') };
  if (isOf('openvex')) return { statedAt: text(predicate, 'last_updated') ?? text(predicate, 'timestamp') };
  return {};
}

function summaryFacts(predicate: unknown): AttestationFacts {
  const result = text(predicate, 'verificationResult');
  const sha256 = text(predicate, 'policy', 'digest', 'sha256');
  const levels = isRecord(predicate) ? predicate['verifiedLevels'] : undefined;
  return {
    statedAt: text(predicate, 'timeVerified'),
    verifier: text(predicate, 'verifier', 'id'),
    policy: text(predicate, 'policy', 'uri'),
    policyDigest: sha256 === undefined ? undefined : `sha256:${sha256}`,
    result: result === 'PASSED' || result === 'FAILED' ? result : undefined,
    verifiedLevels: Array.isArray(levels) ? levels.filter((level) => typeof level === 'string') : undefined,
  };
}

function text(json: unknown, ...path: readonly string[]): string | undefined {
  let at = json;
  for (const name of path) at = isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return typeof at === 'string' && at !== '' ? at : undefined;
}
