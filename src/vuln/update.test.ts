import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDatabase } from './database.ts';
import {
  listingOf,
  recordOf,
  type TestRecord,
  temporaryFolder,
  writeEcosystem,
  writeFeed,
  zipOf,
} from './testing-feed.ts';
import { type UpdateOptions, updateDatabase } from './update.ts';

const lodash = recordOf('npm', 'GHSA-lodash', 'lodash');
const minimist = recordOf('npm', 'GHSA-minimist', 'minimist');
const openssl = recordOf('Debian:12', 'DSA-1-1', 'openssl');

function places(test: TestContext) {
  const folder = temporaryFolder(test);
  return { feed: join(folder, 'feed'), to: join(folder, 'data', 'advisories.db'), other: join(folder, 'other.db') };
}

function update(options: UpdateOptions) {
  return updateDatabase({ now: () => new Date('2024-06-01T00:00:00Z'), ...options });
}

function idsOf(path: string, ecosystem: string, name: string): readonly string[] {
  const database = openDatabase(path);
  try {
    return database.find(ecosystem, name).map(({ advisory }) => advisory.id);
  } finally {
    database.close();
  }
}

const filesBeside = (path: string) => readdirSync(dirname(path)).filter((name) => name !== basename(path));

describe('updating from a folder', () => {
  it('makes one database of all its ecosystems, and says what it lacks', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash, minimist], Debian: [openssl] });
    const steps = new Set<string>();
    const result = await update({ from: feed, to, onProgress: ({ step }) => steps.add(step) });
    assert.deepEqual(
      result.feeds.map(({ ecosystem, route, read }) => [ecosystem, route, read]),
      [
        ['Debian', 'all', 1],
        ['npm', 'all', 2],
      ],
    );
    assert.deepEqual(result.data.lacks, ['kev', 'epss']);
    assert.deepEqual(idsOf(to, 'npm', 'lodash'), ['GHSA-lodash']);
    assert.deepEqual(idsOf(to, 'Debian:12', 'openssl'), ['DSA-1-1']);
    assert.deepEqual([...steps], ['list', 'read', 'finish']);
    assert.deepEqual(filesBeside(to), []);
  });

  it('takes releases for their ecosystem, once, and names with a space also as an address has them', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { Debian: [openssl], 'Rocky Linux': [recordOf('Rocky Linux:9', 'RLSA-1', 'bash')] });
    renameSync(join(feed, 'Rocky Linux'), join(feed, 'Rocky%20Linux'));
    writeFileSync(join(feed, 'ecosystems.txt'), 'Debian\nDebian:12\nDebian:11\r\nRocky Linux:9\n\nGIT\nOSS-Fuzz\n');
    const { data } = await update({ from: feed, to });
    assert.deepEqual(data.ecosystems, ['Debian', 'Rocky Linux']);
    assert.deepEqual(idsOf(to, 'Rocky Linux:9', 'bash'), ['RLSA-1']);
  });

  it('does without ecosystems.txt, and without modified_id.csv', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    rmSync(join(feed, 'ecosystems.txt'));
    rmSync(join(feed, 'npm', 'modified_id.csv'));
    assert.deepEqual((await update({ from: feed, to })).data.ecosystems, ['npm']);
    assert.equal((await update({ from: feed, to })).feeds[0]?.route, 'all');
  });

  it('refuses ecosystem names that lead elsewhere, and says so', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    writeFileSync(join(feed, 'ecosystems.txt'), 'npm\n../../etc\n/etc\n[EMPTY]\n');
    const { unread, data } = await update({ from: feed, to });
    assert.deepEqual(data.ecosystems, ['npm']);
    assert.deepEqual(
      unread.map(({ id }) => id),
      ['../../etc', '/etc', '[EMPTY]'],
    );
    await assert.rejects(update({ from: feed, to, ecosystems: ['../x'] }), {
      code: 'vuln/bad-ecosystem',
      kind: 'input',
    });
  });

  it('keeps from a record of several ecosystems what each one’s archive says of its own', async (test) => {
    const { feed, to } = places(test);
    const both = {
      ...recordOf('npm', 'GHSA-both', 'thing'),
      affected: ['npm', 'PyPI'].map((ecosystem) => ({ package: { ecosystem, name: 'thing' }, versions: ['1'] })),
    };
    writeFeed(feed, { npm: [both], PyPI: [both] });
    await update({ from: feed, to });
    assert.deepEqual(idsOf(to, 'npm', 'thing'), ['GHSA-both']);
    assert.deepEqual(idsOf(to, 'PyPI', 'thing'), ['GHSA-both']);
    await update({ from: feed, to, ecosystems: ['npm'] });
    assert.deepEqual(idsOf(to, 'PyPI', 'thing'), []);
  });

  it('reads KEV and EPSS where they are, packed or not, and a broken one stops the update', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    const kev = { vulnerabilities: [{ cveID: 'CVE-2024-0001', dateAdded: '2024-01-02' }] };
    writeFileSync(join(feed, 'known_exploited_vulnerabilities.json'), JSON.stringify(kev));
    writeFileSync(join(feed, 'epss_scores-current.csv.gz'), gzipSync('cve,epss,percentile\nCVE-2024-0001,0.5,0.9\n'));
    assert.equal((await update({ from: feed, to })).data.lacks, undefined);
    const database = openDatabase(to);
    assert.equal(database.exploited('CVE-2024-0001')?.since, '2024-01-02');
    assert.equal(database.epss('CVE-2024-0001')?.score, 0.5);
    database.close();
    assert.deepEqual((await update({ from: feed, to, kev: false, epss: false })).data.lacks, ['kev', 'epss']);
    const garbage = join(feed, 'garbage.csv');
    writeFileSync(garbage, '<html>');
    await assert.rejects(update({ from: feed, to, epss: garbage }), { code: 'vuln/bad-epss' });
    await assert.rejects(update({ from: feed, to, kev: garbage }), { code: 'vuln/bad-kev' });
    await assert.rejects(update({ from: feed, to, kev: join(feed, 'none') }), { code: 'vuln/no-enrichment' });
  });
});

describe('records that cannot be read', () => {
  it('are counted and named with the reason, and the others are there', async (test) => {
    const { feed, to } = places(test);
    const good = { name: 'GHSA-lodash.json', data: Buffer.from(JSON.stringify(lodash)) };
    const json = (record: unknown) => Buffer.from(JSON.stringify(record));
    mkdirSync(join(feed, 'npm'), { recursive: true });
    writeFileSync(
      join(feed, 'npm', 'all.zip'),
      zipOf([
        good,
        good,
        { name: 'X-1.json', data: Buffer.from('{') },
        { name: 'X-2.json', data: json(recordOf('npm', 'X-3', 'other')) },
        { name: '../X-4.json', data: json(recordOf('npm', '../X-4', 'other')) },
        { name: 'X-5.json', data: Buffer.alloc(9 * 1024 * 1024, ' ') },
      ]),
    );
    writeFileSync(join(feed, 'npm', 'modified_id.csv'), `${listingOf([lodash])}2024-01-01T00:00:00Z,X-9\n`);
    const { unread, unreadCount, feeds } = await update({ from: feed, to });
    assert.deepEqual(Object.fromEntries(unread.map(({ id, reason }) => [id, reason.slice(0, 24)])), {
      'GHSA-lodash': 'It is there twice; the f',
      'X-1': 'It is not JSON: Expected',
      'X-2': 'The record calls itself ',
      '../X-4': 'id "../X-4" is not the n',
      'X-5': 'It has 9437184 bytes, mo',
      'X-9': 'It is listed in modified',
    });
    assert.equal(unreadCount, 6);
    assert.equal(feeds[0]?.read, 1);
    assert.deepEqual(idsOf(to, 'npm', 'lodash'), ['GHSA-lodash']);
    const database = openDatabase(to);
    assert.equal(database.status().feeds[0]?.unread, 6);
    assert.equal(database.status().unread.length, 6);
    database.close();
  });

  it('all of one ecosystem are a failure of the update', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    await update({ from: feed, to });
    writeFileSync(join(feed, 'npm', 'all.zip'), zipOf([{ name: 'X-1.json', data: Buffer.from('{') }]));
    rmSync(join(feed, 'npm', 'modified_id.csv'));
    await assert.rejects(update({ from: feed, to }), { code: 'vuln/bad-archive', kind: 'unavailable' });
    assert.deepEqual(idsOf(to, 'npm', 'lodash'), ['GHSA-lodash']);
  });
});

describe('updating by difference', () => {
  const later = '2024-03-01T00:00:00Z';
  const changes: readonly (readonly [string, (records: readonly TestRecord[]) => readonly TestRecord[]])[] = [
    ['nothing', (records) => records],
    ['an addition', (records) => [...records, recordOf('npm', 'GHSA-new', 'new', { modified: later })]],
    ['a change', ([first, ...rest]) => [recordOf('npm', first?.id ?? '', 'moved', { modified: later }), ...rest]],
    [
      'a change to an earlier time',
      ([first, ...rest]) => [recordOf('npm', first?.id ?? '', 'moved', { modified: '2020-01-01T00:00:00Z' }), ...rest],
    ],
    [
      'a withdrawal',
      ([first, ...rest]) => [
        recordOf('npm', first?.id ?? '', 'lodash', { modified: later, withdrawn: later }),
        ...rest,
      ],
    ],
    ['a removal', ([, ...rest]) => rest],
    [
      'a change that cannot be read',
      ([first, ...rest]) => [{ id: first?.id ?? '', modified: later, affected: 3 }, ...rest],
    ],
    [
      'a change without a time',
      ([first, ...rest]) => [recordOf('npm', first?.id ?? '', 'moved', { modified: '0001-01-01T00:00:00Z' }), ...rest],
    ],
    ['all of it', () => [recordOf('npm', 'GHSA-1', 'one'), recordOf('npm', 'GHSA-2', 'two', { modified: later })]],
  ];
  for (const [name, change] of changes) {
    it(`gives the same database as reading everything: ${name}`, async (test) => {
      const { feed, to, other } = places(test);
      const records = [lodash, minimist, recordOf('npm', 'GHSA-qs', 'qs')];
      writeFeed(feed, { npm: records, Debian: [openssl] });
      await update({ from: feed, to });
      writeEcosystem(feed, 'npm', change(records));
      const changed = await update({ from: feed, to });
      const anew = await update({ from: feed, to: other });
      assert.deepEqual(
        changed.feeds.map(({ route }) => route),
        ['changes', 'changes'],
      );
      assert.equal(changed.data.digest, anew.data.digest);
      assert.deepEqual(changed.data, anew.data);
      const [a, b] = [openDatabase(to), openDatabase(other)];
      assert.deepEqual(a.ecosystems, b.ecosystems);
      assert.deepEqual(a.status().feeds, b.status().feeds);
      for (const pkg of ['lodash', 'minimist', 'qs', 'new', 'moved', 'one', 'two']) {
        assert.deepEqual(a.find('npm', pkg), b.find('npm', pkg), pkg);
        assert.deepEqual(a.records(`GHSA-${pkg}`), b.records(`GHSA-${pkg}`), pkg);
      }
      a.close();
      b.close();
    });
  }

  it('reads only what the list says has changed', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash, minimist] });
    await update({ from: feed, to });
    const unlisted = recordOf('npm', lodash.id, 'moved');
    writeEcosystem(feed, 'npm', [unlisted, recordOf('npm', minimist.id, 'moved', { modified: later })]);
    const { feeds } = await update({ from: feed, to });
    assert.deepEqual(feeds, [{ ecosystem: 'npm', route: 'changes', read: 1, removed: 0, unread: 0 }]);
    assert.deepEqual(idsOf(to, 'npm', 'moved'), [minimist.id]);
  });

  it('reads the archive when a change is listed and not there, when the list is garbage, or when too much changed', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    await update({ from: feed, to });
    const list = join(feed, 'npm', 'modified_id.csv');
    const route = async () => (await update({ from: feed, to })).feeds[0]?.route;
    writeFileSync(list, `${listingOf([lodash])}2024-01-01T00:00:00Z,GHSA-gone\n`);
    assert.equal(await route(), 'all');
    writeFileSync(list, '<html>');
    assert.equal(await route(), 'all');
    writeFileSync(list, Array.from({ length: 1002 }, (_, n) => `2024-01-01T00:00:00Z,X-${n}\n`).join(''));
    assert.equal(await route(), 'all');
    writeFileSync(list, listingOf([lodash]));
    assert.equal(await route(), 'changes');
    assert.deepEqual(idsOf(to, 'npm', 'lodash'), [lodash.id]);
  });

  it('forgets ecosystems that are no longer wanted, and starts anew from another source', async (test) => {
    const { feed, to, other } = places(test);
    writeFeed(feed, { npm: [lodash], Debian: [openssl] });
    await update({ from: feed, to });
    const npmOnly = await update({ from: feed, to, ecosystems: ['npm'] });
    assert.equal(npmOnly.feeds[0]?.route, 'changes');
    assert.deepEqual(npmOnly.data, (await update({ from: feed, to: other, ecosystems: ['npm'] })).data);
    const mirror = join(dirname(feed), 'mirror');
    writeFeed(mirror, { npm: [lodash] });
    assert.equal((await update({ from: mirror, to })).feeds[0]?.route, 'all');
  });

  it('starts anew from a damaged database', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    await update({ from: feed, to });
    const intact = readFileSync(to);
    for (let page = 0; page * 4096 < intact.length; page++) {
      writeFileSync(to, Buffer.from(intact).fill(0xa5, page * 4096, (page + 1) * 4096));
      assert.equal((await update({ from: feed, to })).feeds[0]?.route, 'all', `page ${page}`);
      assert.deepEqual(idsOf(to, 'npm', 'lodash'), [lodash.id]);
    }
  });
});
