import { randomUUID } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const paths = new Set<string>();
/** Long enough for the slowest upload, on a volume that several machines share. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface TemporaryPath {
  readonly path: string;
  remove(): void;
}

/** A folder that only this user can look into. It goes with `remove`, and with the process. */
export function temporaryFolder(parent: string, prefix: string): TemporaryPath {
  return temporary(mkdtempSync(join(parent, prefix)));
}

/** The name of a file beside the one that it is to become. What has it goes with `remove`, and with the process. */
export function temporaryFile(target: string): TemporaryPath {
  return temporary(`${target}.${randomUUID()}.part`);
}

/** Of a {@link temporaryFile}. */
export function isTemporaryName(name: string): boolean {
  return /\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.part$/.test(name);
}

/** Removes from a folder what processes that were killed left there: what has such a name and was not changed for a day. */
export function removeAbandoned(folder: string, isTemporary: (name: string) => boolean): void {
  try {
    for (const name of readdirSync(folder).filter(isTemporary)) {
      const path = join(folder, name);
      const changed = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - changed > abandonedAfterMs) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // The folder is not there yet, or not ours: what stays takes room, and does no harm.
  }
}

function temporary(path: string): TemporaryPath {
  if (paths.size === 0) {
    process.on('exit', removeAll);
    for (const signal of signals) process.on(signal, removeAndEnd);
  }
  paths.add(path);
  return { path, remove: () => remove(path) };
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
  paths.delete(path);
  if (paths.size > 0) return;
  process.off('exit', removeAll);
  for (const signal of signals) process.off(signal, removeAndEnd);
}

function removeAll(): void {
  for (const path of paths) remove(path);
}

/** A signal that nobody else handles ends the process, as it would have without us. */
function removeAndEnd(signal: NodeJS.Signals): void {
  removeAll();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
