import { open } from 'node:fs/promises';
import { messageOf, PlimsollError } from '../error.ts';
import type { RegistryAccess } from './registry-session.ts';

/** Where a blob's bytes are. Plain data, so that it can be handed to a worker thread; a registry's holds secrets. */
export type BlobLocation =
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly size: number }
  | {
      readonly kind: 'registry';
      readonly access: RegistryAccess;
      readonly repository: string;
      readonly digest: string;
      readonly size: number;
    };

const pieceBytes = 1024 * 1024;

/**
 * The bytes of a blob, exactly as many as its size says. They are not hashed: whoever reads them checks the digest.
 * Nothing is opened before the first piece is asked for, and all is closed when the reading stops, however it stops.
 *
 * @throws PlimsollError while reading: `image/file-unreadable`, `image/length-mismatch`, `image/connection-lost`, …
 */
export async function openBlob(location: BlobLocation): Promise<AsyncIterable<Uint8Array>> {
  if (location.kind === 'file') return readRange(location.path, location.offset, location.size);
  // A thread that reads a layout starts in half the time without it.
  const { registryClient } = await import('./registry-client.ts');
  return registryClient(location.access, location.repository).blob(location.digest, location.size);
}

async function* readRange(path: string, offset: number, size: number): AsyncGenerator<Uint8Array> {
  const file = await attempt(path, () => open(path, 'r'));
  try {
    for (let done = 0; done < size; ) {
      const length = Math.min(pieceBytes, size - done);
      const { bytesRead, buffer } = await attempt(path, () =>
        file.read(Buffer.allocUnsafeSlow(length), 0, length, offset + done),
      );
      if (bytesRead === 0) {
        throw new PlimsollError('image/length-mismatch', `"${path}" ends ${size - done} bytes too early`, {
          hint: 'The file became shorter while it was read. Copy or save the image again.',
        });
      }
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw new PlimsollError('image/file-unreadable', `"${path}" cannot be read: ${messageOf(thrown)}`, {
      hint: 'Check that the file is there and that you may read it.',
      cause: thrown,
    });
  }
}
