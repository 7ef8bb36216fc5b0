import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const paths = new Set<string>();
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
