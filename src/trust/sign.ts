import { PlimsollError } from '../error.ts';
import type { ImageStore, StoredManifest } from '../image/index.ts';
import { limits } from '../limits.ts';
import { predicateTypeUri, signaturePredicateType } from '../sbom/index.ts';
import type { Annotations } from './annotation.ts';
import { readBundle } from './bundle.ts';
import { envelopeJson, isPreAuthEncoding, statementPayloadType } from './dsse.ts';
import { bundleAnnotations } from './find.ts';
import { manifestsIn } from './index-member.ts';
import { addLegacy } from './legacy.ts';
import { legacyMaterial } from './legacy-bundle.ts';
import { carrierMediaType } from './manifest.ts';
import type { Sealer } from './sealer.ts';
import { mayBeSimpleSigning, simpleSigningBytes } from './simple-signing.ts';
import { digestSet, type Subject, statementBytes } from './statement.ts';

export interface AttachOptions {
  /** Also in the form that older Sigstore clients read, under a tag. */
  readonly legacy?: boolean | undefined;
  /** The repository that a legacy signature names: by default that of the store; a layout has none. */
  readonly reference?: string | undefined;
  /** Of the annotation that says when it was attached; now by default. */
  readonly now?: Date | undefined;
}

export interface SignOptions extends AttachOptions {
  /** The images in an index, too: so by default. */
  readonly recursive?: boolean | undefined;
  readonly annotations?: Annotations | undefined;
}

export interface Predicate {
  /** A short name, or a URI. */
  readonly type: string;
  /** JSON. */
  readonly predicate: unknown;
}

/** A signature or attestation that was attached. */
export interface Attachment {
  /** What is signed. */
  readonly subject: string;
  /** The digest of the manifest that carries the bundle. */
  readonly referrer: string;
  readonly legacyTag?: string | undefined;
}

/**
 * Signs an image or index, and by default what is in it: the index last, so that it is signed once all of it is.
 *
 * @param digest what a tag was resolved to, once
 * @returns for each manifest that was signed
 * @throws PlimsollError `trust/manifest-missing`, `trust/index-too-large`, `trust/bad-manifest`, and those of the store and of signing
 */
export async function signImage(
  store: ImageStore,
  digest: string,
  seal: Sealer,
  { recursive = true, annotations = {}, ...options }: SignOptions = {},
): Promise<readonly Attachment[]> {
  const signed: Attachment[] = [];
  for (const subject of recursive ? await manifestsIn(store, digest) : [digest]) {
    signed.push(await signOne(store, await subjectOf(store, subject), seal, annotations, options));
  }
  return signed;
}

/**
 * Attaches a signed statement about a manifest.
 *
 * @throws PlimsollError `trust/predicate-type`, `trust/attachment-too-large`, `trust/manifest-missing`, and those of the store and of signing
 */
export async function attest(
  store: ImageStore,
  digest: string,
  seal: Sealer,
  { type, predicate }: Predicate,
  options: AttachOptions = {},
): Promise<Attachment> {
  const predicateType = typeToWrite(type);
  const subject = await subjectOf(store, digest);
  const named = { name: nameOf(store, options), digest: digestSet(digest) };
  const bundle = await sealStatement([named], { type: predicateType, predicate }, seal);
  const referrer = await attachBundle(store, subject, bundle, predicateType, options);
  if (options.legacy !== true) return { subject: digest, referrer };
  const { content, json } = readBundle(bundle);
  if (content.kind !== 'envelope') throw otherThanAsked();
  const [signature = Buffer.alloc(0)] = content.envelope.signatures;
  const envelope = envelopeJson(content.envelope.payloadType, content.envelope.payload, signature);
  const legacyTag = await addLegacy(store, digest, {
    kind: 'attestation',
    envelope: Buffer.from(JSON.stringify(envelope)),
    predicateType,
    material: legacyMaterial(json),
  });
  return { subject: digest, referrer, legacyTag };
}

/**
 * Signs bytes. What an image signature or an envelope is over is not signed as a file: whoever made the file would have
 * signed an image, or stated something, with this key.
 *
 * @returns a bundle
 * @throws PlimsollError `trust/attachment-too-large`, `trust/disguised`, and those of signing
 */
export async function signBlob(bytes: Buffer, seal: Sealer): Promise<Buffer> {
  if (bytes.length > limits.attachmentBytes) throw tooLarge(bytes.length);
  if (isPreAuthEncoding(bytes)) throw disguised('an attestation');
  if (mayBeSimpleSigning(bytes)) throw disguised('an image signature');
  return seal({ kind: 'message', bytes });
}

/** The signature in a bundle of {@link signBlob}, in base64. @throws PlimsollError `trust/bad-bundle` */
export function signatureOf(bundle: Buffer): string {
  const { content } = readBundle(bundle);
  if (content.kind !== 'message') throw otherThanAsked();
  return content.message.signature.toString('base64');
}

/**
 * Signs a statement about files. @returns a bundle
 *
 * @throws PlimsollError `trust/predicate-type`, `trust/attachment-too-large`, and those of signing
 */
export async function attestBlob(
  files: readonly { readonly name: string; readonly digest: string }[],
  seal: Sealer,
  { type, predicate }: Predicate,
): Promise<Buffer> {
  const subjects = files.map(({ name, digest }) => ({ name, digest: digestSet(digest) }));
  return sealStatement(subjects, { type: typeToWrite(type), predicate }, seal);
}

async function signOne(
  store: ImageStore,
  subject: StoredManifest,
  seal: Sealer,
  annotations: Annotations,
  options: AttachOptions,
): Promise<Attachment> {
  const { digest } = subject;
  const about = { digest: digestSet(digest), ...(Object.keys(annotations).length > 0 && { annotations }) };
  const bundle = await sealStatement([about], { type: signaturePredicateType, predicate: {} }, seal);
  const referrer = await attachBundle(store, subject, bundle, signaturePredicateType, options);
  if (options.legacy !== true) return { subject: digest, referrer };
  const payload = simpleSigningBytes({ reference: nameOf(store, options) ?? '', digest, annotations });
  const { content, json } = readBundle(await seal({ kind: 'message', bytes: payload }));
  if (content.kind !== 'message') throw otherThanAsked();
  const { signature } = content.message;
  const material = legacyMaterial(json);
  const legacyTag = await addLegacy(store, digest, { kind: 'signature', payload, signature, material });
  return { subject: digest, referrer, legacyTag };
}

function sealStatement(subjects: readonly Subject[], { type, predicate }: Predicate, seal: Sealer): Promise<Buffer> {
  const payload = statementBytes({ subjects, predicateType: type, predicate });
  if (payload.length > limits.attachmentBytes) throw tooLarge(payload.length);
  return seal({ kind: 'envelope', payloadType: statementPayloadType, payload });
}

/** Sigstore, "OCI bundle specification"; OCI image-spec v1.1, "Guidelines for Artifact Usage". */
async function attachBundle(
  store: ImageStore,
  subject: StoredManifest,
  bundle: Buffer,
  predicateType: string,
  { now = new Date() }: AttachOptions,
): Promise<string> {
  if (bundle.length > limits.attachmentBytes) throw tooLarge(bundle.length);
  const { mediaType } = readBundle(bundle);
  const config = await store.putBlob(Buffer.from('{}'));
  const layer = await store.putBlob(bundle);
  const manifest = {
    schemaVersion: 2,
    mediaType: carrierMediaType,
    artifactType: mediaType,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config.digest, size: config.size },
    layers: [{ mediaType, digest: layer.digest, size: layer.size }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.bytes.length },
    annotations: {
      [bundleAnnotations.content]: 'dsse-envelope',
      [bundleAnnotations.predicateType]: predicateType,
      'org.opencontainers.image.created': now.toISOString(),
    },
  };
  const { digest } = await store.attach(subject, Buffer.from(JSON.stringify(manifest)), carrierMediaType);
  return digest;
}

async function subjectOf(store: ImageStore, digest: string): Promise<StoredManifest> {
  const stored = await store.manifest(digest);
  if (stored?.digest === digest) return stored;
  throw new PlimsollError('trust/manifest-missing', `${store.name} has no manifest ${digest}`, {
    hint: 'Push the image first; what is signed has to be there.',
  });
}

function nameOf({ place }: ImageStore, { reference }: AttachOptions): string | undefined {
  if (reference !== undefined || place === undefined) return reference;
  return `${place.registry === 'registry-1.docker.io' ? 'docker.io' : place.registry}/${place.repository}`;
}

function typeToWrite(type: string): string {
  const uri = predicateTypeUri(type);
  if (uri !== undefined && uri !== signaturePredicateType) return uri;
  throw new PlimsollError(
    'trust/predicate-type',
    uri === undefined
      ? `"${type.slice(0, 200)}" is not the type of an attestation`
      : `${uri} is the type of signatures, which are no attestations`,
    { hint: 'Give a short name such as cyclonedx, or a URI of your own. To sign the image, use "plimsoll sign".' },
  );
}

function tooLarge(bytes: number): PlimsollError {
  return new PlimsollError(
    'trust/attachment-too-large',
    `What is to be signed has ${bytes} bytes, over the limit of ${limits.attachmentBytes}`,
    { hint: 'Nobody would read it. Of a large file, attest its digest with attest-blob.' },
  );
}

function disguised(as: string): PlimsollError {
  return new PlimsollError('trust/disguised', `The file is what a key signs for ${as}, and would make one of its own`, {
    hint: 'Find out who made this file. To sign an image use "plimsoll sign", to state something "plimsoll attest".',
  });
}

function otherThanAsked(): PlimsollError {
  return new PlimsollError('trust/bad-bundle', 'What was to be signed is not what the bundle holds', {
    hint: 'The signer does not follow the format. Sign with another one.',
  });
}
