import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, PlimsollError } from '../error.ts';
import type { BlobLocation } from './blob.ts';
import { digestParts } from './digest.ts';
import type { TarIndex } from './tar-index.ts';

/** The files of an image layout, in a folder or in an archive. Names are relative to its root. */
export interface LayoutFiles {
  /** For people. */
  readonly where: string;
  read(name: string, limit: number): Promise<Buffer | undefined>;
  locate(name: string): Promise<(BlobLocation & { readonly kind: 'file' }) | undefined>;
}

export function folderFiles(folder: string): LayoutFiles {
  return {
    where: folder,
    async read(name, limit) {
      const location = await locateFile(join(folder, name));
      if (location === undefined) return undefined;
      if (location.size > limit) throw tooLarge(name, location.size, limit);
      return readFile(location.path).catch((thrown: unknown) => {
        throw unreadable(location.path, thrown);
      });
    },
    locate: (name) => locateFile(join(folder, name)),
  };
}

export function archiveFiles(archive: TarIndex, where: string): LayoutFiles {
  return {
    where,
    read: async (name, limit) => archive.read(name, limit),
    async locate(name) {
      const extent = archive.find(name);
      return extent === undefined ? undefined : { kind: 'file', path: archive.path, ...extent };
    },
  };
}

/** `digest` must be one that can be checked, so that the name cannot lead out of the folder. */
export function blobName(digest: string): string {
  const { algorithm, hex } = digestParts(digest);
  return `blobs/${algorithm}/${hex}`;
}

async function locateFile(path: string) {
  try {
    const found = await stat(path);
    return found.isFile() ? ({ kind: 'file', path, offset: 0, size: found.size } as const) : undefined;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, thrown);
  }
}

function tooLarge(name: string, size: number, limit: number): PlimsollError {
  return new PlimsollError('image/manifest-too-large', `"${name}" has ${size} bytes, over the limit of ${limit}`, {
    hint: 'No ordinary image needs that much. Inspect it by hand before you trust it.',
  });
}

function unreadable(path: string, thrown: unknown): PlimsollError {
  return new PlimsollError('image/file-unreadable', `"${path}" cannot be read: ${messageOf(thrown)}`, {
    hint: 'Check that the file is there and that you may read it.',
    cause: thrown,
  });
}
