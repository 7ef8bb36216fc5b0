import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { messageOf, PlimsollError } from '../error.ts';
import { applicationId, schemaVersion } from './schema.ts';

/** Where the database is: `PLIMSOLL_DB`, or `plimsoll/advisories.db` in the user's data folder (XDG Base Directory Specification 0.8). */
export function databasePath(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['PLIMSOLL_DB'];
  if (named !== undefined && named !== '') return resolve(named);
  const stated = env['XDG_DATA_HOME'];
  const home = env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'];
  const data = stated !== undefined && isAbsolute(stated) ? stated : join(home, '.local', 'share');
  return join(data, 'plimsoll', 'advisories.db');
}

/** SQLite file format 3, "The Database Header": tells at once what is missing, foreign, of another version, or cut off. */
export function checkHeader(path: string): void {
  const header = Buffer.alloc(100);
  let size = 0;
  let read = 0;
  try {
    // A pipe is not waited for.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = fstatSync(file);
      if (!found.isFile()) throw new Error('it is not a file');
      size = found.size;
      read = readSync(file, header, 0, header.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  if (
    read < header.length ||
    header.toString('latin1', 0, 16) !== 'SQLite format 3\0' ||
    header.readUInt32BE(68) !== applicationId
  ) {
    throw corrupt(path, 'It is not an advisory database.');
  }
  if (header.readUInt32BE(60) !== schemaVersion) {
    throw new PlimsollError(
      'vuln/database-version',
      `The advisory database "${path}" is of another version of Plimsoll.`,
      {
        hint: 'Build it anew: plimsoll db update',
        kind: 'unavailable',
      },
    );
  }
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const stated = pageSize * header.readUInt32BE(28);
  if (size < stated) throw corrupt(path, `It has ${size} of ${stated} bytes.`);
}

/** What SQLite or a row says about damage, as an error for people. */
export function whole<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw corrupt(path, messageOf(thrown), thrown);
  }
}

function unreadable(path: string, thrown: unknown): PlimsollError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new PlimsollError('vuln/no-database', `There is no advisory database at "${path}".`, {
      hint: 'Get the advisory data: plimsoll db update (or name the small sample: --db starter)',
      kind: 'unavailable',
      cause: thrown,
    });
  }
  return new PlimsollError(
    'vuln/database-unreadable',
    `The advisory database "${path}" cannot be read: ${messageOf(thrown)}`,
    {
      hint: 'Check the path (--db, PLIMSOLL_DB) and that you may read the file.',
      kind: 'unavailable',
      cause: thrown,
    },
  );
}

function corrupt(path: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('vuln/database-corrupt', `The advisory database "${path}" is damaged: ${why}`, {
    hint: 'Build it anew: plimsoll db update',
    kind: 'unavailable',
    cause,
  });
}
