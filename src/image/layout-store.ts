import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PlimsollError, unwritable } from '../error.ts';
import { verifiedStream } from './blob-check.ts';
import { inMemory } from './blob-content.ts';
import type { Descriptor } from './descriptor.ts';
import { digestParts, sha256Of } from './digest.ts';
import { emptyIndex, formatIndex, type IndexDocument, withEntries } from './index-document.ts';
import { blobName, folderFiles, type LayoutFiles } from './layout-files.ts';
import { withLock } from './layout-lock.ts';
import { type LayoutReader, layoutReader } from './layout-reader.ts';
import { referrerDescriptor } from './referrer.ts';
import type { BlobContent, ImageStore, NewManifest } from './store.ts';
import { isTemporaryName, removeAbandoned, temporaryFile } from './temporary-path.ts';

const refName = 'org.opencontainers.image.ref.name';

export type LayoutStore = ImageStore & Pick<LayoutReader, 'root'>;

/**
 * An OCI image layout in a folder (OCI image-spec v1.1, "Image Layout"). Referrers are listed in its `index.json` and found
 * by their `subject`. Files appear whole or not at all, and several processes may write at once: nothing of theirs is lost.
 */
export function layoutStore(folder: string): LayoutStore {
  const name = `oci:${folder}`;
  const reader = layoutReader(folderFiles(folder), name);
  let swept = false;

  /** The caller has the lock. */
  async function changeIndex(change: (index: IndexDocument) => IndexDocument): Promise<void> {
    sweep();
    const before = await reader.index();
    const after = change(before);
    if (after !== before) await replaceFile(folder, 'index.json', [formatIndex(after)]);
  }

  /** Once for each that writes: what others left who were killed takes room for nothing. */
  function sweep(): void {
    if (swept) return;
    swept = true;
    for (const name of ['', 'blobs/sha256', 'blobs/sha512']) removeAbandoned(join(folder, name), isTemporaryName);
  }

  async function putBlob(content: Buffer | BlobContent) {
    const { digest, size, open } = Buffer.isBuffer(content) ? inMemory(content) : content;
    if (!(await reader.hasBlob(digest))) {
      await mkdir(join(folder, 'blobs', digestParts(digest).algorithm), { recursive: true }).catch((thrown) => {
        throw unwritable('image/file-unwritable', folder, thrown);
      });
      await replaceFile(folder, blobName(digest), verifiedStream({ digest, size }, open()));
    }
    return { digest, size };
  }

  async function store(bytes: Buffer, mediaType: string): Promise<Descriptor> {
    return { mediaType, ...(await putBlob(bytes)) };
  }

  async function putTagged({ bytes, mediaType }: NewManifest, tag: string): Promise<Descriptor> {
    const stored = await store(bytes, mediaType);
    await changeIndex((index) => named(index, stored, tag));
    return stored;
  }

  async function attachAll(manifests: readonly NewManifest[]): Promise<readonly Descriptor[]> {
    const added: Descriptor[] = [];
    for (const { bytes, mediaType } of manifests) {
      added.push(referrerDescriptor(bytes, await store(bytes, mediaType)));
    }
    await withLock(folder, () => changeIndex((index) => withEntries(index, added)));
    return added;
  }

  return {
    name,
    ...reader,
    putBlob,
    putManifest: (bytes, mediaType, tag) =>
      tag === undefined ? store(bytes, mediaType) : withLock(folder, () => putTagged({ bytes, mediaType }, tag)),
    list: (root) => withLock(folder, () => changeIndex((index) => withEntries(index, [root]))),
    update: (tag, change) =>
      withLock(folder, async () => {
        const next = await change(await reader.manifest(tag));
        if (next !== undefined) await putTagged(next, tag);
      }),
    async attach(_subject, bytes, mediaType) {
      const [added] = await attachAll([{ bytes, mediaType }]);
      return added ?? { mediaType, digest: sha256Of(bytes), size: bytes.length };
    },
    attachAll: (_subject, manifests) => attachAll(manifests),
  };
}

/** A layout that cannot be written to, in an archive. */
export function archiveStore(files: LayoutFiles): LayoutStore {
  const name = `oci-archive:${files.where}`;
  async function refuse(): Promise<never> {
    throw new PlimsollError('image/read-only', `${name} is an archive, which nothing can be added to`, {
      hint: 'Load it into a registry or an OCI layout first: plimsoll load FILE oci:FOLDER',
    });
  }
  return {
    name,
    ...layoutReader(files, name),
    putBlob: refuse,
    putManifest: refuse,
    list: refuse,
    update: refuse,
    attach: refuse,
    attachAll: refuse,
  };
}

/**
 * Makes an empty layout where there is no folder, or an empty one.
 *
 * @throws PlimsollError `image/not-a-layout` where there are other files, `image/file-unwritable`
 */
export async function createLayout(folder: string): Promise<void> {
  const names = await makeFolder(folder);
  if (names.includes('oci-layout') && names.includes('index.json')) return;
  if (names.some((each) => !each.startsWith('.'))) {
    throw new PlimsollError('image/not-a-layout', `"${folder}" holds other files, and is no OCI image layout`, {
      hint: 'Name a new folder, an empty one or a layout.',
    });
  }
  await withLock(folder, async () => {
    if ((await makeFolder(folder)).includes('oci-layout')) return;
    await replaceFile(folder, 'index.json', [formatIndex(emptyIndex)]);
    await replaceFile(folder, 'oci-layout', [Buffer.from('{"imageLayoutVersion":"1.0.0"}')]);
  });
}

async function makeFolder(folder: string): Promise<readonly string[]> {
  try {
    await mkdir(folder, { recursive: true });
    return await readdir(folder);
  } catch (thrown) {
    throw unwritable('image/file-unwritable', folder, thrown);
  }
}

/** The index in which `tag` stands for a manifest, and for nothing else. */
function named(index: IndexDocument, stored: Descriptor, tag: string): IndexDocument {
  const others = index.entries.filter(({ descriptor }) => descriptor.annotations?.[refName] !== tag);
  const { mediaType, digest, size } = stored;
  const descriptor = { mediaType, digest, size, annotations: { [refName]: tag } };
  // What is listed without a name is the same image.
  const kept = others.filter(
    (entry) => entry.descriptor.digest !== digest || entry.descriptor.annotations?.[refName] !== undefined,
  );
  return { ...index, entries: [...kept, { descriptor, json: descriptor }] };
}

/** Puts a file in its place when it is whole and on the disk. */
async function replaceFile(
  folder: string,
  name: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const path = join(folder, name);
  const temporary = temporaryFile(path);
  try {
    const file = await open(temporary.path, 'wx', 0o644);
    try {
      for await (const chunk of content) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary.path, path);
  } catch (thrown) {
    throw thrown instanceof PlimsollError ? thrown : unwritable('image/file-unwritable', path, thrown);
  } finally {
    temporary.remove();
  }
}
