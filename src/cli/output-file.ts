import { accessSync, constants, existsSync, statSync, type WriteFileOptions, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, PlimsollError, unwritable } from '../error.ts';

/**
 * Told before any work is done: nobody waits for a result that has no place.
 *
 * @throws PlimsollError `cli/cannot-write`
 */
export function checkWritable(file: string): void {
  const why = mistakeIn(file);
  if (why === undefined) return;
  throw new PlimsollError('cli/cannot-write', `${file} cannot be written: ${why}`, {
    hint: 'Name a file in a folder that exists and that you may write to.',
  });
}

function mistakeIn(file: string): string | undefined {
  const folder = dirname(file);
  if (isFolder(file)) return 'it is a folder';
  if (!isFolder(folder)) return `there is no folder ${folder}`;
  try {
    accessSync(existsSync(file) ? file : folder, constants.W_OK);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** @throws PlimsollError `cli/cannot-write` */
export function writeFile(file: string, content: Buffer | string, options?: WriteFileOptions): void {
  try {
    writeFileSync(file, content, options);
  } catch (thrown) {
    throw unwritable('cli/cannot-write', file, thrown);
  }
}
