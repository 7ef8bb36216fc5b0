import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../limits.ts';
import { collectBlob, verifiedStream } from './blob-check.ts';
import { inMemory } from './blob-content.ts';
import type { Descriptor } from './descriptor.ts';
import { parseIndex } from './index-document.ts';
import { mediaTypeOf } from './media-type.ts';
import type { ImageReference } from './reference.ts';
import { attaching, distinct, isOfType, referrerDescriptor, referrersTag } from './referrer.ts';
import { type RegistryOptions, registryAccess } from './registry-access.ts';
import { clientOf } from './registry-client.ts';
import { notKept, registryPush } from './registry-push.ts';
import { listReferrers } from './registry-referrers.ts';
import { registrySession } from './registry-session.ts';
import type { ImageStore, NewManifest, TagChange } from './store.ts';

/**
 * A repository of a registry (OCI distribution-spec v1.1).
 *
 * @throws PlimsollError `image/registry-unreachable`
 */
export async function registryStore(reference: ImageReference, options: RegistryOptions): Promise<ImageStore> {
  const access = await registryAccess(reference, options);
  const { registry, repository } = reference;
  const session = registrySession(access, repository);
  const client = clientOf(session, access.backoffMs);
  const push = registryPush(session, client, access);
  const settleMs = options.patience?.settleMs ?? limits.updateSettleMs;
  const name = `${registry}/${repository}`;

  async function manifest(wanted: string) {
    const found = await client.manifest(wanted);
    if (found === undefined) return undefined;
    const { bytes, digest, stated } = found;
    return { bytes, digest, mediaType: mediaTypeOf(bytes, stated) };
  }

  async function referrers(digest: string, artifactType?: string): Promise<readonly Descriptor[]> {
    const tag = referrersTag(digest);
    // Where the API came later than the images, the older ones are listed under the tag alone.
    const [listed, tagged] = await Promise.all([
      listReferrers(session, access, digest, artifactType),
      client.manifest(tag),
    ]);
    const entries = tagged === undefined ? [] : parseIndex(tagged.bytes, `${name}:${tag}`).entries;
    const all = [...(listed ?? []), ...entries.map(({ descriptor }) => descriptor)];
    return distinct(all.filter((descriptor) => isOfType(descriptor, artifactType)));
  }

  async function putManifest(bytes: Buffer, mediaType: string, tag?: string): Promise<Descriptor> {
    const { descriptor } = await push.putManifest(bytes, mediaType, tag);
    for (
      let failures = 0;
      tag !== undefined && (await client.manifest(tag))?.digest !== descriptor.digest;
      failures++
    ) {
      if (failures >= limits.httpRetries) throw notKept(name, `the tag "${tag}"`);
      await pause(access.backoffMs * 2 ** failures);
    }
    return descriptor;
  }

  /**
   * A registry has no way to write a tag only where nobody else did. So it is looked at again, twice, once everyone who had
   * read it before our write has written; and the change is made again where it is gone.
   */
  async function update(tag: string, change: TagChange): Promise<void> {
    let settled = settleMs;
    let looks = 0;
    for (let tries = 0; tries < limits.updateTries; ) {
      const started = performance.now();
      const next = await change(await manifest(tag));
      if (next === undefined) {
        // What was there before we came, nobody was seen to be changing.
        if (tries === 0 || ++looks === 2) return;
      } else {
        await push.putManifest(next.bytes, next.mediaType, tag);
        tries++;
        looks = 0;
        // On a machine that is busy, others take as long as we do.
        settled = Math.max(settled, 3 * (performance.now() - started));
      }
      // Of several who write at once, chance makes one the last.
      await pause(settled * (1 + (Math.random() * Math.min(tries, 4)) / 2));
    }
    throw notKept(name, `the tag "${tag}"`);
  }

  /** `listed`: the registry has it among the referrers of its subject by itself. */
  async function storeReferrer(subject: Pick<Descriptor, 'digest'>, { bytes, mediaType }: NewManifest) {
    const stored = await push.putManifest(bytes, mediaType);
    const listed = stored.subject === subject.digest;
    return { descriptor: referrerDescriptor(bytes, stored.descriptor), listed };
  }

  async function listUnderTag(subject: Pick<Descriptor, 'digest'>, descriptors: readonly Descriptor[]) {
    const tag = referrersTag(subject.digest);
    if (descriptors.length > 0) await update(tag, attaching(descriptors, `${name}:${tag}`));
  }

  return {
    name,
    place: { registry: access.registry, repository },
    manifest,
    blob: (descriptor, most) => collectBlob(descriptor, most, () => client.blob(descriptor.digest, descriptor.size)),
    blobStream: (descriptor) => verifiedStream(descriptor, client.blob(descriptor.digest, descriptor.size)),
    hasBlob: client.hasBlob,
    referrers,
    async putBlob(content) {
      const blob = Buffer.isBuffer(content) ? inMemory(content) : content;
      await push.putBlob(blob);
      return { digest: blob.digest, size: blob.size };
    },
    putManifest,
    async list() {},
    update,
    async attach(subject, bytes, mediaType) {
      const { descriptor, listed } = await storeReferrer(subject, { bytes, mediaType });
      if (!listed) await listUnderTag(subject, [descriptor]);
      return descriptor;
    },
    async attachAll(subject, manifests) {
      const stored: Awaited<ReturnType<typeof storeReferrer>>[] = [];
      for (const manifest of manifests) stored.push(await storeReferrer(subject, manifest));
      const unlisted = stored.filter(({ listed }) => !listed);
      await listUnderTag(
        subject,
        unlisted.map(({ descriptor }) => descriptor),
      );
      return stored.map(({ descriptor }) => descriptor);
    },
  };
}
