import { isRecord } from '../image/index.ts';
import { limits } from '../limits.ts';
import { decodeBase64 } from './base64.ts';
import { type Envelope, type EnvelopeJson, readEnvelope } from './dsse.ts';
import { malformed, parseSigned } from './malformed.ts';

/** A Sigstore bundle (protobuf-specs, `sigstore_bundle.proto`, v0.1 to v0.3): a signature with what it takes to verify it. */
export interface Bundle {
  readonly mediaType: string;
  readonly content:
    | { readonly kind: 'envelope'; readonly envelope: Envelope }
    | { readonly kind: 'message'; readonly message: MessageSignature };
  readonly signer: { readonly kind: 'key'; readonly hint: string } | { readonly kind: 'certificate' };
  readonly logEntries: number;
  readonly timestamps: number;
  /** The document itself, for what is not read here: certificates, log entries, timestamps. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** A signature over an artifact itself. It does not say what it is for. */
export interface MessageSignature {
  /** As the bundle has it: `SHA2_256`. */
  readonly algorithm: string;
  readonly digest: Buffer;
  readonly signature: Buffer;
}

export type BundleContentJson =
  | { readonly dsseEnvelope: EnvelopeJson }
  | {
      readonly messageSignature: {
        readonly messageDigest: { readonly algorithm: 'SHA2_256'; readonly digest: string };
        readonly signature: string;
      };
    };

const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const bundleMediaTypes: ReadonlySet<string> = new Set([
  bundleMediaType,
  ...['0.1', '0.2', '0.3'].map((version) => `application/vnd.dev.sigstore.bundle+json;version=${version}`),
]);

export function isBundleType(mediaType: string): boolean {
  return bundleMediaTypes.has(mediaType);
}

/** @throws PlimsollError `trust/bad-bundle`, `trust/bad-envelope` */
export function readBundle(bytes: Buffer): Bundle {
  const json = parseSigned(bytes, 'bundle', limits.bundleParts);
  if (!isRecord(json)) throw malformed('bundle', 'it is not an object');
  const { mediaType, verificationMaterial: material } = json;
  if (typeof mediaType !== 'string' || !isBundleType(mediaType)) {
    throw malformed('bundle', 'mediaType is not that of a bundle of version 0.1 to 0.3');
  }
  if (!isRecord(material)) throw malformed('bundle', 'it has no verificationMaterial');
  const timestamps = isRecord(material['timestampVerificationData'])
    ? material['timestampVerificationData']['rfc3161Timestamps']
    : undefined;
  return {
    mediaType,
    content: contentIn(json),
    signer: signerIn(material),
    logEntries: countIn(material['tlogEntries'], limits.logEntriesPerBundle, 'log entries'),
    timestamps: countIn(timestamps, limits.timestampsPerBundle, 'timestamps'),
    json,
  };
}

/** A bundle v0.3 of something that was signed with a key; `hint` says with which. */
export function keyBundleBytes(content: BundleContentJson, hint: string): Buffer {
  return Buffer.from(
    JSON.stringify({ mediaType: bundleMediaType, verificationMaterial: { publicKey: { hint } }, ...content }),
  );
}

function contentIn(json: Readonly<Record<string, unknown>>): Bundle['content'] {
  const { dsseEnvelope, messageSignature } = json;
  if (dsseEnvelope !== undefined && messageSignature !== undefined) {
    throw malformed('bundle', 'it has a dsseEnvelope and a messageSignature at once');
  }
  if (dsseEnvelope !== undefined) {
    const envelope = readEnvelope(dsseEnvelope);
    if (envelope.signatures.length !== 1) throw malformed('bundle', 'its envelope has more than one signature');
    return { kind: 'envelope', envelope };
  }
  return { kind: 'message', message: messageIn(messageSignature) };
}

function messageIn(json: unknown): MessageSignature {
  if (!isRecord(json)) throw malformed('bundle', 'it has neither a dsseEnvelope nor a messageSignature');
  const { messageDigest, signature } = json;
  const bytes = typeof signature === 'string' ? decodeBase64(signature) : undefined;
  if (bytes === undefined || bytes.length === 0) throw malformed('bundle', 'its signature is not base64');
  if (!isRecord(messageDigest)) throw malformed('bundle', 'it has no messageDigest');
  const { algorithm, digest } = messageDigest;
  const digestBytes = typeof digest === 'string' ? decodeBase64(digest) : undefined;
  if (typeof algorithm !== 'string' || digestBytes === undefined || digestBytes.length === 0) {
    throw malformed('bundle', 'its messageDigest is not a digest');
  }
  return { algorithm, digest: digestBytes, signature: bytes };
}

function signerIn(material: Readonly<Record<string, unknown>>): Bundle['signer'] {
  const { publicKey, certificate, x509CertificateChain } = material;
  const kinds = [publicKey, certificate, x509CertificateChain].filter((each) => each !== undefined);
  if (kinds.length !== 1)
    throw malformed('bundle', 'verificationMaterial has not exactly one of a key and a certificate');
  if (publicKey === undefined) return { kind: 'certificate' };
  const hint = isRecord(publicKey) ? publicKey['hint'] : undefined;
  return { kind: 'key', hint: typeof hint === 'string' ? hint : '' };
}

function countIn(json: unknown, most: number, what: string): number {
  if (json === undefined || json === null) return 0;
  if (!Array.isArray(json)) throw malformed('bundle', `its ${what} are not a list`);
  if (json.length > most) throw malformed('bundle', `it has ${json.length} ${what}, over ${most}`);
  return json.length;
}
