export {
  type Authority,
  keyAuthority,
} from './authority.ts';
export type { Content } from './content.ts';
export { attestationFacts } from './facts.ts';
export { identityAuthorities } from './identity-authority.ts';
export { algorithmOf } from './key/algorithm.ts';
export { parsePlainPrivateKey, sealPrivateKey } from './key/key-file.ts';
export { keyForms, openPublicKey, openSigner } from './key/open-key.ts';
export { keyHint, parsePublicKey, publicKeyPem } from './key/public-key.ts';
export { keylessSealing, type SigningServices, trustedRootByTuf, trustedRootsIn } from './keyless.ts';
export { anchoredPattern, type Match } from './match.ts';
export { verifyFileStatements } from './provenance/attested-file.ts';
export { type Build, buildOfEnvironment } from './provenance/build.ts';
export {
  checkExpected,
  checkProvenance,
  type ExpectedProvenance,
  type Outcome,
  outcomeOf,
  type ProvenanceCheck,
} from './provenance/check.ts';
export {
  annotationsIn,
  baseImageMaterial,
  baseImageOf,
  labelsInSbom,
  lockFileMaterial,
  lockFilesIn,
} from './provenance/material.ts';
export { checkPackage, isNpmPublication, type NpmPackage, npmPublication } from './provenance/npm.ts';
export { isOnGithub } from './provenance/repository.ts';
export { githubJobs } from './provenance/signer.ts';
export { describedBuild, type Material, provenancePredicate } from './provenance/write.ts';
export { remembering } from './remember.ts';
export type { VerifiedSigner } from './seal.ts';
export { keySealer, type Sealer } from './sealer.ts';
export {
  type Attachment,
  attest,
  attestBlob,
  type Predicate,
  signatureOf,
  signBlob,
  signImage,
} from './sign.ts';
export { type Statement, type Subject, statementBytes } from './statement.ts';
export { type AttachedNode, type ClaimedSigner, type TreeNode, treeOf } from './tree.ts';
export {
  type Answer,
  type Asked,
  answerTo,
  type ImageToVerify,
  type Question,
  type Rejected,
  type Verification,
  type Verified,
  verifyImage,
} from './verify.ts';
export { type BlobSignature, verifyBlob, verifyBlobAttestation } from './verify-blob.ts';
