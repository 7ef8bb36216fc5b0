import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { openDatabase } from './database.ts';
import { databasePath } from './database-file.ts';
import { writeDatabase } from './testing-database.ts';
import { recordOf, type TestRecord, temporaryFolder } from './testing-feed.ts';

const critical = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
const low = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N' };

function testDatabase(test: TestContext) {
  const path = join(temporaryFolder(test), 'advisories.db');
  const data = writeDatabase(
    path,
    {
      npm: [
        recordOf('npm', 'GHSA-1', 'lodash', { aliases: ['CVE-2024-0001'], severity: [critical] }),
        recordOf('npm', 'GHSA-2', 'lodash', {
          withdrawn: '2024-02-01T00:00:00Z',
          aliases: ['CVE-2024-0001'],
          severity: [low],
        }),
      ],
      PyPI: [
        recordOf('PyPI', 'PYSEC-1', 'Some_Package', { modified: '2024-03-01T00:00:00.5Z' }),
        recordOf('PyPI', 'PYSEC-2', 'future', { modified: '2099-01-01T00:00:00Z' }),
      ],
      Debian: [
        recordOf('Debian:12', 'DSA-1-1', 'openssl', { upstream: ['CVE-2024-0001', 'CVE-2024-0002'] }),
        recordOf('Debian:11', 'DSA-2-1', 'openssl'),
      ],
      Bitnami: [
        {
          id: 'BIT-1',
          aliases: ['CVE-2024-0003'],
          affected: [{ package: { ecosystem: 'Bitnami', name: 'x' }, versions: ['1'], severity: [low] }],
        },
      ],
    },
    {
      kev: [{ cve: 'CVE-2024-0001', since: '2024-01-02', due: undefined, ransomware: true }],
      epss: [{ cve: 'CVE-2024-0001', score: 0.5, percentile: 0.9 }],
    },
  );
  return { path, data };
}

function opened(test: TestContext) {
  const database = openDatabase(testDatabase(test).path);
  test.after(() => database.close());
  return database;
}

describe('the advisory database', () => {
  it('finds the advisories of a package in one release, and no others', (test) => {
    const database = opened(test);
    const ids = (ecosystem: string, name: string) => database.find(ecosystem, name).map(({ advisory }) => advisory.id);
    assert.deepEqual(ids('Debian:12', 'openssl'), ['DSA-1-1']);
    assert.deepEqual(ids('Debian:11', 'openssl'), ['DSA-2-1']);
    assert.deepEqual(ids('Debian', 'openssl'), []);
    assert.deepEqual(ids('npm', 'openssl'), []);
    assert.deepEqual(ids('npm', 'lodash'), ['GHSA-1'], 'a withdrawn advisory holds for nothing');
  });

  it('finds a package by any spelling that its ecosystem takes for the same, and keeps the advisory’s', (test) => {
    const database = opened(test);
    for (const name of ['some-package', 'SOME.PACKAGE', 'Some_Package']) {
      assert.equal(database.find('PyPI', name)[0]?.affected.name, 'Some_Package', name);
    }
    assert.deepEqual(database.find('npm', 'Lodash'), []);
  });

  it('gives the same answer again', (test) => {
    const database = opened(test);
    assert.deepEqual(database.find('npm', 'lodash'), database.find('npm', 'lodash'));
  });

  it('names the ecosystems it has something about', (test) => {
    assert.deepEqual([...opened(test).ecosystems], ['Bitnami', 'Debian:11', 'Debian:12', 'PyPI', 'npm']);
  });

  it('says how old it is, by times that are not in the future', (test) => {
    const { data } = opened(test);
    assert.equal(data.built, '2024-06-01T00:00:00.000Z');
    assert.equal(data.newest, '2024-03-01T00:00:00.5Z');
    assert.equal(data.advisories, 6);
    assert.deepEqual(data.ecosystems, ['Bitnami', 'Debian', 'PyPI', 'npm']);
  });

  it('knows what is exploited and how likely it is', (test) => {
    const database = opened(test);
    assert.deepEqual(database.exploited('CVE-2024-0001'), { since: '2024-01-02', due: undefined, ransomware: true });
    assert.equal(database.exploited('CVE-2024-0002'), undefined);
    assert.deepEqual(database.epss('CVE-2024-0001'), { score: 0.5, percentile: 0.9 });
    assert.equal(database.data.lacks, undefined);
  });

  it('says when it was not told what is exploited', (test) => {
    const path = join(temporaryFolder(test), 'advisories.db');
    writeDatabase(path, { npm: [recordOf('npm', 'GHSA-1', 'lodash')] });
    const database = openDatabase(path);
    test.after(() => database.close());
    assert.deepEqual(database.data.lacks, ['kev', 'epss']);
    assert.equal(database.status().exploited, undefined);
  });

  it('knows the scores that others give a vulnerability: the record’s or its packages’, by any of its names', (test) => {
    const database = opened(test);
    const one = [{ advisory: 'GHSA-1', severity: [critical], rating: undefined }];
    assert.deepEqual(database.severities(['CVE-2024-0001']), one);
    assert.deepEqual(
      database.severities(['GHSA-2']),
      one,
      'an alias of an alias; the withdrawn one’s own score is gone',
    );
    assert.deepEqual(database.severities(['CVE-2024-0003']), [
      { advisory: 'BIT-1', severity: [low], rating: undefined },
    ]);
    assert.deepEqual(database.severities(['CVE-2024-0002']), [], 'an erratum is not the vulnerability it carries');
    assert.deepEqual(database.severities(['CVE-2024-0001', 'GHSA-2', 'CVE-2024-0001']), one, 'each advisory once');
  });

  it('has the same digest for the same contents in another order, and another for others', (test) => {
    const folder = temporaryFolder(test);
    const records = [recordOf('npm', 'GHSA-1', 'a'), recordOf('npm', 'GHSA-2', 'b')];
    const digest = (name: string, npm: readonly TestRecord[]) => writeDatabase(join(folder, name), { npm }).digest;
    assert.equal(digest('1', records), digest('2', [...records].reverse()));
    assert.notEqual(digest('3', records.slice(1)), digest('4', records));
    const fixedLater = recordOf('npm', 'GHSA-1', 'a', {
      affected: [{ package: { ecosystem: 'npm', name: 'a' }, versions: ['1'] }],
    });
    assert.notEqual(digest('5', [fixedLater, ...records.slice(1)]), digest('6', records), 'changed without a new time');
  });
});

describe('opening the advisory database', () => {
  it('works in a read-only folder, for several at once, under any name, and leaves no files behind', (test) => {
    const { path } = testDatabase(test);
    const folder = join(temporaryFolder(test), 'with space #%?ä');
    mkdirSync(folder);
    const copy = join(folder, 'a b.db');
    copyFileSync(path, copy);
    chmodSync(copy, 0o444);
    chmodSync(folder, 0o555);
    const databases = [openDatabase(copy), openDatabase(copy)];
    for (const database of databases) assert.equal(database.find('npm', 'lodash').length, 1);
    for (const database of databases) database.close();
    chmodSync(folder, 0o755);
  });

  const unusable: readonly (readonly [string, string, (path: string) => void])[] = [
    ['nothing there', 'vuln/no-database', () => {}],
    ['a folder', 'vuln/database-unreadable', (path) => mkdirSync(path)],
    ['an empty file', 'vuln/database-corrupt', (path) => writeFileSync(path, '')],
    ['a text', 'vuln/database-corrupt', (path) => writeFileSync(path, 'x'.repeat(5000))],
    ['another program’s SQLite file', 'vuln/database-corrupt', (path) => foreignDatabase(path)],
    [
      'one of another version',
      'vuln/database-version',
      (path) => inHeader(path, (header) => header.writeUInt32BE(99, 60)),
    ],
    [
      'one without its tables',
      'vuln/database-corrupt',
      (path) => foreignDatabase(path, 'PRAGMA application_id = 0x504c4d53; PRAGMA user_version = 1;'),
    ],
    ['one that is cut off', 'vuln/database-corrupt', (path) => truncateSync(path, readFileSync(path).length - 4096)],
    ['one with only its header', 'vuln/database-corrupt', (path) => truncateSync(path, 100)],
  ];
  for (const [name, code, damage] of unusable) {
    it(`of ${name} says so, and what to do`, (test) => {
      const whole = name.startsWith('one ') && !name.includes('without') ? testDatabase(test).path : undefined;
      const path = whole ?? join(temporaryFolder(test), 'advisories.db');
      damage(path);
      assert.throws(
        () => openDatabase(path),
        (thrown: unknown) => {
          assert.ok(thrown instanceof Error && 'code' in thrown && 'kind' in thrown && 'hint' in thrown);
          assert.equal(thrown.code, code);
          assert.equal(thrown.kind, 'unavailable');
          assert.match(String(thrown.hint), /plimsoll db update|Check the path/);
          return true;
        },
      );
    });
  }

  it('may succeed on a damaged file; then the question, the check or both say so, and never crash', (test) => {
    const { path } = testDatabase(test);
    const intact = readFileSync(path);
    for (let page = 1; page * 4096 < intact.length; page++) {
      const damaged = Buffer.from(intact);
      damaged.fill(0xa5, page * 4096, (page + 1) * 4096);
      writeFileSync(path, damaged);
      let failures = 0;
      for (const ask of [
        openAnd((database) => database.check()),
        openAnd((database) => database.find('npm', 'lodash')),
      ]) {
        try {
          ask(path);
        } catch (thrown) {
          failures++;
          assert.ok(
            thrown instanceof Error && 'code' in thrown && thrown.code === 'vuln/database-corrupt',
            String(thrown),
          );
        }
      }
      assert.ok(failures > 0, `page ${page}`);
    }
  });
});

describe('the place of the advisory database', () => {
  const cases: readonly (readonly [Record<string, string>, string])[] = [
    [{ HOME: '/home/me' }, '/home/me/.local/share/plimsoll/advisories.db'],
    [{ HOME: '/home/me', XDG_DATA_HOME: '/data' }, '/data/plimsoll/advisories.db'],
    [{ HOME: '/home/me', XDG_DATA_HOME: 'relative' }, '/home/me/.local/share/plimsoll/advisories.db'],
    [{ HOME: '/home/me', XDG_DATA_HOME: '/data', PLIMSOLL_DB: '/srv/a.db' }, '/srv/a.db'],
    [{ HOME: '/home/me', PLIMSOLL_DB: '' }, '/home/me/.local/share/plimsoll/advisories.db'],
  ];
  for (const [env, path] of cases) it(`${JSON.stringify(env)} is ${path}`, () => assert.equal(databasePath(env), path));
});

function openAnd(ask: (database: ReturnType<typeof openDatabase>) => unknown) {
  return (path: string) => {
    const database = openDatabase(path);
    try {
      ask(database);
    } finally {
      database.close();
    }
  };
}

function foreignDatabase(path: string, pragmas = ''): void {
  const database = new DatabaseSync(path);
  database.exec(`${pragmas} CREATE TABLE other (x)`);
  database.close();
}

function inHeader(path: string, change: (header: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}
