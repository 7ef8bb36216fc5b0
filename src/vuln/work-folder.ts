import { hash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PlimsollError } from '../error.ts';

/** A folder beside a file, in which its successor is made: on the same file system, so that it can be renamed into place. */
export interface WorkFolder {
  readonly path: string;
  /** Puts a finished file of the folder in the target's place: at every moment there is the old one or the new one, whole. */
  replaceTarget(file: string): void;
  remove(): void;
}

const oneDayMs = 24 * 60 * 60 * 1000;

/**
 * Nothing but a file, or what is not there yet, can be replaced by one.
 * @throws PlimsollError `vuln/no-regular-file`
 */
export function refuseOtherThanFile(target: string): void {
  const found = statSync(target, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return;
  const what = found.isDirectory() ? 'is a folder' : 'is a device, a pipe or a socket';
  throw new PlimsollError('vuln/no-regular-file', `"${target}" ${what}; the advisory database is a file.`, {
    hint: found.isDirectory()
      ? `Name a file in it: --db ${join(target, 'advisories.db')}`
      : 'Name a file that may be made or replaced (--db, PLIMSOLL_DB).',
  });
}

/**
 * Makes one of its own for each call, so that two updates at once do not meet; the last to finish wins. Removes what
 * dead runs left behind.
 */
export function makeWorkFolder(target: string): WorkFolder {
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  const prefix = `${basename(target)}.update-`;
  const host = hash('sha256', hostname()).slice(0, 8);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && isAbandoned(join(folder, name), name.slice(prefix.length), host)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
  const path = join(folder, `${prefix}${host}-${process.pid}-${randomBytes(4).toString('hex')}`);
  mkdirSync(path);
  return {
    path,
    replaceTarget(file) {
      flush(file);
      renameSync(file, target);
      flush(folder);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Processes of this machine can be asked for; those of others, which share the volume, are given a day. */
function isAbandoned(path: string, name: string, host: string): boolean {
  const [, owner, pid] = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  if (owner === undefined) return false;
  if (owner === host) return !isAlive(Number(pid));
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changed !== undefined && Date.now() - changed > oneDayMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH');
  }
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
