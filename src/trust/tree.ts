import { PlimsollError } from '../error.ts';
import {
  type Descriptor,
  type ImageStore,
  isRecord,
  legacyTag,
  parseDescriptor,
  type StoredManifest,
} from '../image/index.ts';
import { limits } from '../limits.ts';
import type { Attached, Sealed, Source } from './attachment.ts';
import type { Authority } from './authority.ts';
import { type Content, readContent } from './content.ts';
import { readAttachments } from './find.ts';
import { parseSigned } from './malformed.ts';
import { readChildren } from './manifest.ts';
import { type VerifiedSigner, verifySeal } from './seal.ts';

/** An image, an index or something attached, and what is attached to it in turn. */
export interface TreeNode {
  readonly digest: string;
  readonly size: number;
  readonly kind: 'index' | 'image';
  /** As the index says. */
  readonly platform?: Descriptor['platform'];
  readonly attached: readonly AttachedNode[];
  /** The images of an index. */
  readonly children: readonly TreeNode[];
}

export type AttachedNode = { readonly source: Source; readonly attached: readonly AttachedNode[] } & (
  | {
      readonly kind: 'signed';
      readonly content: Content;
      readonly signer: ClaimedSigner;
      readonly proof?: Proof | undefined;
    }
  /** Of another kind than signatures and attestations: an SBOM as it is, documentation. */
  | { readonly kind: 'other'; readonly artifactType: string; readonly size: number }
  /** It cannot be read, or is not what it has to be. */
  | { readonly kind: 'broken'; readonly error: PlimsollError }
);

/** Who signed, by what stands beside the signature. Anybody can write that. */
export type ClaimedSigner =
  | { readonly kind: 'key'; readonly hint: string | undefined }
  | { readonly kind: 'identity'; readonly identity: string; readonly issuer: string }
  | { readonly kind: 'unreadable' };

/** Whether it was somebody trusted. */
export type Proof =
  | { readonly kind: 'verified'; readonly signers: readonly VerifiedSigner[] }
  | { readonly kind: 'not-verified'; readonly error: PlimsollError };

/**
 * Everything that hangs from an image: the images of an index, what is attached to each, and what is attached to that.
 *
 * @param authorities who is trusted; with nobody, nothing is verified
 * @throws PlimsollError `trust/tree-too-large`, `trust/manifest-missing`, `trust/bad-manifest`, and those of the store
 */
export async function treeOf(
  store: ImageStore,
  root: StoredManifest,
  authorities: readonly Authority[] = [],
): Promise<TreeNode> {
  let visited = 0;

  function visit(depth: number, most: number): void {
    if (++visited <= limits.treeNodes && depth <= most) return;
    throw new PlimsollError('trust/tree-too-large', `Too much hangs from ${root.digest}, or too deep`, {
      hint: `Up to ${limits.treeNodes} manifests are shown. Look at one platform by its digest.`,
      kind: 'unavailable',
    });
  }

  async function node(stored: StoredManifest, platform: Descriptor['platform'], depth: number): Promise<TreeNode> {
    visit(depth, limits.indexDepth);
    const { digest, bytes } = stored;
    const listed = readChildren(bytes);
    const children: TreeNode[] = [];
    for (const child of listed ?? []) {
      const found = await store.manifest(child.digest);
      if (found === undefined) throw missing(store, child.digest);
      children.push(await node(found, child.platform, depth + 1));
    }
    const kind = listed === undefined ? 'image' : 'index';
    return { digest, size: bytes.length, kind, platform, attached: await attachedTo(digest, 0), children };
  }

  async function attachedTo(digest: string, depth: number): Promise<readonly AttachedNode[]> {
    const wanted = { signatures: true, type: () => true };
    const found = await readAttachments(store, digest, wanted, (each) => signed(each, digest));
    const nodes: AttachedNode[] = [];
    for (const each of found.used) nodes.push({ ...each, attached: await below(each.source, depth) });
    for (const { source, error } of found.faulty) {
      nodes.push({ kind: 'broken', source, error, attached: await below(source, depth) });
    }
    for (const { digest: place, size, artifactType = 'of no type' } of found.others) {
      const source: Source = { form: 'bundle', place };
      nodes.push({ kind: 'other', source, size, artifactType, attached: await below(source, depth) });
    }
    return [...nodes, ...(await taggedSbom(digest))];
  }

  /** What is attached to a referrer; a tag can have nothing of its own that is not of its image. */
  async function below({ form, place }: Source, depth: number): Promise<readonly AttachedNode[]> {
    if (form !== 'bundle' || !place.includes(':')) return [];
    visit(depth + 1, limits.referrerDepth);
    return (await store.referrers(place)).length === 0 ? [] : attachedTo(place, depth + 1);
  }

  async function signed(attached: Attached, digest: string) {
    const { source, sealed } = attached;
    const proof = authorities.length === 0 ? undefined : await proofOf(sealed, authorities);
    const content = readContent(attached, [digest]);
    return { kind: 'signed', source, content, signer: await claimedSigner(sealed), proof } as const;
  }

  async function taggedSbom(digest: string): Promise<readonly AttachedNode[]> {
    const place = legacyTag(digest, 'sbom');
    const stored = await store.manifest(place);
    if (stored === undefined) return [];
    const json = parseSigned(stored.bytes, 'manifest', limits.manifestBytes);
    const [layer] = isRecord(json) && Array.isArray(json['layers']) ? json['layers'] : [];
    const described = parseDescriptor(layer);
    const artifactType = described?.mediaType ?? stored.mediaType;
    const source: Source = { form: 'legacy', place, digest: stored.digest };
    return [{ kind: 'other', source, artifactType, size: described?.size ?? 0, attached: [] }];
  }

  return node(root, undefined, 0);
}

async function proofOf(sealed: Sealed, authorities: readonly Authority[]): Promise<Proof> {
  try {
    return { kind: 'verified', signers: await verifySeal(sealed, authorities) };
  } catch (error) {
    if (error instanceof PlimsollError) return { kind: 'not-verified', error };
    throw error;
  }
}

async function claimedSigner(sealed: Sealed): Promise<ClaimedSigner> {
  if (sealed.kind === 'bundle') {
    const { signer, json } = sealed.bundle;
    return signer.kind === 'key' ? signer : identityIn(certificateIn(json));
  }
  const { certificate } = sealed.material;
  if (certificate === undefined) return { kind: 'key', hint: undefined };
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(certificate) ?? [];
  return identityIn(Buffer.from(base64, 'base64'));
}

/** protobuf-specs, `VerificationMaterial`. */
function certificateIn(json: Readonly<Record<string, unknown>>): Buffer {
  const material = isRecord(json['verificationMaterial']) ? json['verificationMaterial'] : {};
  const { certificate, x509CertificateChain: chain } = material;
  const [first] = isRecord(chain) && Array.isArray(chain['certificates']) ? chain['certificates'] : [];
  const leaf: unknown = certificate ?? first;
  const base64 = isRecord(leaf) ? leaf['rawBytes'] : undefined;
  return Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64');
}

async function identityIn(der: Buffer): Promise<ClaimedSigner> {
  const { extensionsIn, readIdentity } = await import('./keyless/certificate.ts');
  try {
    const { identities, issuer } = readIdentity(extensionsIn(der));
    return { kind: 'identity', identity: identities.join(', '), issuer };
  } catch (error) {
    if (error instanceof PlimsollError) return { kind: 'unreadable' };
    throw error;
  }
}

function missing({ name }: ImageStore, digest: string): PlimsollError {
  return new PlimsollError('trust/manifest-missing', `${name} has no manifest ${digest}, which the index names`, {
    hint: 'Push or copy the image with all of its platforms, or name one of them by its digest.',
  });
}
