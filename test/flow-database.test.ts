/** The advisory data: got from a folder or a server, then what changed; asked for its state and its contents. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { recordOf, serveFolder, writeEcosystem } from '../src/vuln/testing-feed.ts';
import { assertPlain, newHome, plimsoll, resultsIn, workspace } from './command-line.ts';
import { sampleAdvisories, writeSampleFeed } from './sample.ts';

let feeds = 0;
function newFeed(): string {
  const folder = join(workspace, `feed-${++feeds}`);
  writeSampleFeed(folder);
  return folder;
}

const minimist = recordOf('npm', 'GHSA-2222-2222-2222', 'minimist', {
  modified: new Date().toISOString(),
  summary: 'Prototype pollution',
  aliases: ['CVE-2026-4000'],
});

describe('db update', () => {
  it('makes the database that scans then use', async () => {
    const home = newHome();
    const updated = await plimsoll(['db', 'update', '--from', newFeed()], home);
    assertPlain(updated);
    assert.deepEqual([updated.code, updated.err], [0, '']);
    const path = join(home['XDG_DATA_HOME'] ?? '', 'plimsoll', 'advisories.db');
    assert.match(updated.out, /^3 advisories in 3 ecosystems, newest of \d{4}-\d\d-\d\d; 3 records read now\n/);
    assert.ok(updated.out.endsWith(`\n${path}\n`));
    const scanned = await plimsoll(['scan', 'dir:.', '-o', 'json'], home);
    assert.equal(resultsIn(scanned.out)[0]?.advisories.advisories, 3);
  });

  it('gives the same data from a folder and from a server, and later fetches what changed alone', async (test) => {
    const folder = newFeed();
    const { url, asked } = await serveFolder(test, folder);
    const home = newHome();
    const digest = async (of: typeof home) => {
      const status: { readonly data: { readonly digest: string } } = JSON.parse(
        (await plimsoll(['db', 'status', '--json'], of)).out,
      );
      return status.data.digest;
    };
    assert.equal((await plimsoll(['db', 'update', '--from', url], home)).code, 0);
    assert.ok(asked.includes('/npm/all.zip'));

    writeEcosystem(folder, 'npm', [...sampleAdvisories.npm, minimist]);
    asked.length = 0;
    const later = await plimsoll(['db', 'update', '--from', url], home);
    assert.match(later.out, /^4 advisories in 3 ecosystems, .*; 1 record read now\n/);
    assert.deepEqual(asked.filter((path) => /\.(?:zip|json)$/.test(path)).sort(), [
      '/known_exploited_vulnerabilities.json',
      '/npm/GHSA-2222-2222-2222.json',
    ]);

    const fromFolder = newHome();
    await plimsoll(['db', 'update', '--from', folder], fromFolder);
    assert.equal(await digest(fromFolder), await digest(home));
  });

  it('takes only the ecosystems that are asked for', async () => {
    const home = newHome();
    const updated = await plimsoll(
      ['db', 'update', '--from', newFeed(), '--ecosystem', 'npm', '--ecosystem', 'Debian'],
      home,
    );
    assert.match(updated.out, /^2 advisories in 2 ecosystems/);
  });

  it('keeps the old data when the new cannot be had, and says why', async (test) => {
    const home = newHome();
    const folder = newFeed();
    await plimsoll(['db', 'update', '--from', folder], home);
    const path = join(home['XDG_DATA_HOME'] ?? '', 'plimsoll', 'advisories.db');
    const before = readFileSync(path);
    const { url } = await serveFolder(test, folder, brokenArchive);
    const answer = await plimsoll(['db', 'update', '--from', url], home);
    assertPlain(answer);
    assert.equal(answer.code, 3);
    assert.match(answer.err, /^error: .*\n {2}hint: .*\n {2}code: vuln\//);
    assert.deepEqual(readFileSync(path), before);
  });

  const brokenArchive: Parameters<typeof serveFolder>[2] = (path, _, response) => {
    if (!path.endsWith('npm/all.zip')) return false;
    response.end('PK');
    return true;
  };
});

describe('db status', () => {
  it('says what there is and how old it is, and what was not read', async () => {
    const home = newHome();
    const folder = newFeed();
    writeEcosystem(folder, 'npm', [...sampleAdvisories.npm, { ...minimist, affected: 'everything' }]);
    const updated = await plimsoll(['db', 'update', '--from', folder], home);
    assert.match(updated.err, /^warning: npm record GHSA-2222-2222-2222 was not read: /);
    const status = await plimsoll(['db', 'status'], home);
    assertPlain(status);
    assert.equal(status.code, 0);
    for (const line of [/^built .*less than a day ago/m, /^exploited 1 vulnerability$/m, /^EPSS +1 score$/m])
      assert.match(status.out, line);
    assert.match(status.out, /^npm +1 .*1 not read$/m);
    assert.match(status.out, /^not read: npm GHSA-2222-2222-2222: /m);
  });
});

describe('db search', () => {
  const cases: readonly (readonly [text: string, says: RegExp])[] = [
    ['lodash', /GHSA-1111-1111-1111[\s\S]*npm lodash: before 2\.0\.0[\s\S]*1 advisory for lodash/],
    ['npm/lodash', /1 advisory for lodash in npm/],
    ['pkg:pypi/requests', /PYSEC-2026-2[\s\S]*CVE-2026-2000 known exploited since 2026-02-03/],
    ['cve-2026-1000', /GHSA-1111-1111-1111[\s\S]*EPSS 75\.0 %/],
    ['Debian:12/openssl', /DEBIAN-CVE-2026-3000[\s\S]*Debian:12 openssl/],
    ['left-pad', /^Nothing is known about left-pad .*\nThat is not proof of safety/],
  ];
  const home = newHome();
  before(() => plimsoll(['db', 'update', '--from', newFeed()], home));
  for (const [text, says] of cases) {
    it(text, async () => {
      const answer = await plimsoll(['db', 'search', text], home);
      assertPlain(answer);
      assert.deepEqual([answer.code, answer.err], [0, '']);
      assert.match(answer.out, says);
      const { hits }: { readonly hits: readonly unknown[] } = JSON.parse(
        (await plimsoll(['db', 'search', text, '--json'], home)).out,
      );
      assert.equal(hits.length, text === 'left-pad' ? 0 : 1);
    });
  }
});
