import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { PlimsollError, unwritable } from '../error.ts';
import { limits } from '../limits.ts';

/** Of an empty SQLite database: its lock is the operating system's, and goes with the process that holds it, however that ends. */
const lockName = '.plimsoll-lock';
const retryMs = 10;

/**
 * Does something with a layout that no other process may do at the same time.
 *
 * @throws PlimsollError `image/layout-busy` after {@link limits.layoutLockMs}, `image/foreign-lock`, `image/file-unwritable`
 */
export async function withLock<T>(
  folder: string,
  use: () => Promise<T>,
  patienceMs: number = limits.layoutLockMs,
): Promise<T> {
  const release = await acquire(folder, performance.now() + patienceMs);
  try {
    return await use();
  } finally {
    release();
  }
}

async function acquire(folder: string, deadline: number): Promise<() => void> {
  const path = join(folder, lockName);
  for (;;) {
    let database: DatabaseSync | undefined;
    refuseForeign(path);
    try {
      database = new DatabaseSync(path, { timeout: 0 });
      database.exec('BEGIN EXCLUSIVE');
      const held = database;
      return () => held.close();
    } catch (thrown) {
      database?.close();
      if (!isBusy(thrown)) throw unwritable('image/file-unwritable', folder, thrown);
      if (performance.now() > deadline) throw busy(folder);
    }
    await pause(retryMs * (1 + Math.random()));
  }
}

/**
 * Nothing is ever written to a lock. What is a link or has content came with the layout: SQLite would follow the one, and
 * take files of names that the other's journal gives for its own.
 */
function refuseForeign(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.isFile() && found.size === 0)) return;
  throw new PlimsollError('image/foreign-lock', `"${path}" is not the empty file that locks a layout`, {
    hint: 'It came with the layout, perhaps to do harm. Remove it if nobody else is writing to the layout.',
  });
}

/** SQLITE_BUSY ("Result and Error Codes"). */
function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === 5;
}

function busy(folder: string): PlimsollError {
  return new PlimsollError('image/layout-busy', `Another process is writing to "${folder}" all the time`, {
    hint: 'Try again when it has ended.',
    kind: 'unavailable',
  });
}
