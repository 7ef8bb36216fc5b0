import { createReadStream } from 'node:fs';
import { open, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { PlimsollError, unwritable } from '../error.ts';
import { type CopyOptions, type CopyReport, copyImage } from './copy.ts';
import { createLayout, layoutStore } from './layout-store.ts';
import type { ImageStore, StoredManifest } from './store.ts';
import { type TarFile, tarStream } from './tar-writer.ts';
import { removeAbandoned, type TemporaryPath, temporaryFolder } from './temporary-path.ts';

const folderPrefix = '.plimsoll-save-';

/**
 * Copies an image with all that is attached to it into a new OCI archive: a layout in a tar file. The file appears whole or
 * not at all; the same image gives the same bytes. While it is made, the folder that it goes to holds the image once more.
 *
 * @throws PlimsollError `image/file-exists`, `image/file-unwritable`, and those of {@link copyImage}
 */
export async function saveImage(
  from: ImageStore,
  root: StoredManifest,
  path: string,
  options: CopyOptions & { readonly overwrite?: boolean | undefined },
): Promise<CopyReport> {
  if (options.overwrite !== true && (await exists(path))) {
    throw new PlimsollError('image/file-exists', `There is a file "${path}" already`, {
      hint: 'Name another one, or say --force to replace it.',
    });
  }
  const folder = folderBeside(path);
  try {
    const layout = join(folder.path, 'layout');
    await createLayout(layout);
    const report = await copyImage(from, root, layoutStore(layout), options);
    await writeArchive(layout, join(folder.path, 'archive.tar'));
    await rename(join(folder.path, 'archive.tar'), path);
    return report;
  } catch (thrown) {
    throw thrown instanceof PlimsollError ? thrown : unwritable('image/file-unwritable', path, thrown);
  } finally {
    folder.remove();
  }
}

function folderBeside(path: string): TemporaryPath {
  try {
    removeAbandoned(dirname(path), (name) => name.startsWith(folderPrefix));
    return temporaryFolder(dirname(path), folderPrefix);
  } catch (thrown) {
    throw unwritable('image/file-unwritable', path, thrown);
  }
}

async function writeArchive(layout: string, path: string): Promise<void> {
  const archive = await open(path, 'wx', 0o644);
  try {
    for await (const chunk of tarStream(await filesIn(layout))) await archive.writeFile(chunk);
    await archive.sync();
  } finally {
    await archive.close();
  }
}

/** `oci-layout` and `index.json` first, so that who reads from front to back knows what it is. */
async function filesIn(layout: string): Promise<readonly TarFile[]> {
  const files: TarFile[] = [];
  const blobs = await readdir(join(layout, 'blobs'), { recursive: true, withFileTypes: true });
  const paths = blobs.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of [join(layout, 'oci-layout'), join(layout, 'index.json'), ...paths.sort()]) {
    const { size } = await stat(path);
    files.push({ path: relative(layout, path), size, open: () => createReadStream(path) });
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
