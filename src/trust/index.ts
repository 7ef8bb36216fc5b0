export type { Annotations } from './annotation.ts';
export type { Source } from './attachment.ts';
export {
  type Authority,
  type IdentityAuthority,
  type KeyAuthority,
  keyAuthority,
  type Witnesses,
} from './authority.ts';
export type { Content } from './content.ts';
export type { VerifiedSigner } from './seal.ts';
export { keySealer, type Sealer } from './sealer.ts';
export {
  type Attachment,
  type AttachOptions,
  attest,
  attestBlob,
  type Predicate,
  type SignOptions,
  signBlob,
  signImage,
} from './sign.ts';
export type { Statement, Subject } from './statement.ts';
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
