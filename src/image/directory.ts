import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { decodeName } from './path.ts';
import { release } from './release.ts';
import type { EntrySink, TarEntry } from './tar.ts';

const firstPiece = 4 * 1024;
const nextPieces = 256 * 1024;
/** A version-control store is not part of what is shipped; the kernel's file systems are not files. */
const skippedNames = new Set(['.git', '.hg', '.svn']);
const kernelFolders = new Set(['proc', 'sys', 'dev']);

/** A file's or folder's place on this machine as the file system has it: bytes, each of them one character (Latin-1). */
type Place = string;

/**
 * Walks a folder in the words of {@link TarEntry}, in a stable order. Symbolic links are listed, never followed; pipes
 * and devices are never opened. `onUnread` hears of what could not be read.
 */
export function walkDirectory(
  root: string,
  onEntry: (entry: TarEntry) => EntrySink | undefined,
  onUnread: (path: string, reason: string) => void,
): void {
  let entries = 0;
  const top: Place = Buffer.from(root).toString('latin1');
  const open: { path: string; place: Place; depth: number }[] = [{ path: '', place: top, depth: 0 }];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const child of list(root, folder, onUnread)) {
      if (++entries > limits.entriesPerLayer) throw tooMany(root);
      const name = decodeName(Buffer.from(child.name, 'latin1'));
      const path = folder.path === '' ? name : `${folder.path}/${name}`;
      const place = `${folder.place}/${child.name}`;
      if (child.isDirectory()) {
        if (skippedNames.has(name) || (root === '/' && kernelFolders.has(path))) continue;
        onEntry({ path, kind: 'directory', size: 0, sparse: false });
        if (folder.depth < limits.directoryDepth) open.push({ path, place, depth: folder.depth + 1 });
        else onUnread(path, `it lies deeper than ${limits.directoryDepth} folders`);
      } else if (child.isSymbolicLink()) {
        onEntry({ path, kind: 'symlink', size: 0, target: readTarget(place, path, onUnread), sparse: false });
      } else if (child.isFile()) {
        const sink = onEntry({ path, kind: 'file', size: 0, sparse: false });
        if (sink !== undefined) readFileInto(Buffer.from(place, 'latin1'), path, sink, onUnread);
      } else {
        onEntry({ path, kind: 'other', size: 0, sparse: false });
      }
    }
  }
}

/** Hands one file's content to a sink, in pieces, as long as the sink wants more. */
export function readFileInto(
  file: string | Buffer,
  path: string,
  sink: EntrySink,
  onUnread: (path: string, reason: string) => void,
): void {
  let descriptor: number;
  try {
    // The kind may have changed since the folder was listed: no link is followed and no pipe waited for.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (thrown) {
    onUnread(path, messageOf(thrown));
    return;
  }
  const pieces: Buffer[] = [];
  try {
    for (let size = firstPiece; ; size = nextPieces) {
      const piece = Buffer.allocUnsafeSlow(size);
      pieces.push(piece);
      const read = readSync(descriptor, piece, 0, size, null);
      if (read === 0) break;
      if (!sink.write(piece.subarray(0, read))) return;
    }
    sink.end();
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    onUnread(path, messageOf(thrown));
  } finally {
    for (const { buffer } of pieces) release(buffer);
    closeSync(descriptor);
  }
}

function list(
  root: string,
  { path, place }: { readonly path: string; readonly place: Place },
  onUnread: (path: string, reason: string) => void,
) {
  try {
    const children = readdirSync(Buffer.from(place, 'latin1'), { withFileTypes: true, encoding: 'latin1' });
    return children.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    if (path === '') {
      throw new PlimsollError('image/unreadable-folder', `The folder ${root} cannot be read: ${messageOf(thrown)}`, {
        hint: 'Check that it exists, is a folder, and that you may read it.',
        cause: thrown,
      });
    }
    onUnread(path, messageOf(thrown));
    return [];
  }
}

function readTarget(place: Place, path: string, onUnread: (path: string, reason: string) => void): string {
  try {
    return decodeName(readlinkSync(Buffer.from(place, 'latin1'), { encoding: 'buffer' }));
  } catch (thrown) {
    onUnread(path, messageOf(thrown));
    return '';
  }
}

function tooMany(root: string): PlimsollError {
  return new PlimsollError(
    'image/too-many-entries',
    `The folder ${root} has more than ${limits.entriesPerLayer} entries`,
    {
      hint: 'Name a smaller folder.',
    },
  );
}
