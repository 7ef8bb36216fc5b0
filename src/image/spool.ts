import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, PlimsollError } from '../error.ts';
import { unpacked } from './compression.ts';

export interface Spool {
  readonly path: string;
  close(): Promise<void>;
}

const folders = new Set<string>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Unpacks what cannot be read at any place (a compressed archive, standard input) into a temporary file that only this user
 * can read. It goes with `close`, and with the process.
 *
 * @throws PlimsollError `image/no-space`, `image/corrupt-archive`, `image/archive-too-large`
 */
export async function spool(source: AsyncIterable<Uint8Array>): Promise<Spool> {
  const folder = makeFolder();
  const path = join(folder, 'archive.tar');
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of unpacked(source)) await file.appendFile(chunk);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    remove(folder);
    throw thrown instanceof PlimsollError ? thrown : noSpace(thrown);
  }
  return { path, close: async () => remove(folder) };
}

function makeFolder(): string {
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-'));
  } catch (thrown) {
    throw noSpace(thrown);
  }
  if (folders.size === 0) {
    process.on('exit', removeAll);
    for (const signal of signals) process.on(signal, removeAndEnd);
  }
  folders.add(folder);
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
  if (folders.size > 0) return;
  process.off('exit', removeAll);
  for (const signal of signals) process.off(signal, removeAndEnd);
}

function removeAll(): void {
  for (const folder of folders) remove(folder);
}

/** A signal that nobody else handles ends the process, as it would have without us. */
function removeAndEnd(signal: NodeJS.Signals): void {
  removeAll();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function noSpace(cause: unknown): PlimsollError {
  return new PlimsollError('image/no-space', `The archive cannot be unpacked into ${tmpdir()}: ${messageOf(cause)}`, {
    hint: 'Compressed archives and standard input are unpacked into a temporary file. Set TMPDIR to a folder with room.',
    kind: 'unavailable',
    cause,
  });
}
