import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { compressionOf, unpacked } from './compression.ts';
import { tarReader } from './tar.ts';
import { indexTar } from './tar-index.ts';

export type PathKind = 'oci' | 'dir' | 'oci-archive' | 'docker-archive' | 'sbom' | 'file';

const headBytes = 512;
/** Tools that sort their keys write `spdxVersion` last. */
const markBytes = 256 * 1024;

/**
 * What an existing path holds, by its content.
 *
 * @throws PlimsollError `image/file-unreadable`, `image/ambiguous-target` for what is neither file nor folder, and for an image's
 * archive that is broken what is wrong with it
 */
export async function recognize(path: string): Promise<PathKind> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return (await isFile(`${path}/oci-layout`)) ? 'oci' : 'dir';
    if (found.isFile()) return await recognizeFile(path, found.size);
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError('image/file-unreadable', `"${path}" cannot be read: ${messageOf(thrown)}`, {
      hint: 'Check that you may read it.',
      cause: thrown,
    });
  }
  throw new PlimsollError(
    'image/ambiguous-target',
    `"${path}" is neither a file nor a folder, so it cannot be looked at beforehand`,
    {
      hint: 'Say what it holds: docker-archive:PATH or oci-archive:PATH.',
    },
  );
}

async function recognizeFile(path: string, size: number): Promise<PathKind> {
  const head = await readRange(path, 0, headBytes);
  if (compressionOf(head) !== undefined) return (await marksOfCompressedTar(path)) ?? 'file';
  if (isTar(head)) return marksOfTar(path, head) ?? 'file';
  if (!/^\uFEFF?\s*\{/.test(head.toString('utf8'))) return 'file';
  const start = await readRange(path, 0, markBytes);
  const end = await readRange(path, Math.max(size - markBytes, 0), markBytes);
  return [start, end].some((part) => isSbom(part.toString('utf8'))) ? 'sbom' : 'file';
}

/** CycloneDX 1.x and SPDX 2.x name themselves so; SPDX 3 by its JSON-LD context. */
function isSbom(json: string): boolean {
  return (
    /"bomFormat"\s{0,40}:\s{0,40}"CycloneDX"/.test(json) ||
    /"spdxVersion"\s{0,40}:\s{0,40}"SPDX-/.test(json) ||
    json.includes('https://spdx.org/rdf/3.')
  );
}

/** POSIX's and GNU's magic start alike. */
function isTar(head: Buffer): boolean {
  return head.length === headBytes && head.toString('latin1', 257, 262) === 'ustar';
}

function kindOfNames(names: { has(name: string): boolean }): 'oci-archive' | 'docker-archive' | undefined {
  if (names.has('oci-layout') && names.has('index.json')) return 'oci-archive';
  return names.has('manifest.json') ? 'docker-archive' : undefined;
}

/** What images in archives start with. Anything else need not be unpacked to know that it is none, and may be broken. */
const firstMember =
  /^(?:\.\/)?(?:blobs(?:\/|$)|oci-layout$|index\.json$|manifest\.json$|repositories$|(?:sha256:)?[0-9a-f]{64}(?:\/|\.|$))/;

function marksOfTar(path: string, head: Buffer): PathKind | undefined {
  try {
    return kindOfNames(new Set(indexTar(path).names));
  } catch (thrown) {
    const [name = ''] = head.toString('latin1', 0, 100).split('\0', 1);
    if (!(thrown instanceof PlimsollError) || firstMember.test(name)) throw thrown;
    return undefined;
  }
}

async function marksOfCompressedTar(path: string): Promise<PathKind | undefined> {
  const names = new Set<string>();
  let first: string | undefined;
  const reader = tarReader((entry) => {
    if (entry.path === '') return undefined;
    first ??= entry.path;
    names.add(entry.path);
    return undefined;
  }, limits.entriesPerImageArchive);
  const source = createReadStream(path);
  try {
    for await (const chunk of unpacked(source)) {
      reader.write(chunk);
      if (first !== undefined && !firstMember.test(first)) return undefined;
      if (kindOfNames(names) === 'oci-archive') return 'oci-archive';
    }
    return kindOfNames(names);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || first !== undefined) throw thrown;
    return undefined;
  } finally {
    source.destroy();
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function readRange(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
