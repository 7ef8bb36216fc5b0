import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDatabase } from './database.ts';
import { recordOf, serveFolder, temporaryFolder, writeEcosystem, writeFeed } from './testing-feed.ts';
import { updateDatabase } from './update.ts';

const lodash = recordOf('npm', 'GHSA-lodash', 'lodash');
const minimist = recordOf('npm', 'GHSA-minimist', 'minimist');
const bash = recordOf('Rocky Linux:9', 'RLSA-2024:1', 'bash');

type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

async function bucket(test: TestContext, answer?: Answer) {
  const folder = temporaryFolder(test);
  const feed = join(folder, 'feed');
  const to = join(folder, 'data', 'advisories.db');
  writeFeed(feed, { npm: [lodash, minimist], 'Rocky Linux': [bash] });
  const { url, asked } = await serveFolder(test, feed, answer);
  const update = (from = url) => updateDatabase({ from, to, idleMs: 150, retryDelayMs: 1 });
  return { feed, to, url, asked, update };
}

function packagesOf(to: string): readonly string[] {
  const database = openDatabase(to);
  const found = ['lodash', 'minimist', 'new'].filter((name) => database.find('npm', name).length > 0);
  database.close();
  return found;
}

describe('updating from an address', () => {
  it('downloads each archive once, later only what changed, one by one', async (test) => {
    const { feed, to, asked, update } = await bucket(test);
    assert.deepEqual(
      (await update()).feeds.map(({ route }) => route),
      ['all', 'all'],
    );
    assert.ok(asked.includes('/Rocky Linux/all.zip'));
    asked.length = 0;
    const added = recordOf('npm', 'GHSA-new', 'new', { modified: '2024-05-01T00:00:00Z' });
    writeEcosystem(feed, 'npm', [lodash, added]);
    const changed = await update();
    assert.deepEqual(
      changed.feeds.map(({ route, read, removed }) => [route, read, removed]),
      [
        ['changes', 0, 0],
        ['changes', 1, 1],
      ],
    );
    assert.deepEqual(
      asked.filter((path) => /\.(?:zip|json)$/.test(path) && !path.startsWith('/known')),
      ['/npm/GHSA-new.json'],
    );
    assert.deepEqual(packagesOf(to), ['lodash', 'new']);
  });

  it('takes KEV and EPSS from the same place, and fetches nothing from elsewhere', async (test) => {
    const { feed, update } = await bucket(test);
    assert.deepEqual((await update()).data.lacks, ['kev', 'epss']);
    writeFileSync(join(feed, 'epss_scores-current.csv.gz'), gzipSync('cve,epss,percentile\nCVE-2024-0001,0.5,0.9\n'));
    assert.deepEqual((await update()).data.lacks, ['kev']);
  });

  it('follows redirects, a few', async (test) => {
    const { url, to, update } = await bucket(test, (path, _, response) => {
      const [, hops, rest] = /^\/hop(\d)(\/.*)$/.exec(path) ?? [];
      if (hops === undefined || rest === undefined) return false;
      const next = Number(hops) > 1 ? `/hop${Number(hops) - 1}${rest}` : rest;
      response.writeHead(302, { location: encodeURI(next) }).end();
      return true;
    });
    await update(`${url}/hop3/`);
    assert.deepEqual(packagesOf(to), ['lodash', 'minimist']);
    await assert.rejects(update(`${url}/hop9`), {
      code: 'vuln/download-failed',
      message: /redirected more than 5 times/,
    });
  });

  it('sends the credentials of the address to its server, and keeps them out of the database', async (test) => {
    const seen = new Set<string | undefined>();
    const { url, to, update } = await bucket(test, (_, request) => {
      seen.add(request.headers.authorization);
      return false;
    });
    await update(url.replace('http://', 'http://me:p%40ss@'));
    assert.deepEqual([...seen], [`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
    assert.equal(readFileSync(to).includes('p%40ss'), false);
  });

  it('tries again what fails for the moment', async (test) => {
    let failures = 0;
    const { to, update } = await bucket(test, (path, _, response) => {
      if (path !== '/npm/all.zip' || failures === 2) return false;
      if (failures++ === 0) response.writeHead(503).end();
      else response.destroy();
      return true;
    });
    await update();
    assert.deepEqual(packagesOf(to), ['lodash', 'minimist']);
  });

  it('reads the archive when a listed change is not there', async (test) => {
    let missing = '';
    const { feed, update } = await bucket(test, (path, _, response) => {
      if (path === missing) response.writeHead(404).end();
      return path === missing;
    });
    await update();
    writeEcosystem(feed, 'npm', [lodash, recordOf('npm', minimist.id, 'new', { modified: '2024-05-01T00:00:00Z' })]);
    missing = `/npm/${minimist.id}.json`;
    assert.deepEqual(
      (await update()).feeds.map(({ route }) => route),
      ['changes', 'all'],
    );
  });
});

describe('a server that misbehaves fails the update in time and leaves the old database', () => {
  const half = (file: Buffer) => file.subarray(0, file.length / 2);
  const cases: readonly (readonly [string, RegExp, (file: Buffer, response: ServerResponse) => void])[] = [
    ['stalls before it answers', /nothing came for 0\.15 seconds \(tried 4 times\)/, () => {}],
    [
      'stalls within the answer',
      /nothing came for 0\.15 seconds/,
      (file, response) => response.writeHead(200, { 'content-length': file.length }).write(half(file)),
    ],
    [
      'sends fewer bytes than it says',
      /could not be downloaded/,
      (file, response) =>
        response.writeHead(200, { 'content-length': file.length }).end(half(file), () => response.destroy()),
    ],
    ['cuts the archive off and says it is whole', /cannot be read/, (file, response) => response.end(half(file))],
    [
      'says it sends more than is allowed',
      /larger than/,
      (_, response) => response.writeHead(200, { 'content-length': 2 ** 40 }).write('x'),
    ],
    ['always fails', /answered 500 \(tried 4 times\)/, (_, response) => response.writeHead(500).end()],
    ['refuses', /answered 403/, (_, response) => response.writeHead(403).end()],
    ['has no such archive', /no advisories for npm/, (_, response) => response.writeHead(404).end()],
    ['sends a page', /cannot be read/, (_, response) => response.end('<html>not found</html>')],
    [
      'redirects to a file',
      /file:.* not safe/,
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
    [
      'redirects in a circle',
      /redirected more than/,
      (_, response) => response.writeHead(302, { location: '/npm/all.zip' }).end(),
    ],
  ];
  for (const [name, message, misbehave] of cases) {
    it(name, async (test) => {
      let good = true;
      const { feed, to, update } = await bucket(test, (path, _, response) => {
        if (good || path !== '/npm/all.zip') return false;
        misbehave(readFileSync(join(feed, 'npm', 'all.zip')), response);
        return true;
      });
      await update();
      const before = readFileSync(to);
      good = false;
      writeFileSync(join(feed, 'npm', 'modified_id.csv'), '<html>');
      await assert.rejects(update(), (thrown: unknown) => {
        assert.ok(thrown instanceof Error && 'kind' in thrown && 'code' in thrown);
        assert.match(thrown.message, message);
        return true;
      });
      assert.deepEqual(readFileSync(to), before);
      assert.deepEqual(readdirSync(dirname(to)), [basename(to)]);
    });
  }

  it('a server that is not there', async (test) => {
    const { to, update } = await bucket(test);
    await update();
    const before = readFileSync(to);
    await assert.rejects(update('http://127.0.0.1:9'), { code: 'vuln/download-failed', kind: 'unavailable' });
    assert.deepEqual(readFileSync(to), before);
  });

  it('an address without ecosystems.txt', async (test) => {
    const { url, update } = await bucket(test);
    await assert.rejects(update(`${url}/npm`), { code: 'vuln/no-feed' });
  });
});
