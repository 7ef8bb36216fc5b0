import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { AdvisoryData } from '../sbom/index.ts';
import { type Advisory, type AdvisoryLookup, type Affected, packageKey } from './advisory.ts';
import { checkHeader, whole } from './database-file.ts';
import { list, object, text, texts } from './narrow.ts';
import { decodeAdvisory, decodeAffected } from './row.ts';
import { relations } from './schema.ts';

/** The advisory database, open for reading. Every method throws `vuln/database-corrupt` where the file turns out to be damaged. */
export interface AdvisoryDatabase extends AdvisoryLookup {
  readonly path: string;
  readonly data: AdvisoryData;
  status(): DatabaseStatus;
  /** Everything that has a name, be it as id, alias or upstream; withdrawn records too. Case does not matter. */
  records(name: string): readonly StoredRecord[];
  /** A feed's records, by id, with the `timeKey` of their last change, empty where it is not known. */
  modified(feed: string): ReadonlyMap<string, string>;
  /** Reads the whole file for damage that opening it does not show. */
  check(): void;
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
      // By default SQLite keeps 2 MB of pages, fewer than the packages of one image touch. In KiB.
      database.exec('PRAGMA cache_size = -16384');
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
    SELECT DISTINCT id, body FROM advisory WHERE withdrawn = 0 AND number IN (
      SELECT advisory FROM name WHERE relation <= ${relations.alias} AND alias IN (
        SELECT alias FROM name WHERE relation <= ${relations.alias} AND advisory IN (
          SELECT advisory FROM name WHERE relation <= ${relations.alias} AND alias IN (SELECT value FROM json_each(?)))))
    ORDER BY id, body`);
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
    severities(names) {
      return whole(path, () =>
        findSeverities.all(JSON.stringify(names)).flatMap((row) => {
          const { advisory, packageSeverity } = decodeAdvisory(string(row['id']), string(row['body']));
          const severity = advisory.severity.length > 0 ? advisory.severity : packageSeverity;
          if (severity.length === 0 && advisory.rating === undefined) return [];
          return [{ advisory: advisory.id, severity, rating: advisory.rating }];
        }),
      );
    },
    status: () => whole(path, () => readStatus(database, path, data)),
    records: (name) => whole(path, () => readRecords(database, name)),
    modified: (feed) =>
      whole(path, () => {
        const rows = database.prepare('SELECT id, modified FROM advisory WHERE feed = ?').all(feed);
        return new Map(rows.map(({ id, modified }) => [string(id), string(modified)]));
      }),
    check: () =>
      whole(path, () => {
        const [answer] = database.prepare('PRAGMA quick_check(1)').all();
        if (answer?.['quick_check'] !== 'ok') throw new Error(String(answer?.['quick_check']));
      }),
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

function string(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new Error('A column is not a text.');
  return value;
}
