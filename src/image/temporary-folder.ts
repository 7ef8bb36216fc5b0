import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const folders = new Set<string>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/** A folder that only this user can look into. It goes with `remove`, and with the process. */
export function temporaryFolder(parent: string, prefix: string): TemporaryFolder {
  const path = mkdtempSync(join(parent, prefix));
  if (folders.size === 0) {
    process.on('exit', removeAll);
    for (const signal of signals) process.on(signal, removeAndEnd);
  }
  folders.add(path);
  return { path, remove: () => remove(path) };
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
