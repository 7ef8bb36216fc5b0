import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { cacheFolder } from '../cache-folder.ts';
import { limits } from '../limits.ts';

/**
 * The layer memory: what a layer said, and what an image's layers come to together, under a key made of all that this
 * depends on: digests and the catalogers' versions. One file each, of plain data that survive JSON. Several processes may use one folder: a file appears whole or not at all, and whatever is missing, damaged or
 * cannot be written is simply read from the layer again.
 */
export interface LayerMemory {
  /** What was remembered under this key; its shape goes with the key. */
  recall<Known extends object>(key: string): Known | undefined;
  remember(key: string, known: object): void;
  /** Forgets what was not used for longest, once the folder is over its bound. */
  prune(): void;
}

const suffix = '.facts';
/** Facts are mostly paths; a level above this costs more time than it saves space. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** In one piece, mostly; hundreds of small ones take three times as long. */
const decompression = { chunkSize: 4 * 1024 * 1024 };
const digestLength = 32;
const mostFactsBytes = 1024 * 1024 * 1024;
/** A temporary file this old (milliseconds) was left by a process that died. */
const abandonedAfter = 60 * 60 * 1000;

/** Where what was found in layers is kept. */
export function layerMemoryFolder(env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'layers');
}

export function layerMemory(folder: string, maxBytes: number = limits.layerMemoryBytes): LayerMemory {
  const fileOf = (key: string) => join(folder, `${createHash('sha256').update(key).digest('hex')}${suffix}`);

  return {
    recall<Known extends object>(key: string) {
      try {
        const file = fileOf(key);
        const stored = readFileSync(file);
        const packed = stored.subarray(digestLength);
        if (!sha256(packed).equals(stored.subarray(0, digestLength))) return undefined;
        // Our own process wrote it, and the checksum guards it: the shape is known.
        const json = zstdDecompressSync(packed, { ...decompression, maxOutputLength: mostFactsBytes });
        const known: Known = JSON.parse(json.toString('latin1'));
        const now = new Date();
        utimesSync(file, now, now);
        return known;
      } catch {
        return undefined;
      }
    },
    remember(key, known) {
      const temporary = join(folder, `${randomBytes(12).toString('hex')}.tmp`);
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const packed = zstdCompressSync(asciiJson(known), compression);
        writeFileSync(temporary, Buffer.concat([sha256(packed), packed]), { mode: 0o600 });
        renameSync(temporary, fileOf(key));
      } catch {
        discard(temporary);
      }
    },
    prune() {
      const files = statFiles(folder);
      let total = files.reduce((sum, { size }) => sum + size, 0);
      for (const { path, size, used } of files.sort((a, b) => a.used - b.used)) {
        const abandoned = !path.endsWith(suffix) && Date.now() - used > abandonedAfter;
        if (total <= maxBytes && !abandoned) continue;
        discard(path);
        total -= size;
      }
    },
  };
}

/** A single letter beyond Latin-1 doubles the memory of the text that it stands in, and the time to parse it. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Another process may have been quicker, or the folder be gone: nothing that matters either way. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What cannot be removed takes room and is tried again with the next prune.
  }
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

function statFiles(folder: string): { path: string; size: number; used: number }[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() === true ? [{ path, size: stat.size, used: stat.mtimeMs }] : [];
    });
  } catch {
    return [];
  }
}
