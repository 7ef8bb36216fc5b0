import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { messageOf, PlimsollError } from '../error.ts';
import type { AdvisoryData } from '../sbom/index.ts';
import { type Advisory, type AdvisoryLookup, type Affected, packageKey } from './advisory.ts';
import { isObject, list, object, optionalText, text, texts } from './narrow.ts';
import { decodeAdvisory, decodeAffected } from './row.ts';
import { applicationId, relations, schemaVersion } from './schema.ts';

/** The advisory database, open for reading. Every method throws `vuln/database-corrupt` where the file turns out to be damaged. */
export interface AdvisoryDatabase extends AdvisoryLookup {
  readonly path: string;
  readonly data: AdvisoryData;
  status(): DatabaseStatus;
  /** Everything that has a name, be it as id, alias or upstream; withdrawn records too. Case does not matter. */
  records(name: string): readonly StoredRecord[];
  close(): void;
}

export interface StoredRecord {
  /** The ecosystem, without release, in whose archive the record is; `affected` holds the packages of that one. */
  readonly feed: string;
  readonly advisory: Advisory;
  readonly affected: readonly Affected[];
  readonly withdrawn: boolean;
}

export interface DatabaseStatus {
  readonly path: string;
  readonly data: AdvisoryData;
  /** The folder or address that it was built from. */
  readonly source: string;
  readonly feeds: readonly {
    readonly ecosystem: string;
    readonly advisories: number;
    readonly withdrawn: number;
    readonly unread: number;
  }[];
  /** Entries of KEV and EPSS; absent where the feed did not have them, which is not the same as none. */
  readonly exploited: number | undefined;
  readonly epss: number | undefined;
  /** Records that could not be read, the first hundred. */
  readonly unread: readonly { readonly ecosystem: string; readonly id: string; readonly reason: string }[];
}

/** Where the database is: `PLIMSOLL_DB`, or `plimsoll/advisories.db` in the user's data folder (XDG Base Directory Specification 0.8). */
export function databasePath(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['PLIMSOLL_DB'];
  if (named !== undefined && named !== '') return resolve(named);
  const stated = env['XDG_DATA_HOME'];
  const home = env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'];
  const data = stated !== undefined && isAbsolute(stated) ? stated : join(home, '.local', 'share');
  return join(data, 'plimsoll', 'advisories.db');
}

/**
 * Opens the database for reading. It is never written in place, so it may lie on a read-only volume and be read by many.
 * @throws PlimsollError `vuln/no-database`, `vuln/database-corrupt`, `vuln/database-version`, `vuln/database-unreadable`
 */
export function openDatabase(path: string): AdvisoryDatabase {
  checkHeader(path);
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return whole(path, () => {
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      return readFrom(database, path);
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  });
}

/** The same over a database that is open already. */
export function readFrom(database: DatabaseSync, path: string): AdvisoryDatabase {
  const find = database.prepare(`
    SELECT advisory.id, advisory.body AS advisory, affected.body AS affected
    FROM affected JOIN advisory ON advisory.number = affected.advisory
    WHERE affected.ecosystem = ? AND affected.package = ?
    ORDER BY advisory.id, affected.rowid`);
  const findExploited = database.prepare('SELECT since, due, ransomware FROM kev WHERE cve = ?');
  const findEpss = database.prepare('SELECT score, percentile FROM epss WHERE cve = ?');
  const findSeverities = database.prepare(`
    SELECT id, body FROM advisory WHERE withdrawn = 0 AND number IN (
      SELECT advisory FROM name WHERE relation <= ${relations.alias} AND (alias = ?1 OR alias IN (
        SELECT alias FROM name WHERE relation <= ${relations.alias} AND advisory IN (
          SELECT advisory FROM name WHERE relation <= ${relations.alias} AND alias = ?1))))
    ORDER BY id, feed`);
  const data = readData(database);
  const numbers = new Map<string, SQLOutputValue>();
  for (const { number, name } of database.prepare('SELECT number, name FROM ecosystem').all()) {
    numbers.set(string(name), number ?? null);
  }

  return {
    path,
    data,
    ecosystems: new Set([...numbers.keys()].sort()),
    find(ecosystem, name) {
      const number = numbers.get(ecosystem);
      if (number === undefined) return [];
      const key = packageKey(ecosystem, name);
      return whole(path, () =>
        find.all(number, key).map((row) => ({
          advisory: decodeAdvisory(string(row['id']), string(row['advisory'])).advisory,
          affected: decodeAffected(ecosystem, key, string(row['affected'])),
        })),
      );
    },
    exploited(cve) {
      const row = whole(path, () => findExploited.get(cve));
      if (row === undefined) return undefined;
      const { since, due, ransomware } = row;
      return { since: string(since), due: due === null ? undefined : string(due), ransomware: ransomware === 1 };
    },
    epss(cve) {
      const row = whole(path, () => findEpss.get(cve));
      return row === undefined ? undefined : { score: Number(row['score']), percentile: Number(row['percentile']) };
    },
    severities(name) {
      return whole(path, () =>
        findSeverities.all(name).flatMap((row) => {
          const { advisory, packageSeverity } = decodeAdvisory(string(row['id']), string(row['body']));
          const severity = advisory.severity.length > 0 ? advisory.severity : packageSeverity;
          if (severity.length === 0 && advisory.rating === undefined) return [];
          return [{ advisory: advisory.id, severity, rating: advisory.rating }];
        }),
      );
    },
    status: () => whole(path, () => readStatus(database, path, data)),
    records: (name) => whole(path, () => readRecords(database, name)),
    close: () => database.close(),
  };
}

function readRecords(database: DatabaseSync, name: string): readonly StoredRecord[] {
  const affected = database.prepare(`
    SELECT ecosystem.name AS ecosystem, package, body FROM affected
    JOIN ecosystem ON ecosystem.number = affected.ecosystem WHERE advisory = ? ORDER BY affected.rowid`);
  return database
    .prepare(
      `SELECT number, feed, id, withdrawn, body FROM advisory
       WHERE number IN (SELECT advisory FROM name WHERE alias = ?) ORDER BY id, feed`,
    )
    .all(name)
    .map(({ number, feed, id, withdrawn, body }) => ({
      feed: string(feed),
      advisory: decodeAdvisory(string(id), string(body)).advisory,
      affected: affected
        .all(number ?? null)
        .map((row) => decodeAffected(string(row['ecosystem']), string(row['package']), string(row['body']))),
      withdrawn: withdrawn === 1,
    }));
}

function readStatus(database: DatabaseSync, path: string, data: AdvisoryData): DatabaseStatus {
  const feeds = database.prepare(`
    SELECT feed, count(*) AS records, sum(withdrawn) AS withdrawn,
      (SELECT count(*) FROM unread WHERE unread.feed = advisory.feed) AS unread
    FROM advisory GROUP BY feed ORDER BY feed`);
  const count = (table: 'kev' | 'epss') =>
    data.lacks?.includes(table)
      ? undefined
      : Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  return {
    path,
    data,
    source: string(database.prepare("SELECT value FROM meta WHERE key = 'source'").get()?.['value']),
    feeds: feeds.all().map(({ feed, records, withdrawn, unread }) => ({
      ecosystem: string(feed),
      advisories: Number(records) - Number(withdrawn),
      withdrawn: Number(withdrawn),
      unread: Number(unread),
    })),
    exploited: count('kev'),
    epss: count('epss'),
    unread: database
      .prepare('SELECT feed, id, reason FROM unread ORDER BY feed, id LIMIT 100')
      .all()
      .map(({ feed, id, reason }) => ({ ecosystem: string(feed), id: string(id), reason: string(reason) })),
  };
}

function readData(database: DatabaseSync): AdvisoryData {
  const row = database.prepare("SELECT value FROM meta WHERE key = 'data'").get();
  const stored = object(JSON.parse(string(row?.['value'])), 'data');
  const { advisories, starter } = stored;
  if (typeof advisories !== 'number' || typeof starter !== 'boolean') throw new Error('data is incomplete');
  const absent = list(stored['lacks'], 'lacks', 2);
  const lacks = (['kev', 'epss'] as const).filter((key) => absent.includes(key));
  return {
    built: text(stored['built'], 'built'),
    newest: text(stored['newest'], 'newest'),
    advisories,
    ecosystems: texts(stored['ecosystems'], 'ecosystems', 10_000),
    digest: text(stored['digest'], 'digest'),
    starter,
    lacks: lacks.length === 0 ? undefined : lacks,
  };
}

/** SQLite file format 3, "The Database Header": tells at once what is missing, foreign, of another version, or cut off. */
function checkHeader(path: string): void {
  const header = Buffer.alloc(100);
  let size = 0;
  let read = 0;
  try {
    const file = openSync(path, 'r');
    try {
      size = fstatSync(file).size;
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
function whole<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw corrupt(path, messageOf(thrown), thrown);
  }
}

function string(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new Error('A column is not a text.');
  return value;
}

function unreadable(path: string, thrown: unknown): PlimsollError {
  const code = isObject(thrown) ? optionalText(thrown['code'], 'code') : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new PlimsollError('vuln/no-database', `There is no advisory database at "${path}".`, {
      hint: 'Get the advisory data: plimsoll db update',
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
