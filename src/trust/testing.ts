import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { PlimsollError } from '../error.ts';
import {
  type Descriptor,
  type ImageStore,
  isRecord,
  type NewManifest,
  parseDescriptor,
  type StoredManifest,
} from '../image/index.ts';
import { type KeyAuthority, keyAuthority } from './authority.ts';
import { signPayload } from './key/algorithm.ts';
import { keySealer, type Sealer } from './sealer.ts';

/** A store in memory. What lies in it can be changed behind its back; it hashes what it gives, as all stores do. */
export interface MemoryStore extends ImageStore {
  /** By digest. */
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, StoredManifest>;
  /** Digests by tag. */
  readonly tags: Map<string, string>;
  /** What was asked for, in order: `manifest TAG`, `blob DIGEST`, `referrers DIGEST`. */
  readonly asked: string[];
  /** Stores a manifest for the root of an image, an index or whatever a test makes up. */
  push(json: object, tag?: string): Promise<Descriptor>;
}

const imageMediaType = 'application/vnd.oci.image.manifest.v1+json';
export const indexMediaType = 'application/vnd.oci.image.index.v1+json';

export function memoryStore(): MemoryStore {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, StoredManifest>();
  const tags = new Map<string, string>();
  const asked: string[] = [];

  async function manifest(wanted: string): Promise<StoredManifest | undefined> {
    asked.push(`manifest ${wanted}`);
    const digest = tags.get(wanted) ?? wanted;
    const stored = manifests.get(digest);
    if (stored !== undefined) checkDigest(stored.bytes, digest);
    return stored;
  }

  async function putManifest(bytes: Buffer, mediaType: string, tag?: string): Promise<Descriptor> {
    const digest = digestOf(bytes);
    manifests.set(digest, { bytes, digest, mediaType });
    if (tag !== undefined) tags.set(tag, digest);
    return { digest, mediaType, size: bytes.length };
  }

  async function blob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>, most: number): Promise<Buffer> {
    asked.push(`blob ${digest}`);
    if (size > most)
      throw refused('image/blob-too-large', `Blob ${digest} has ${size} bytes, over the limit of ${most}`);
    const bytes = blobs.get(digest);
    if (bytes === undefined) throw refused('image/blob-missing', `Blob ${digest} is not there`);
    checkDigest(bytes, digest);
    if (bytes.length !== size) throw refused('image/length-mismatch', `Blob ${digest} has ${bytes.length} bytes`);
    return bytes;
  }

  return {
    name: 'memory',
    place: { registry: 'reg.example', repository: 'acme/app' },
    blobs,
    manifests,
    tags,
    asked,
    push: (json, tag) => {
      const bytes = Buffer.from(JSON.stringify(json));
      return putManifest(bytes, 'manifests' in json ? indexMediaType : imageMediaType, tag);
    },
    manifest,
    blob,
    async *blobStream(descriptor) {
      yield await blob(descriptor, descriptor.size);
    },
    async hasBlob(digest) {
      return blobs.has(digest);
    },
    async referrers(digest, artifactType) {
      asked.push(`referrers ${digest}`);
      return [...manifests.values()]
        .flatMap((stored) => referrerOf(stored, digest))
        .filter((descriptor) => artifactType === undefined || descriptor.artifactType === artifactType);
    },
    async putBlob(content) {
      if (!Buffer.isBuffer(content)) throw new Error('only bytes');
      const digest = digestOf(content);
      blobs.set(digest, content);
      return { digest, size: content.length };
    },
    putManifest,
    async list() {},
    async update(tag, change) {
      for (;;) {
        const before = tags.get(tag);
        const next: NewManifest | undefined = await change(before === undefined ? undefined : manifests.get(before));
        if (next === undefined) return;
        if (tags.get(tag) === before) await putManifest(next.bytes, next.mediaType, tag);
      }
    },
    attach: (_subject, bytes, mediaType) => putManifest(bytes, mediaType),
    attachAll: (_subject, added) => Promise.all(added.map(({ bytes, mediaType }) => putManifest(bytes, mediaType))),
  };
}

/** An image of no layers, which differs from others by `name`. */
export function imageNamed(name: string): object {
  const config = {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: digestOf(Buffer.from(name)),
    size: 1,
  };
  return { schemaVersion: 2, mediaType: imageMediaType, config, layers: [] };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function referrerOf({ bytes, digest, mediaType }: StoredManifest, subject: string): readonly Descriptor[] {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    return [];
  }
  if (!isRecord(json) || parseDescriptor(json['subject'])?.digest !== subject) return [];
  const { artifactType, annotations } = json;
  const descriptor = parseDescriptor({ mediaType, digest, size: bytes.length, artifactType, annotations });
  return descriptor === undefined ? [] : [descriptor];
}

function checkDigest(bytes: Buffer, digest: string): void {
  if (digestOf(bytes) !== digest) throw refused('image/digest-mismatch', `It has the digest ${digestOf(bytes)}`);
}

function refused(code: string, message: string): PlimsollError {
  return new PlimsollError(code, message, { hint: 'A store for tests says so.' });
}

/** Somebody with a key of their own. */
export interface TestSigner {
  readonly seal: Sealer;
  readonly authority: KeyAuthority;
  readonly privateKey: KeyObject;
}

export function testSigner(name: string, { publicKey, privateKey } = p256()): TestSigner {
  const authority = keyAuthority(publicKey, name);
  const sign = async (payload: Uint8Array) => signPayload(privateKey, payload, name);
  return { authority, privateKey, seal: keySealer({ publicKey: async () => publicKey, sign }) };
}

function p256() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** Puts something else in the place of a referrer's bundle and of what its manifest says, with digests that fit. */
export async function exchangeReferrer(
  store: MemoryStore,
  digest: string,
  change: { readonly bundle?: (json: string) => string | Buffer; readonly manifest?: (json: string) => string },
): Promise<string> {
  const manifest = store.manifests.get(digest)?.bytes.toString() ?? '';
  const [, layer = ''] = /"layers":\[\{[^}]*"digest":"([^"]*)"/.exec(manifest) ?? [];
  const bundle = Buffer.from(change.bundle?.(store.blobs.get(layer)?.toString() ?? '') ?? store.blobs.get(layer) ?? '');
  const stored = await store.putBlob(bundle);
  const sized = manifest.replace(
    /("layers":\[\{[^}]*"digest":")[^"]*","size":\d+/,
    `$1${stored.digest}","size":${stored.size}`,
  );
  store.manifests.delete(digest);
  return (await store.putManifest(Buffer.from(change.manifest?.(sized) ?? sized), imageMediaType)).digest;
}
