/** For tests: stores of every kind, and something to attach. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { sha256Of } from './digest.ts';
import { mediaTypes } from './media-type.ts';
import { type OpenedStore, openStore } from './open-store.ts';
import type { ImageStore } from './store.ts';
import { parseTarget } from './target.ts';
import { json, type TestImage } from './testing-image.ts';
import { home } from './testing-pull.ts';
import { startRegistry, type TestRegistry, type TestRegistryOptions } from './testing-registry.ts';

export const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const patience = { idleMs: 2_000, backoffMs: 2, settleMs: 30 };
let layouts = 0;

export async function openNamed(name: string, create = true): Promise<OpenedStore> {
  return openStore(await parseTarget(name), { env: { HOME: home }, patience, create });
}

export function newLayout(): string {
  return join(folder, `layout-${++layouts}`);
}

/** A store of each kind, empty; those of one call to `again` are the same place. */
export const kinds: readonly (readonly [name: string, use: (work: StoreWork) => Promise<void>])[] = [
  ['an OCI layout', (work) => inLayout(work)],
  ['a registry with the referrers API', (work) => inRegistry({ referrers: true }, work)],
  ['a registry with the referrers API in pages', (work) => inRegistry({ referrers: true, pageSize: 1 }, work)],
  ['a registry without the referrers API', (work) => inRegistry({}, work)],
];

type StoreWork = (store: ImageStore, again: () => Promise<ImageStore>) => Promise<void>;

async function inLayout(work: StoreWork): Promise<void> {
  const path = newLayout();
  const again = async () => (await openNamed(`oci:${path}`)).store;
  await work(await again(), again);
}

export async function inRegistry(
  options: TestRegistryOptions,
  work: (store: ImageStore, again: () => Promise<ImageStore>, registry: TestRegistry) => Promise<void>,
): Promise<void> {
  await using registry = await startRegistry(options);
  const again = async () => (await openNamed(`registry:${registry.host}/team/app:1`)).store;
  await work(await again(), again, registry);
}

/** Stores an image with all of its parts. */
export async function pushAll(store: ImageStore, image: TestImage, tag?: string): Promise<void> {
  for (const { bytes } of image.blobs) await store.putBlob(bytes);
  for (const child of image.manifests) await pushAll(store, child);
  await store.putManifest(image.bytes, image.mediaType, tag);
}

/** The manifest of something small that is attached to `subject`. Its blobs are stored. */
export async function attachable(
  store: ImageStore,
  subject: { readonly digest: string; readonly bytes: Buffer },
  content: string,
  artifactType = 'application/vnd.example.note',
): Promise<Buffer> {
  const config = await store.putBlob(Buffer.from('{}'));
  const layer = await store.putBlob(Buffer.from(content));
  return json({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...config },
    layers: [{ mediaType: 'text/plain', ...layer }],
    subject: { mediaType: mediaTypes.ociManifest, digest: subject.digest, size: subject.bytes.length },
    annotations: { note: content.slice(0, 20) },
  });
}

export function digestOf(bytes: Buffer): string {
  return sha256Of(bytes);
}
