import { PlimsollError } from '../error.ts';
import { type Descriptor, type ImageStore, isRecord, type NewManifest, type StoredManifest } from '../image/index.ts';
import { limits } from '../limits.ts';
import type { Attached, LegacyMaterial, Source } from './attachment.ts';
import { decodeBase64 } from './base64.ts';
import { readEnvelope } from './dsse.ts';
import { malformed, parseSigned } from './malformed.ts';
import { carrierMediaType, readCarrier } from './manifest.ts';

/** Layers of the manifests that Sigstore clients before bundles keep under tags (cosign, "Signature specification"). */
export const legacyLayerTypes = {
  signature: 'application/vnd.dev.cosign.simplesigning.v1+json',
  attestation: 'application/vnd.dsse.envelope.v1+json',
} as const;

/** `artifactType` of such manifests where they are referrers instead of tags. */
const legacyArtifactTypes: ReadonlySet<string> = new Set([
  'application/vnd.dev.cosign.artifact.sig.v1+json',
  'application/vnd.dev.cosign.artifact.att.v1+json',
]);

/** OCI distribution-spec v1.1, "Pulling manifests". */
const longestTag = 128;

const names = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  log: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
  predicateType: 'predicateType',
} as const;

export function isLegacyType(artifactType: string): boolean {
  return legacyArtifactTypes.has(artifactType);
}

/** `sha256-HEX.sig`: where older clients keep what belongs to `digest`; `undefined`: for a SHA-512 digest no tag is long enough. */
export function legacyTag(digest: string, suffix: 'sig' | 'att'): string | undefined {
  const tag = `${digest.replace(':', '-')}.${suffix}`;
  return tag.length > longestTag ? undefined : tag;
}

export function isLegacyLayer({ mediaType }: Descriptor): boolean {
  return mediaType === legacyLayerTypes.signature || mediaType === legacyLayerTypes.attestation;
}

/** What an annotation says of the type of an attestation. */
export function legacyClaim(layer: Descriptor): string | undefined {
  return annotation(layer, names.predicateType);
}

/** @throws PlimsollError `trust/bad-manifest`, `trust/bad-envelope`, and those of {@link ImageStore.blob} */
export async function loadLegacy(store: ImageStore, layer: Descriptor, source: Source): Promise<Attached> {
  const material: LegacyMaterial = {
    certificate: annotation(layer, names.certificate),
    chain: annotation(layer, names.chain),
    log: annotation(layer, names.log),
    timestamp: annotation(layer, names.timestamp),
  };
  if (layer.mediaType === legacyLayerTypes.signature) {
    const signature = decodeBase64(annotation(layer, names.signature) ?? '');
    if (signature === undefined || signature.length === 0) {
      throw malformed('manifest', `the annotation ${names.signature} is not a signature in base64`);
    }
    const payload = await store.blob(layer, limits.simpleSigningBytes);
    return { source, sealed: { kind: 'simple-signing', payload, signature, material }, claims: [] };
  }
  const bytes = await store.blob(layer, limits.attachmentBytes);
  const envelope = readEnvelope(parseSigned(bytes, 'envelope', limits.bundleParts));
  const claim = legacyClaim(layer);
  return { source, sealed: { kind: 'envelope', envelope, material }, claims: claim === undefined ? [] : [claim] };
}

export type LegacyLayer = { readonly material: LegacyMaterial } & (
  | { readonly kind: 'signature'; readonly payload: Buffer; readonly signature: Buffer }
  | { readonly kind: 'attestation'; readonly envelope: Buffer; readonly predicateType: string }
);

/**
 * Adds one signature or attestation of `digest` under its legacy tag. What stands there already stays, and what others add
 * at the same time, too; what is there already is not added again.
 *
 * @throws PlimsollError `trust/bad-manifest`, `trust/too-many-signatures`, and those of {@link ImageStore}
 */
export async function addLegacy(store: ImageStore, digest: string, added: LegacyLayer): Promise<string> {
  const tag = legacyTag(digest, added.kind === 'signature' ? 'sig' : 'att');
  if (tag === undefined) {
    throw new PlimsollError('trust/no-legacy-form', `${digest} is too long for the tag of a legacy signature`, {
      hint: 'Sign it in the bundle form alone, or give the image a SHA-256 digest.',
    });
  }
  const { digest: blob, size } = await store.putBlob(added.kind === 'signature' ? added.payload : added.envelope);
  const { certificate, chain, log, timestamp } = added.material;
  const annotations = {
    [names.signature]: added.kind === 'signature' ? added.signature.toString('base64') : '',
    ...(added.kind === 'attestation' && { [names.predicateType]: added.predicateType }),
    ...(certificate !== undefined && { [names.certificate]: certificate }),
    ...(chain !== undefined && { [names.chain]: chain }),
    ...(log !== undefined && { [names.log]: log }),
    ...(timestamp !== undefined && { [names.timestamp]: timestamp }),
  };
  const layer: Descriptor = { mediaType: legacyLayerTypes[added.kind], digest: blob, size, annotations };
  await store.update(tag, (current) => withLayer(store, tag, current, layer));
  return tag;
}

async function withLayer(
  store: ImageStore,
  tag: string,
  current: StoredManifest | undefined,
  layer: Descriptor,
): Promise<NewManifest | undefined> {
  const before = current === undefined ? [] : readCarrier(current.bytes).layers;
  if (before.some((other) => isSame(other, layer))) return undefined;
  if (before.length >= limits.layersPerImage) {
    throw new PlimsollError('trust/too-many-signatures', `${store.name}:${tag} holds ${before.length} already`, {
      hint: 'Delete that tag and sign again, or sign in the bundle form alone.',
    });
  }
  const layers = [...before, layer];
  // The layers are not compressed: their digests are their diff_ids (OCI image-spec v1.1, "Image Configuration").
  const config = await store.putBlob(
    json({
      architecture: '',
      os: '',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const kept = current === undefined ? undefined : parseSigned(current.bytes, 'manifest', limits.manifestBytes);
  return {
    mediaType: carrierMediaType,
    bytes: json({
      ...(isRecord(kept) ? kept : {}),
      schemaVersion: 2,
      mediaType: carrierMediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config.digest, size: config.size },
      layers,
    }),
  };
}

/** ECDSA signatures differ each time: the same payload may be signed twice, by two or by one. */
function isSame(one: Descriptor, other: Descriptor): boolean {
  return one.digest === other.digest && annotation(one, names.signature) === annotation(other, names.signature);
}

function annotation({ annotations }: Descriptor, name: string): string | undefined {
  return annotations !== undefined && Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
