export type { Component, Distro, Hash, Location, PackageType } from './component.ts';
export { toCycloneDx } from './cyclonedx.ts';
export { type Analysis, justifications } from './cyclonedx-vulnerabilities.ts';
export type { AdvisoryData, Artifact, Evidence, Inventory, Unknown } from './evidence.ts';
export {
  type AffectedAgain,
  type Finding,
  type Fix,
  type Severity,
  type SeverityLevel,
  severityLevels,
} from './finding.ts';
export {
  isPredicateType,
  type PredicateTypeName,
  predicateTypeName,
  predicateTypeNames,
  predicateTypeUri,
  signaturePredicateType,
} from './predicate-type.ts';
export { type ParsedPackage, parsePurl, purlFor } from './purl.ts';
export { readSbom } from './read.ts';
export { distroOf } from './read-distro.ts';
export { toSpdx } from './spdx.ts';
export type {
  AttestationEvidence,
  AttestationFacts,
  SignatureEvidence,
  SignerEvidence,
  TrustEvidence,
} from './trust-evidence.ts';
