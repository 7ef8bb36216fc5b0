import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Distro } from '../sbom/index.ts';
import { rateCvss } from './cvss.ts';
import { matchComponents } from './match.ts';
import { baseEcosystem, parseOsv } from './osv.ts';
import { openStarter } from './starter.ts';
import { componentOf, type Given } from './testing.ts';
import { temporaryFolder } from './testing-feed.ts';

const folder = join(import.meta.dirname, '../../starter');
const ecosystems = [
  ...['AlmaLinux', 'Alpine', 'Debian', 'Go', 'Maven', 'NuGet', 'Packagist', 'PyPI', 'RubyGems', 'Ubuntu', 'Wolfi'],
  ...['crates.io', 'npm'],
];
const records = ecosystems.flatMap((ecosystem) => {
  const parsed: readonly unknown[] = JSON.parse(readFileSync(join(folder, `${ecosystem}.json`), 'utf8'));
  return parsed.map((record) => ({ ecosystem, record: parseOsv(record) }));
});

describe('the starter set', () => {
  const starter = openStarter(folder);
  after(() => starter.close());

  it('says that it is one, and how old', () => {
    assert.equal(starter.data.starter, true);
    assert.equal(starter.data.built.slice(0, 19), starter.data.newest.slice(0, 19));
    assert.deepEqual(starter.data.lacks, ['epss']);
  });

  it('has at least sixty advisories, in every ecosystem, none twice, all of them readable', () => {
    assert.ok(starter.data.advisories >= 60);
    assert.equal(starter.data.advisories, records.length);
    assert.deepEqual(starter.data.ecosystems, ecosystems);
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    assert.deepEqual(files.length, ecosystems.length + 1);
  });

  for (const { ecosystem, record } of records) {
    const { advisory, affected } = record;
    it(`${advisory.id} affects something in ${ecosystem}, has a summary, dates, a page and no vector that is none`, () => {
      assert.ok(affected.length > 0);
      assert.ok(affected.every((one) => baseEcosystem(one.ecosystem) === ecosystem));
      assert.match(advisory.summary ?? '', /^.{10,180}\.$/);
      assert.ok(advisory.modified !== undefined && advisory.published !== undefined);
      for (const { type, score } of advisory.severity) {
        if (type.startsWith('CVSS')) assert.ok(rateCvss(score) !== undefined, score);
      }
    });
  }

  it('lists as exploited only what it has', () => {
    const names = new Set(
      records.flatMap(({ record: { advisory } }) => [advisory.id, ...advisory.aliases, ...advisory.upstream]),
    );
    const text = readFileSync(join(folder, 'known_exploited_vulnerabilities.json'), 'utf8');
    const { vulnerabilities }: { vulnerabilities: readonly { cveID: string }[] } = JSON.parse(text);
    assert.ok(vulnerabilities.length > 0);
    for (const { cveID } of vulnerabilities) {
      assert.ok(names.has(cveID), cveID);
      assert.ok(starter.exploited(cveID) !== undefined, cveID);
    }
  });

  const bookworm: Distro = { id: 'debian', versionId: '12', idLike: [], name: 'Debian' };
  const jammy: Distro = { id: 'ubuntu', versionId: '22.04', idLike: ['debian'], name: 'Ubuntu' };
  const alma: Distro = { id: 'almalinux', versionId: '9.4', idLike: ['rhel'], name: 'AlmaLinux' };
  const alpine: Distro = { id: 'alpine', versionId: '3.9.2', idLike: [], name: 'Alpine' };
  const wolfi: Distro = { id: 'wolfi', versionId: '20230201', idLike: [], name: 'Wolfi' };
  const cases: readonly (readonly [Given, Distro | undefined, readonly string[]])[] = [
    [
      { type: 'maven', name: 'org.apache.logging.log4j:log4j-core', version: '2.14.1' },
      undefined,
      ['CVE-2021-44228', 'CVE-2021-44832', 'CVE-2021-45046', 'CVE-2021-45105'],
    ],
    [
      { type: 'maven', name: 'org.apache.logging.log4j:log4j-core', version: '2.15.0' },
      undefined,
      ['CVE-2021-44832', 'CVE-2021-45046', 'CVE-2021-45105'],
    ],
    [{ type: 'maven', name: 'org.apache.logging.log4j:log4j-core', version: '2.17.1' }, undefined, []],
    [{ type: 'maven', name: 'org.apache.logging.log4j:log4j-core', version: '2.12.4' }, undefined, []],
    [{ type: 'maven', name: 'org.springframework:spring-beans', version: '5.3.17' }, undefined, ['CVE-2022-22965']],
    [{ type: 'maven', name: 'org.springframework:spring-beans', version: '5.2.20.RELEASE' }, undefined, []],
    [{ type: 'maven', name: 'org.apache.commons:commons-text', version: '1.9' }, undefined, ['CVE-2022-42889']],
    [{ type: 'npm', name: 'lodash', version: '4.17.15' }, undefined, ['CVE-2021-23337']],
    [{ type: 'npm', name: 'lodash', version: '4.17.21' }, undefined, []],
    [{ type: 'npm', name: 'minimist', version: '1.2.5' }, undefined, ['CVE-2021-44906']],
    [{ type: 'npm', name: 'event-stream', version: '3.3.6' }, undefined, ['GHSA-mh6f-8j2x-4483']],
    [{ type: 'npm', name: 'event-stream', version: '3.3.4' }, undefined, []],
    [{ type: 'npm', name: 'ua-parser-js', version: '0.7.29' }, undefined, ['GHSA-pjwm-rvh2-c87w']],
    [{ type: 'npm', name: 'ua-parser-js', version: '0.7.30' }, undefined, []],
    [{ type: 'npm', name: 'axios', version: '0.28.0' }, undefined, []],
    [{ type: 'pypi', name: 'PyYAML', version: '5.3.1' }, undefined, ['CVE-2020-14343']],
    [{ type: 'pypi', name: 'urllib3', version: '1.26.18' }, undefined, []],
    [
      { type: 'golang', name: 'stdlib', version: '1.20.9' },
      undefined,
      ['CVE-2023-39325', 'CVE-2023-45288', 'CVE-2024-24790'],
    ],
    [{ type: 'golang', name: 'golang.org/x/net', version: 'v0.23.0' }, undefined, []],
    [{ type: 'gem', name: 'actionview', version: '5.2.2' }, undefined, ['CVE-2019-5418']],
    [{ type: 'gem', name: 'actionview', version: '5.2.2.1' }, undefined, []],
    [{ type: 'gem', name: 'strong_password', version: '0.0.6' }, undefined, []],
    [{ type: 'composer', name: 'phpunit/phpunit', version: '5.6.2' }, undefined, ['CVE-2017-9841']],
    [{ type: 'nuget', name: 'newtonsoft.json', version: '12.0.3' }, undefined, ['CVE-2024-21907']],
    [{ type: 'cargo', name: 'regex', version: '1.5.4' }, undefined, ['CVE-2022-24713']],
    [{ type: 'deb', name: 'libc6', version: '2.36-9+deb12u2', source: { name: 'glibc' } }, bookworm, ['CVE-2023-4911']],
    [{ type: 'deb', name: 'libc6', version: '2.36-9+deb12u3', source: { name: 'glibc' } }, bookworm, []],
    [
      { type: 'deb', name: 'openssh-server', version: '1:8.9p1-3ubuntu0.7', source: { name: 'openssh' } },
      jammy,
      ['CVE-2024-6387'],
    ],
    [{ type: 'deb', name: 'openssh-server', version: '1:8.9p1-3ubuntu0.10', source: { name: 'openssh' } }, jammy, []],
    [{ type: 'rpm', name: 'openssh-server', version: '8.7p1-38.el9' }, alma, ['CVE-2024-6387']],
    [{ type: 'rpm', name: 'openssh-server', version: '8.7p1-38.el9_4.1' }, alma, []],
    [{ type: 'apk', name: 'musl', version: '1.1.20-r4' }, alpine, ['CVE-2019-14697']],
    [{ type: 'apk', name: 'musl', version: '1.1.20-r5' }, alpine, []],
    [{ type: 'apk', name: 'curl', version: '8.3.0-r0' }, wolfi, ['CVE-2023-38545']],
  ];
  for (const [given, distro, expected] of cases) {
    it(`finds ${expected.join(', ') || 'nothing'} in ${given.name} ${given.version}${distro === undefined ? '' : ` of ${distro.name}`}`, () => {
      const { findings } = matchComponents({ components: [componentOf(given, distro)], distro }, starter, {
        ubuntuPro: false,
      });
      assert.deepEqual(findings.map(({ id }) => id).sort(), expected);
    });
  }
});

describe('a starter set that is damaged', () => {
  it('says so', (test) => {
    const broken = temporaryFolder(test);
    assert.throws(() => openStarter(join(broken, 'none')), { code: 'vuln/no-starter', kind: 'unavailable' });
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'npm.json'), '[{"id":');
    assert.throws(() => openStarter(broken), { code: 'vuln/no-starter' });
  });
});
