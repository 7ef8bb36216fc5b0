import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openDatabase } from './database.ts';
import { rangesInWords } from './range-words.ts';
import { searchDatabase } from './search.ts';
import { writeDatabase } from './testing-database.ts';
import { recordOf, temporaryFolder } from './testing-feed.ts';

const critical = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
const both = {
  ...recordOf('npm', 'GHSA-aaaa-bbbb-cccc', 'thing', { aliases: ['CVE-2024-0001'], severity: [critical] }),
  affected: ['npm', 'PyPI'].map((ecosystem) => ({ package: { ecosystem, name: 'thing' }, versions: ['1'] })),
};

function testDatabase(test: TestContext) {
  const path = join(temporaryFolder(test), 'advisories.db');
  writeDatabase(
    path,
    {
      npm: [
        both,
        recordOf('npm', 'GHSA-old', '@scope/name', { published: '2020-01-01T00:00:00Z', aliases: ['CVE-2020-0001'] }),
        recordOf('npm', 'GHSA-new', '@scope/name', { published: '2024-01-01T00:00:00Z' }),
        recordOf('npm', 'GHSA-gone', 'thing', { aliases: ['CVE-2024-0009'], withdrawn: '2024-02-01T00:00:00Z' }),
      ],
      PyPI: [both],
      Go: [recordOf('Go', 'GO-2024-0001', 'github.com/docker/docker')],
      Debian: [
        recordOf('Debian:11', 'DSA-1-1', 'thing', { upstream: ['CVE-2024-0001', 'CVE-2024-0002'] }),
        recordOf('Debian:12', 'DSA-2-1', 'thing'),
      ],
      'Rocky Linux': [recordOf('Rocky Linux:9', 'RLSA-2024:1', 'thing')],
    },
    {
      kev: [{ cve: 'CVE-2020-0001', since: '2020-02-02', due: undefined, ransomware: false }],
      epss: [{ cve: 'CVE-2024-0001', score: 0.5, percentile: 0.9 }],
    },
  );
  const database = openDatabase(path);
  test.after(() => database.close());
  return database;
}

describe('searching the advisory database', () => {
  const queries: readonly (readonly [string, 'advisory' | 'package', readonly string[]])[] = [
    ['CVE-2024-0001', 'advisory', ['DSA-1-1', 'GHSA-aaaa-bbbb-cccc']],
    ['cve-2024-0001', 'advisory', ['DSA-1-1', 'GHSA-aaaa-bbbb-cccc']],
    ['ghsa-AAAA-bbbb-cccc', 'advisory', ['GHSA-aaaa-bbbb-cccc']],
    ['DSA-2-1', 'advisory', ['DSA-2-1']],
    ['CVE-2024-0009', 'advisory', ['GHSA-gone']],
    ['CVE-1999-9999', 'advisory', []],
    ['thing', 'package', ['DSA-1-1', 'DSA-2-1', 'GHSA-aaaa-bbbb-cccc', 'RLSA-2024:1']],
    ['npm/thing', 'package', ['GHSA-aaaa-bbbb-cccc']],
    ['PYPI/Thing', 'package', ['GHSA-aaaa-bbbb-cccc']],
    ['debian/thing', 'package', ['DSA-1-1', 'DSA-2-1']],
    ['Debian:12/thing', 'package', ['DSA-2-1']],
    ['@scope/name', 'package', ['GHSA-old', 'GHSA-new']],
    ['npm/@scope/name', 'package', ['GHSA-old', 'GHSA-new']],
    ['github.com/docker/docker', 'package', ['GO-2024-0001']],
    ['pkg:npm/%40scope/name@1.0.0', 'package', ['GHSA-old', 'GHSA-new']],
    ['pkg:deb/debian/thing@1?distro=debian-11', 'package', ['DSA-1-1', 'DSA-2-1']],
    ['pkg:rpm/rocky/thing', 'package', ['RLSA-2024:1']],
    ['pkg:deb/ubuntu/thing', 'package', []],
    ['pkg:golang/github.com/docker/docker', 'package', ['GO-2024-0001']],
    ['unheard-of', 'package', []],
  ];
  for (const [text, kind, ids] of queries) {
    it(`${text} finds ${ids.join(', ') || 'nothing'}`, (test) => {
      const { asked, hits } = searchDatabase(testDatabase(test), text);
      assert.equal(asked.kind, kind);
      assert.deepEqual(
        hits.map(({ advisory }) => advisory.id),
        ids,
      );
    });
  }

  it('shows one advisory of several feeds once, with all its packages, scores, KEV and EPSS', (test) => {
    const [hit] = searchDatabase(testDatabase(test), 'GHSA-aaaa-bbbb-cccc').hits;
    assert.deepEqual(
      hit?.affected.map(({ ecosystem, versions }) => [ecosystem, versions]),
      [
        ['PyPI', '1'],
        ['npm', '1'],
      ],
    );
    assert.deepEqual(hit?.severity, {
      level: 'critical',
      score: 9.8,
      vector: critical.score,
      source: 'GHSA-aaaa-bbbb-cccc',
    });
    assert.deepEqual(hit?.severities, [{ advisory: 'GHSA-aaaa-bbbb-cccc', severity: [critical], rating: undefined }]);
    assert.deepEqual(hit?.epss, [{ cve: 'CVE-2024-0001', score: 0.5, percentile: 0.9 }]);
  });

  it('gives an erratum the scores of the vulnerabilities that it carries, named for whose they are', (test) => {
    const [hit] = searchDatabase(testDatabase(test), 'DSA-1-1').hits;
    assert.deepEqual(
      hit?.severities.map(({ advisory }) => advisory),
      ['GHSA-aaaa-bbbb-cccc'],
    );
    assert.deepEqual([hit?.severity.score, hit?.severity.source], [9.8, 'GHSA-aaaa-bbbb-cccc']);
  });

  it('says that a severity is unknown where nobody rated it', (test) => {
    assert.deepEqual(searchDatabase(testDatabase(test), 'GHSA-old').hits[0]?.severity, { level: 'unknown' });
  });

  it('says which are withdrawn', (test) => {
    assert.equal(searchDatabase(testDatabase(test), 'GHSA-gone').hits[0]?.withdrawn, true);
  });

  it('refuses to search for nothing, and for a purl that is none', (test) => {
    const database = testDatabase(test);
    assert.throws(() => searchDatabase(database, '  '), { code: 'vuln/nothing-to-search', kind: 'input' });
    assert.throws(() => searchDatabase(database, 'pkg:npm'), { code: 'sbom/bad-purl' });
  });
});

describe('ranges in words', () => {
  type Events = Parameters<typeof rangesInWords>[0]['ranges'][number]['events'];
  const cases: readonly (readonly [Events, string])[] = [
    [[{ introduced: '0' }], 'all versions'],
    [[{ introduced: '2.0' }], 'from 2.0 on'],
    [[{ introduced: '0' }, { fixed: '1.2' }], 'before 1.2'],
    [
      [{ introduced: '1.0' }, { fixed: '1.2' }, { introduced: '2.0' }, { fixed: '2.3' }],
      'from 1.0 before 1.2; from 2.0 before 2.3',
    ],
    [[{ introduced: '1.0' }, { lastAffected: '1.2' }], 'from 1.0 up to 1.2 and including it'],
    [[{ introduced: '0' }, { limit: '1.2' }], 'before 1.2, where what comes after is not said'],
    [[{ introduced: '0' }, { fixed: '0' }], 'never affected'],
    [[{ introduced: '0' }, { limit: '*' }], 'all versions'],
  ];
  for (const [events, words] of cases) {
    it(words, () => assert.equal(rangesInWords({ ranges: [{ type: 'ECOSYSTEM', events }], versions: [] }), words));
  }

  it('are the listed versions where there is no range, the first few', () => {
    assert.equal(rangesInWords({ ranges: [], versions: ['1', '2'] }), '1, 2');
    assert.match(
      rangesInWords({ ranges: [], versions: Array.from({ length: 12 }, (_, n) => `${n}`) }),
      /^0, 1, .*, 9 and 2 more$/,
    );
    assert.equal(rangesInWords({ ranges: [], versions: [] }), 'no version');
  });
});
