import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openDatabase } from './database.ts';
import { recordOf, temporaryFolder, writeEcosystem, writeFeed } from './testing-feed.ts';
import { type UpdateOptions, updateDatabase } from './update.ts';

const lodash = recordOf('npm', 'GHSA-lodash', 'lodash');
const minimist = recordOf('npm', 'GHSA-minimist', 'minimist');
const openssl = recordOf('Debian:12', 'DSA-1-1', 'openssl');

function places(test: TestContext) {
  const folder = temporaryFolder(test);
  return { feed: join(folder, 'feed'), to: join(folder, 'data', 'advisories.db') };
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

describe('what is not a file is no place for the database', () => {
  it('and nothing is read or written for it', async (test) => {
    const { feed, to } = places(test);
    const folder = dirname(to);
    mkdirSync(to, { recursive: true });
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // There is no such feed: whoever looks for it says so.
    await assert.rejects(update({ from: feed, to }), {
      code: 'vuln/no-regular-file',
      kind: 'input',
      hint: /--db .*advisories\.db.advisories\.db/,
    });
    await assert.rejects(update({ from: feed, to: pipe }), { code: 'vuln/no-regular-file', kind: 'input' });
    assert.deepEqual(readdirSync(folder).sort(), ['advisories.db', 'pipe']);
    assert.deepEqual(readdirSync(to), []);
    assert.ok(statSync(pipe).isFIFO());
  });

  it('and none to read it from: a pipe is not waited for', (test) => {
    const folder = temporaryFolder(test);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [folder, pipe]) {
      assert.throws(() => openDatabase(path), { code: 'vuln/database-unreadable', kind: 'unavailable' });
    }
  });
});

describe('the old database stays as it was', () => {
  const failures: readonly (readonly [string, string, (feed: string) => void])[] = [
    ['an archive that is cut off', 'vuln/bad-archive', (feed) => cutOff(join(feed, 'npm', 'all.zip'))],
    ['an archive that is missing', 'vuln/no-archive', (feed) => rmSync(join(feed, 'npm', 'all.zip'))],
    ['an archive that is none', 'vuln/bad-archive', (feed) => writeFileSync(join(feed, 'npm', 'all.zip'), 'not found')],
    ['a broken KEV', 'vuln/bad-kev', (feed) => writeFileSync(join(feed, 'known_exploited_vulnerabilities.json'), '{')],
    ['a feed that is gone', 'vuln/no-feed', (feed) => rmSync(feed, { recursive: true })],
  ];
  for (const [name, code, damage] of failures) {
    it(`after ${name}`, async (test) => {
      const { feed, to } = places(test);
      writeFeed(feed, { Debian: [openssl], npm: [lodash] });
      await update({ from: feed, to });
      const before = readFileSync(to);
      writeFeed(feed, { Debian: [recordOf('Debian:12', 'DSA-2-1', 'openssl')], npm: [minimist] });
      rmSync(join(feed, 'npm', 'modified_id.csv'));
      damage(feed);
      await assert.rejects(update({ from: feed, to }), { code });
      assert.deepEqual(readFileSync(to), before);
      assert.deepEqual(filesBeside(to), []);
    });
  }

  it('after an update is cancelled', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    await update({ from: feed, to });
    const before = statSync(to).ino;
    const controller = new AbortController();
    const stopped = update({
      from: feed,
      to,
      signal: controller.signal,
      onProgress: ({ step }) => step === 'finish' && controller.abort(),
    });
    await assert.rejects(stopped, { code: 'vuln/update-cancelled' });
    assert.equal(statSync(to).ino, before);
    assert.deepEqual(filesBeside(to), []);
  });

  it('after an update is killed; and the next one clears away what it left', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    await update({ from: feed, to });
    const before = readFileSync(to);
    const script = `const { updateDatabase } = await import(${JSON.stringify(import.meta.resolve('./update.ts'))});
      await updateDatabase({ from: process.argv[1], to: process.argv[2], onProgress: ({ step }) => {
        if (step === 'finish') { console.log('here'); process.kill(process.pid, 'SIGKILL'); }
      } });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, feed, to], { stdio: 'ignore' });
    const [, signal] = await once(child, 'exit');
    assert.equal(signal, 'SIGKILL');
    assert.deepEqual(readFileSync(to), before);
    assert.equal(filesBeside(to).length, 1);
    await update({ from: feed, to });
    assert.deepEqual(filesBeside(to), []);
  });

  it('and work folders of other machines are left alone for a day', async (test) => {
    const { feed, to } = places(test);
    writeFeed(feed, { npm: [lodash] });
    const at = (name: string) => join(dirname(to), name);
    const [young, old, foreign] = [
      'advisories.db.update-00000000-1-00000000',
      'advisories.db.update-00000000-2-00000000',
      'advisories.db.update-notes',
    ];
    for (const name of [young, old, foreign]) mkdirSync(at(name), { recursive: true });
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    utimesSync(at(old), yesterday, yesterday);
    await update({ from: feed, to });
    assert.deepEqual(filesBeside(to).sort(), [young, foreign]);
  });
});

it('two updates at once both succeed, and the database is whole', async (test) => {
  const { feed, to } = places(test);
  writeFeed(feed, { npm: [lodash], Debian: [openssl] });
  const [a, b] = await Promise.all([update({ from: feed, to }), update({ from: feed, to })]);
  assert.equal(a.data.digest, b.data.digest);
  assert.deepEqual(idsOf(to, 'npm', 'lodash'), [lodash.id]);
  assert.deepEqual(filesBeside(to), []);
});

it('a database that is open while it is replaced goes on answering from what it was', async (test) => {
  const { feed, to } = places(test);
  writeFeed(feed, { npm: [lodash] });
  await update({ from: feed, to });
  const database = openDatabase(to);
  writeEcosystem(feed, 'npm', [minimist]);
  await update({ from: feed, to });
  assert.equal(database.find('npm', 'lodash').length, 1);
  database.close();
  assert.deepEqual(idsOf(to, 'npm', 'lodash'), []);
});

it('a folder that cannot be written to is said so', async (test) => {
  const { feed, to } = places(test);
  writeFeed(feed, { npm: [lodash] });
  writeFileSync(dirname(to), 'a file where the folder should be');
  await assert.rejects(update({ from: feed, to }), { code: 'vuln/database-unwritable', kind: 'input' });
});

function cutOff(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length - 30));
}
