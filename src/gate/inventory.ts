import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { catalogDirectory, catalogFile, catalogImage } from '../catalog/index.ts';
import { messageOf, PlimsollError } from '../error.ts';
import { type ImageOptions, openImage, parseTarget, type Target } from '../image/index.ts';
import { limits } from '../limits.ts';
import { type Inventory, readSbom } from '../sbom/index.ts';

export interface InventoryOptions extends ImageOptions {
  /** Folder of the layer memory; absent: every layer is read. */
  readonly memory?: string | undefined;
  /** Bytes read so far and, where it is known, in all. */
  readonly onProgress?: ((bytes: number, total: number | undefined) => void) | undefined;
  /** A sentence about something unexpected that did not stop the reading. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
}

/**
 * The first half of the flow: read what the user named (`alpine:3.20`, `oci:folder`, `.`, `sbom:file`) and list what is
 * in it.
 */
export async function takeInventory(name: string, options: InventoryOptions): Promise<Inventory> {
  const target = await parseTarget(name);
  if (options.platform !== undefined) refuseOtherThanImage(target);
  switch (target.kind) {
    case 'dir':
      return catalogDirectory(target.path, folderName(target.path), options);
    case 'file':
      return catalogFile(target.path, target.name, options);
    case 'sbom':
      return readSbom(await readDocument(target.path, options.stdin), target.name);
    default: {
      const image = await openImage(target, options);
      try {
        for (const warning of image.warnings) options.onWarning?.(warning);
        return await catalogImage(image, options);
      } finally {
        await image.close();
      }
    }
  }
}

/** An option that changes nothing was meant to: whoever says `--platform` takes the target for an image. */
function refuseOtherThanImage({ kind, name }: Target): void {
  if (kind !== 'dir' && kind !== 'file' && kind !== 'sbom') return;
  const what = { dir: 'a folder', file: 'a file', sbom: 'an SBOM' }[kind];
  throw new PlimsollError('gate/not-for-a-platform', `"${name}" is ${what}, and only an image is for a platform`, {
    hint: 'Leave --platform out, or name an image.',
  });
}

/** `.` says nothing to whoever reads the SBOM later: its folder's own name does. */
function folderName(path: string): string {
  return /(^|\/)\.{0,2}\/?$/.test(path) ? basename(resolve(path)) || path : path;
}

async function readDocument(path: string, stdin: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  if (path === '-' && stdin !== undefined) {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of stdin) {
      size += piece.length;
      if (size > limits.sbomBytes) throw tooLarge(path);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }
  try {
    if ((await stat(path)).size > limits.sbomBytes) throw tooLarge(path);
    return await readFile(path);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError('gate/unreadable-sbom', `${path} cannot be read: ${messageOf(thrown)}`, {
      hint: 'Check that the file exists and that you may read it.',
      cause: thrown,
    });
  }
}

function tooLarge(path: string): PlimsollError {
  return new PlimsollError('gate/sbom-too-large', `The SBOM ${path} is larger than ${limits.sbomBytes} bytes`, {
    hint: 'Check that this is the right file.',
  });
}
