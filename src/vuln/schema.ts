/** The database file: what its header says, and its tables. */

/** SQLite's `application_id`: "PLMS". */
export const applicationId = 0x504c4d53;
/** SQLite's `user_version`; a database of another one is built anew. */
export const schemaVersion = 1;

/** `name.relation`: how a name stands to the advisory. */
export const relations = { id: 0, alias: 1, upstream: 2 } as const;

export const tables = `
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${schemaVersion};
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE advisory (
    number INTEGER PRIMARY KEY,
    feed TEXT NOT NULL, -- the ecosystem, without release, in whose archive the record is
    id TEXT NOT NULL,
    modified TEXT NOT NULL, -- timeKey, or empty
    withdrawn INTEGER NOT NULL,
    digest BLOB NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (feed, id)
  );
  CREATE TABLE ecosystem (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE affected (advisory INTEGER NOT NULL, ecosystem INTEGER NOT NULL, package TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE name (
    alias TEXT NOT NULL COLLATE NOCASE,
    relation INTEGER NOT NULL,
    advisory INTEGER NOT NULL,
    PRIMARY KEY (alias, relation, advisory)
  ) WITHOUT ROWID;
  CREATE TABLE kev (cve TEXT PRIMARY KEY, since TEXT NOT NULL, due TEXT, ransomware INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE epss (cve TEXT PRIMARY KEY, score REAL NOT NULL, percentile REAL NOT NULL) WITHOUT ROWID;
  CREATE TABLE unread (feed TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL);
`;

/** Made when the rows are in: sorting once is faster than keeping order all along. */
export const indexes = `
  CREATE INDEX IF NOT EXISTS affected_package ON affected (ecosystem, package);
  CREATE INDEX IF NOT EXISTS affected_advisory ON affected (advisory);
  CREATE INDEX IF NOT EXISTS name_advisory ON name (advisory);
`;
