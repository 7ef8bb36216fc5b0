import { createHash, hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { PlimsollError } from '../error.ts';
import type { AdvisoryData } from '../sbom/index.ts';
import { type CvssScore, packageKey } from './advisory.ts';
import type { EpssScore, Exploited } from './enrichment.ts';
import { baseEcosystem, type OsvRecord } from './osv.ts';
import { encodeAdvisory, encodeAffected } from './row.ts';
import { indexes, relations, tables } from './schema.ts';
import { timeKey } from './timestamp.ts';

/**
 * Writes an advisory database, all in one transaction. A feed is an ecosystem without release, and says something only
 * about its own packages: a record that stands in several feeds is kept by each with its part.
 */
export interface DatabaseBuilder {
  /** False if the feed has a record of that id already. */
  add(feed: string, record: OsvRecord): boolean;
  remove(feed: string, id: string): void;
  /** Forgets all records of a feed. */
  clear(feed: string): void;
  /** Forgets what could not be read of a feed last time. */
  clearUnread(feed: string): void;
  unread(feed: string, id: string, reason: string): void;
  /** Undefined: not known, which is not the same as none. Replaces what there was. */
  exploited(entries: Iterable<Exploited> | undefined): void;
  epss(scores: Iterable<EpssScore> | undefined): void;
  finish(facts: { readonly built: Date; readonly source: string; readonly starter: boolean }): AdvisoryData;
}

/** Writes into an empty database, or changes one that was made before. */
export function buildInto(database: DatabaseSync): DatabaseBuilder {
  // The file is nobody's yet: until it is finished nothing is lost if it is.
  database.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY',
  );
  database.exec('BEGIN');
  const fresh = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'advisory'").get() === undefined;
  if (fresh) database.exec(tables);

  const addAdvisory = database.prepare(
    `INSERT INTO advisory (feed, id, modified, withdrawn, digest, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const addAffected = database.prepare('INSERT INTO affected (advisory, ecosystem, package, body) VALUES (?, ?, ?, ?)');
  const addName = database.prepare('INSERT OR IGNORE INTO name (alias, relation, advisory) VALUES (?, ?, ?)');
  const addEcosystem = database.prepare('INSERT INTO ecosystem (name) VALUES (?)');
  const numbers = new Map<string, number | bigint>();
  for (const { number, name } of database.prepare('SELECT number, name FROM ecosystem').all()) {
    if (typeof name === 'string' && typeof number === 'number') numbers.set(name, number);
  }
  const setMeta = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  const addUnread = database.prepare('INSERT INTO unread (feed, id, reason) VALUES (?, ?, ?)');

  function ecosystemNumber(name: string): number | bigint {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const number = addEcosystem.run(name).lastInsertRowid;
    numbers.set(name, number);
    return number;
  }

  function removeWhere(condition: string, ...values: string[]): void {
    const chosen = `(SELECT number FROM advisory WHERE ${condition})`;
    for (const statement of [
      `DELETE FROM affected WHERE advisory IN ${chosen}`,
      `DELETE FROM name WHERE advisory IN ${chosen}`,
      `DELETE FROM advisory WHERE ${condition}`,
    ]) {
      database.prepare(statement).run(...values);
    }
  }

  return {
    add(feed, { advisory, affected, withdrawn }) {
      const body = encodeAdvisory(advisory, packageScores(advisory.severity, affected));
      const packages = (withdrawn ? [] : affected)
        .filter(({ ecosystem }) => baseEcosystem(ecosystem) === feed)
        .map((one) => ({
          ecosystem: one.ecosystem,
          key: packageKey(one.ecosystem, one.name),
          body: encodeAffected(one),
        }));
      const content = [
        body,
        String(withdrawn),
        ...packages.flatMap(({ ecosystem, key, body }) => [ecosystem, key, body]),
      ];
      const added = addAdvisory.run(
        feed,
        advisory.id,
        timeKey(advisory.modified) ?? '',
        withdrawn ? 1 : 0,
        hash('sha256', content.join('\n'), 'buffer'),
        body,
      );
      if (added.changes === 0) return false;
      const number = added.lastInsertRowid;
      for (const { ecosystem, key, body } of packages) addAffected.run(number, ecosystemNumber(ecosystem), key, body);
      addName.run(advisory.id, relations.id, number);
      for (const alias of advisory.aliases) addName.run(alias, relations.alias, number);
      for (const name of advisory.upstream) addName.run(name, relations.upstream, number);
      return true;
    },
    remove: (feed, id) => removeWhere('feed = ? AND id = ?', feed, id),
    clear: (feed) => removeWhere('feed = ?', feed),
    clearUnread(feed) {
      database.prepare('DELETE FROM unread WHERE feed = ?').run(feed);
    },
    unread(feed, id, reason) {
      addUnread.run(feed, id.slice(0, 200), reason.slice(0, 500));
    },
    exploited(entries) {
      database.exec('DELETE FROM kev');
      const add = database.prepare('INSERT OR REPLACE INTO kev (cve, since, due, ransomware) VALUES (?, ?, ?, ?)');
      for (const { cve, since, due, ransomware } of entries ?? []) add.run(cve, since, due ?? null, ransomware ? 1 : 0);
      setMeta.run('kev', entries === undefined ? 'absent' : 'present');
    },
    epss(scores) {
      database.exec('DELETE FROM epss');
      const add = database.prepare('INSERT OR REPLACE INTO epss (cve, score, percentile) VALUES (?, ?, ?)');
      for (const { cve, score, percentile } of scores ?? []) add.run(cve, score, percentile);
      setMeta.run('epss', scores === undefined ? 'absent' : 'present');
    },
    finish({ built, source, starter }) {
      database.exec(indexes);
      database.exec('DELETE FROM ecosystem WHERE number NOT IN (SELECT ecosystem FROM affected)');
      const data = summarize(database, built, starter);
      setMeta.run('data', JSON.stringify(data));
      setMeta.run('source', source);
      database.exec('COMMIT; PRAGMA optimize');
      const [check] = database.prepare('PRAGMA quick_check(1)').all();
      if (check?.['quick_check'] !== 'ok') throw damagedBuild(String(check?.['quick_check']));
      return data;
    },
  };
}

/** OSV: scores stand either with the record or with its packages. */
function packageScores(own: readonly CvssScore[], affected: OsvRecord['affected']): readonly CvssScore[] {
  if (own.length > 0) return [];
  const scores = affected.flatMap(({ severity }) => severity);
  return [...new Map(scores.map((score) => [`${score.type} ${score.score}`, score])).values()].slice(0, 20);
}

function summarize(database: DatabaseSync, built: Date, starter: boolean): AdvisoryData {
  const now = timeKey(built.toISOString()) ?? '';
  const counted = database
    .prepare(
      'SELECT count(*) AS advisories, max(modified) FILTER (WHERE modified <= ?) AS newest FROM advisory WHERE withdrawn = 0',
    )
    .get(now);
  const feeds = database.prepare('SELECT DISTINCT feed FROM advisory ORDER BY feed').all();
  const newest = counted?.['newest'];
  const absent = database
    .prepare("SELECT key FROM meta WHERE value = 'absent'")
    .all()
    .map(({ key }) => key);
  const lacks = (['kev', 'epss'] as const).filter((key) => absent.includes(key));
  return {
    built: built.toISOString(),
    // Where no advisory says when it was changed, they may be as old as can be.
    newest: typeof newest === 'string' && newest !== '' ? `${newest}Z` : '0001-01-01T00:00:00Z',
    advisories: Number(counted?.['advisories'] ?? 0),
    ecosystems: feeds.map(({ feed }) => String(feed)),
    digest: digestOf(database),
    starter,
    lacks: lacks.length === 0 ? undefined : lacks,
  };
}

/** Over the contents in a fixed order, so that it is the same whatever way they came in. */
function digestOf(database: DatabaseSync): string {
  const digest = createHash('sha256');
  for (const query of [
    'SELECT feed, id, hex(digest) FROM advisory ORDER BY feed, id',
    'SELECT cve, since, due, ransomware FROM kev ORDER BY cve',
    'SELECT cve, score, percentile FROM epss ORDER BY cve',
  ]) {
    const rows = database.prepare(query);
    rows.setReturnArrays(true);
    for (const row of rows.iterate()) digest.update(`${Object.values(row).join('\n')}\n`);
    digest.update('\n');
  }
  return digest.digest('hex');
}

function damagedBuild(why: string): PlimsollError {
  return new PlimsollError('vuln/build-damaged', `The new advisory database is damaged (${why}).`, {
    hint: 'The old one was kept. Check the disk, and its free space, and run the update again.',
    kind: 'unavailable',
  });
}
