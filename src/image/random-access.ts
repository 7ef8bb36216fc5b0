import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf, PlimsollError } from '../error.ts';

/** Bytes that can be read in any order. */
export interface RandomAccess {
  /** In bytes. */
  readonly size: number;
  /** `length` bytes from `offset` on, fewer where the end comes first. */
  read(offset: number, length: number): Buffer;
}

export interface FileAccess extends RandomAccess {
  close(): void;
}

/** Without copying: what is read shares its memory with `buffer`. */
export function bufferAccess(buffer: Buffer): RandomAccess {
  return { size: buffer.length, read: (offset, length) => buffer.subarray(offset, offset + length) };
}

/** Small reads take this much at once, since archives are mostly read front to back. */
const readAhead = 128 * 1024;

/** @throws PlimsollError `image/file-unreadable`, also from `read`. */
export function fileAccess(path: string): FileAccess {
  const file = attempt(path, () => openSync(path, 'r'));
  const { size } = attempt(path, () => fstatSync(file));
  let window: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  function fill(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(Math.min(length, size - offset), 0));
    let filled = 0;
    while (filled < bytes.length) {
      const count = attempt(path, () => readSync(file, bytes, filled, bytes.length - filled, offset + filled));
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  return {
    size,
    read(offset, length) {
      if (length >= readAhead) return fill(offset, length);
      if (offset < window.start || offset + length > window.start + window.bytes.length) {
        window = { start: offset, bytes: fill(offset, readAhead) };
      }
      return window.bytes.subarray(offset - window.start, offset - window.start + length);
    },
    close: () => closeSync(file),
  };
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw new PlimsollError('image/file-unreadable', `"${path}" cannot be read: ${messageOf(thrown)}`, {
      hint: 'Check that the file is there and that you may read it.',
      cause: thrown,
    });
  }
}
