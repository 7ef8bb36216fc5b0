import { PlimsollError } from '../error.ts';
import type { Descriptor, ImageStore } from '../image/index.ts';
import { limits } from '../limits.ts';
import { readChildren } from './manifest.ts';

const indexMediaTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/**
 * The digests of an index, of all that is in it and of what is in indexes in it: each once, after what it holds. Of an
 * image, its own. All are read and hashed: a digest is here because the one above names it.
 *
 * @throws PlimsollError `trust/manifest-missing`, `trust/index-too-large`, `trust/bad-manifest`
 */
export async function manifestsIn(store: ImageStore, root: string): Promise<readonly string[]> {
  const found = new Set<string>();
  async function visit(digest: string, depth: number): Promise<void> {
    if (found.has(digest)) return;
    const children = await childrenOf(store, digest);
    if (found.size >= limits.manifestsPerIndex || depth > limits.indexDepth) throw tooLarge(root);
    for (const child of children) await visit(child.digest, depth + 1);
    found.add(digest);
  }
  await visit(root, 0);
  return [...found];
}

/**
 * Follows the digests from an index to a manifest.
 *
 * @throws PlimsollError `trust/not-in-index` when they do not lead there, and those of {@link manifestsIn}
 */
export async function checkWithin(store: ImageStore, index: string, digest: string): Promise<void> {
  let indexes = [index];
  for (let depth = 0, read = 0; depth <= limits.indexDepth && indexes.length > 0; depth++) {
    const inner: string[] = [];
    for (const each of indexes) {
      if (++read > limits.manifestsRead) throw tooLarge(index);
      const children = await childrenOf(store, each);
      if (children.some((child) => child.digest === digest)) return;
      for (const child of children) if (indexMediaTypes.has(child.mediaType)) inner.push(child.digest);
    }
    indexes = inner;
  }
  throw new PlimsollError('trust/not-in-index', `The index ${index} does not hold ${digest}`, {
    hint: 'What is signed of an index says nothing about images that are not in it. Name the index that holds the image.',
  });
}

async function childrenOf(store: ImageStore, digest: string): Promise<readonly Descriptor[]> {
  const stored = await store.manifest(digest);
  if (stored === undefined || stored.digest !== digest) {
    throw new PlimsollError('trust/manifest-missing', `${store.name} has no manifest ${digest}`, {
      hint: 'Push or copy the image with all of its platforms, or sign the index alone without them.',
    });
  }
  return readChildren(stored.bytes) ?? [];
}

function tooLarge(index: string): PlimsollError {
  return new PlimsollError('trust/index-too-large', `The index ${index} holds too many manifests, or too deep`, {
    hint: `Up to ${limits.manifestsPerIndex} are read, in indexes up to ${limits.indexDepth} deep. Name one image of it.`,
  });
}
