import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { parentOf, rootedPath } from './path.ts';
import { fileAccess } from './random-access.ts';
import { type TarEntry, tarReader } from './tar.ts';

/** Where a member's content lies in the archive. */
export interface Extent {
  readonly offset: number;
  readonly size: number;
}

/** The members of a tar file by name, so that they can be read in place. */
export interface TarIndex {
  readonly path: string;
  readonly names: readonly string[];
  /** Whether it has the blocks of zeros that end an archive. */
  readonly isComplete: boolean;
  /** Symbolic and hard links followed, within the archive. `undefined`: there is no such file. */
  find(name: string): Extent | undefined;
  /** @throws PlimsollError `image/file-unreadable`, `image/manifest-too-large` */
  read(name: string, limit: number): Buffer | undefined;
}

type Member = ({ readonly kind: 'file' } & Extent) | { readonly kind: 'link'; readonly target: string };

const blockSize = 512;
const zeros = Buffer.alloc(blockSize);
/** Stands for content that nobody reads: the tar reader is told that it went by, and the file is not touched. */
const unread = Buffer.alloc(4 * 1024 * 1024);

/**
 * Reads the headers of an uncompressed tar file and steps over what is between them. `where`: what to call it in an error.
 *
 * @throws PlimsollError `image/corrupt-archive`, `image/too-many-entries`, `image/file-unreadable`
 */
export function indexTar(path: string, where: string = path): TarIndex {
  const members = new Map<string, Member>();
  const file = fileAccess(path);
  let zeroBlocks = 0;
  try {
    let latest: TarEntry | undefined;
    const reader = tarReader((entry) => {
      latest = entry;
      return undefined;
    }, limits.entriesPerImageArchive);
    // POSIX.1-2017 pax, "ustar Interchange Format": two blocks of zeros end the archive.
    for (let offset = 0; offset < file.size && zeroBlocks < 2; ) {
      const block = file.read(offset, blockSize);
      offset += block.length;
      zeroBlocks = block.equals(zeros) ? zeroBlocks + 1 : 0;
      latest = undefined;
      reader.write(block);
      const member = memberOf(latest, offset);
      if (member === undefined) continue;
      members.set(member.name, member);
      if (member.kind !== 'file') continue;
      const stored = Math.ceil(member.size / blockSize) * blockSize;
      if (offset + member.size > file.size) throw truncated(where, member.name);
      for (let left = stored; left > 0; left -= unread.length)
        reader.write(unread.subarray(0, Math.min(left, unread.length)));
      offset += stored;
    }
    reader.end();
  } catch (thrown) {
    throw members.size === 0 && thrown instanceof PlimsollError && thrown.code === 'image/corrupt-archive'
      ? noTar(where, thrown)
      : thrown;
  } finally {
    file.close();
  }
  const find = (name: string) => follow(members, name);
  const read: TarIndex['read'] = (name, limit) => readMember(path, name, find(name), limit);
  return { path, names: [...members.keys()], isComplete: zeroBlocks === 2, find, read };
}

function memberOf(entry: TarEntry | undefined, offset: number): (Member & { readonly name: string }) | undefined {
  if (entry === undefined || entry.sparse) return undefined;
  const { path: name, target = '' } = entry;
  if (entry.kind === 'file') return { name, kind: 'file', offset, size: entry.size };
  if (entry.kind === 'hardlink') return { name, kind: 'link', target };
  // A symbolic link's target starts from where the link stands.
  if (entry.kind === 'symlink') return { name, kind: 'link', target: rootedPath(`${parentOf(name)}/${target}`) };
  return undefined;
}

function follow(members: ReadonlyMap<string, Member>, name: string): Extent | undefined {
  let at = name;
  for (let hops = 0; hops <= limits.symbolicLinkHops; hops++) {
    const member = members.get(at);
    if (member === undefined) return undefined;
    if (member.kind === 'file') return { offset: member.offset, size: member.size };
    at = member.target;
  }
  return undefined;
}

function readMember(path: string, name: string, extent: Extent | undefined, limit: number): Buffer | undefined {
  if (extent === undefined) return undefined;
  if (extent.size > limit) {
    throw new PlimsollError(
      'image/manifest-too-large',
      `"${name}" has ${extent.size} bytes, over the limit of ${limit}`,
      {
        hint: 'No ordinary image needs that much. Inspect it by hand before you trust it.',
      },
    );
  }
  const file = fileAccess(path);
  try {
    return Buffer.from(file.read(extent.offset, extent.size));
  } finally {
    file.close();
  }
}

function noTar(where: string, cause: PlimsollError): PlimsollError {
  return new PlimsollError('image/corrupt-archive', `"${where}" is no tar archive, or broken from its beginning`, {
    hint: 'Name an archive as docker save, skopeo or "plimsoll save" write it.',
    cause,
  });
}

export function truncated(where: string, name?: string): PlimsollError {
  const what = name === undefined ? 'the archive' : `"${name.slice(0, 200)}"`;
  return new PlimsollError('image/corrupt-archive', `"${where}" ends in the middle of ${what}`, {
    hint: 'The archive is truncated. Save or copy it again.',
  });
}
