import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Distro } from '../sbom/index.ts';
import { distroFeed } from './distro-feed.ts';
import { matchComponents } from './match.ts';
import { assertMatches, below, componentOf, type Given, lookupOf, match, onlyFinding, osv } from './testing.ts';

const debian12: Distro = { id: 'debian', versionId: '12', codename: 'bookworm', idLike: [], name: 'Debian GNU/Linux' };
const ubuntu: Distro = { id: 'ubuntu', versionId: '22.04', idLike: ['debian'], name: 'Ubuntu' };
const alma8: Distro = { id: 'almalinux', versionId: '8.9', idLike: ['rhel'], name: 'AlmaLinux' };
const rocky9: Distro = { id: 'rocky', versionId: '9.3', idLike: ['rhel'], name: 'Rocky Linux' };
const alpine: Distro = { id: 'alpine', versionId: '3.20.3', idLike: [], name: 'Alpine Linux' };

test('rule 1: Debian advisories name the source package, and its version decides, epoch included', () => {
  const records = [
    osv(
      'DSA-1-1',
      { ecosystem: 'Debian:12', name: 'openssl', events: below('1:3.0.11-1~deb12u2') },
      { upstream: ['CVE-2024-0001'] },
    ),
  ];
  const libssl = (version: string): Given => ({
    type: 'deb',
    name: 'libssl3',
    version: '3.0.11-1',
    source: { name: 'openssl', version },
  });
  assertMatches(match([libssl('1:3.0.11-1~deb12u1')], records, debian12), ['openssl@1:3.0.11-1~deb12u1 CVE-2024-0001']);
  assertMatches(match([libssl('3.0.14-1')], records, debian12), ['openssl@3.0.14-1 CVE-2024-0001']);
  assertMatches(match([libssl('1:3.0.11-1~deb12u2')], records, debian12), []);
  assertMatches(match([{ type: 'deb', name: 'openssl-blocklist', version: '1.0' }], records, debian12), []);
  const binaryNamedLikeIt: Given = { type: 'deb', name: 'openssl', version: '1.0', source: { name: 'other' } };
  assertMatches(match([binaryNamedLikeIt], records, debian12), []);
});

test('rule 1: a release is asked for its own advisories, testing by its codename', () => {
  const records = [
    osv('DSA-1-1', { ecosystem: 'Debian:12', name: 'a', events: below('2') }, { upstream: ['CVE-2024-0001'] }),
    osv('DSA-2-1', { ecosystem: 'Debian:13', name: 'a', events: below('2') }, { upstream: ['CVE-2024-0002'] }),
  ];
  const a: Given = { type: 'deb', name: 'a', version: '1' };
  assertMatches(match([a], records, debian12), ['a@1 CVE-2024-0001']);
  assertMatches(match([a], records, { ...debian12, versionId: '12.5' }), ['a@1 CVE-2024-0001']);
  assertMatches(match([a], records, { id: 'debian', codename: 'trixie', idLike: [], name: 'Debian' }), [
    'a@1 CVE-2024-0002',
  ]);
  assertMatches(
    match([a], records, { id: 'debian', codename: 'forky', idLike: [], name: 'Debian' }),
    [],
    ['Debian:14 1'],
  );
});

test('rule 2: unimportant, end of life and unfixed are different answers, and all are reported', () => {
  const record = (id: string, urgency: string, events: ReturnType<typeof below> = [{ introduced: '0' }]) =>
    osv(
      id,
      { ecosystem: 'Debian:12', name: 'a', events, rest: { ecosystem_specific: { urgency } } },
      { upstream: [id.slice(7)] },
    );
  const states = (record: ReturnType<typeof osv>) => {
    const { fix, severity } = onlyFinding(match([{ type: 'deb', name: 'a', version: '1' }], [record], debian12));
    return { fix, level: severity.level };
  };
  assert.deepEqual(states(record('DEBIAN-CVE-2024-0001', 'unimportant')), {
    fix: { state: 'wont-fix', reason: 'unimportant' },
    level: 'low',
  });
  assert.deepEqual(states(record('DEBIAN-CVE-2024-0002', 'end-of-life')), {
    fix: { state: 'wont-fix', reason: 'end-of-life' },
    level: 'unknown',
  });
  assert.deepEqual(states(record('DEBIAN-CVE-2024-0003', 'not yet assigned')), {
    fix: { state: 'not-fixed' },
    level: 'unknown',
  });
  assert.deepEqual(states(record('DEBIAN-CVE-2024-0004', 'high**', below('2'))), {
    fix: { state: 'fixed', version: '2', since: undefined },
    level: 'high',
  });
});

test('rule 2: fixes of Ubuntu ESM count for those who have it', () => {
  const records = [
    osv('UBUNTU-CVE-2024-0001', [
      { ecosystem: 'Ubuntu:22.04:LTS', name: 'a', events: [{ introduced: '0' }] },
      { ecosystem: 'Ubuntu:Pro:22.04:LTS', name: 'a', events: below('1.0-1ubuntu0.1~esm1') },
    ]),
    osv('UBUNTU-CVE-2024-0002', { ecosystem: 'Ubuntu:Pro:22.04:LTS', name: 'a', events: below('1.0-1ubuntu0.1~esm1') }),
    osv('UBUNTU-CVE-2024-0003', { ecosystem: 'Ubuntu:22.04:LTS', name: 'a', events: below('1.0-2') }),
  ];
  const installed: Given = { type: 'deb', name: 'a', version: '1.0-1' };
  const patched: Given = { type: 'deb', name: 'a', version: '1.0-1ubuntu0.1~esm1' };
  const pro = { ubuntuPro: true };
  assertMatches(match([installed], records, ubuntu), ['a@1.0-1 CVE-2024-0001', 'a@1.0-1 CVE-2024-0003']);
  assert.deepEqual(match([installed], records, ubuntu).findings.find(({ id }) => id === 'CVE-2024-0001')?.fix, {
    state: 'not-fixed',
  });
  assertMatches(match([installed], records, ubuntu, pro), [
    'a@1.0-1 CVE-2024-0001',
    'a@1.0-1 CVE-2024-0002',
    'a@1.0-1 CVE-2024-0003',
  ]);
  assertMatches(match([patched], records, ubuntu, pro), [`a@${patched.version} CVE-2024-0003`]);
  assertMatches(match([patched], records, ubuntu), [
    `a@${patched.version} CVE-2024-0001`,
    `a@${patched.version} CVE-2024-0003`,
  ]);
});

test('rule 3: a binary rpm without epoch has epoch 0', () => {
  const records = [
    osv(
      'ALSA-2024:1',
      { ecosystem: 'AlmaLinux:8', name: 'bind', events: below('32:9.11-5') },
      { related: ['CVE-2024-0001'] },
    ),
  ];
  assertMatches(match([{ type: 'rpm', name: 'bind', version: '9.16-1' }], records, alma8), [
    'bind@9.16-1 CVE-2024-0001',
  ]);
  assertMatches(match([{ type: 'rpm', name: 'bind', version: '32:9.16-1' }], records, alma8), []);
});

test('rule 3: the epoch of a source rpm is not known, so versions are compared without it', () => {
  const records = [
    osv(
      'RLSA-2024:1',
      { ecosystem: 'Rocky Linux:9', name: 'nginx', events: below('1:1.20.4-2.el9') },
      { related: ['CVE-2024-0001'] },
    ),
  ];
  const nginx = (version: string): Given => ({
    type: 'rpm',
    name: 'nginx-core',
    version: `1:${version}`,
    source: { name: 'nginx', version },
  });
  assertMatches(match([nginx('1.20.1-1.el9')], records, rocky9), ['nginx@1.20.1-1.el9 CVE-2024-0001']);
  assertMatches(match([nginx('1.20.4-2.el9')], records, rocky9), []);
  assertMatches(match([nginx('1.22.1-1.el9')], records, rocky9), []);
});

test('rule 4: Alpine and Wolfi advisories name the origin; a fixed version 0 means never affected', () => {
  const records = [
    osv(
      'ALPINE-CVE-2024-0001',
      { ecosystem: 'Alpine:v3.20', name: 'openssl', events: below('3.3.2-r0') },
      { upstream: ['CVE-2024-0001'] },
    ),
    osv(
      'ALPINE-CVE-2024-0002',
      { ecosystem: 'Alpine:v3.20', name: 'openssl', events: [{ fixed: '0' }, { introduced: '0' }] },
      { upstream: ['CVE-2024-0002'] },
    ),
    osv(
      'ALPINE-CVE-2024-0003',
      { ecosystem: 'Alpine:v3.19', name: 'openssl', events: below('9') },
      { upstream: ['CVE-2024-0003'] },
    ),
    osv(
      'CGA-1111-2222-3333',
      { ecosystem: 'Wolfi', name: 'openssl', events: below('3.3.2-r0') },
      { upstream: ['CVE-2024-0001', 'GHSA-aaaa-bbbb-cccc'] },
    ),
  ];
  const libssl: Given = { type: 'apk', name: 'libssl3', version: '3.3.1-r0', source: { name: 'openssl' } };
  assertMatches(match([libssl], records, alpine), ['openssl@3.3.1-r0 CVE-2024-0001']);
  assertMatches(match([{ ...libssl, version: '3.3.2-r0' }], records, alpine), []);
  assertMatches(match([libssl], records, { id: 'wolfi', versionId: '20230201', idLike: [], name: 'Wolfi' }), [
    'openssl@3.3.1-r0 CVE-2024-0001',
  ]);
  assertMatches(match([libssl], records, { ...alpine, versionId: '3.21.0_alpha20240807' }), [], ['Alpine:edge 1']);
});

test("rule 5: AlmaLinux's and Rocky's own errata decide, not Red Hat's, and bug fixes are no vulnerabilities", () => {
  const records = [
    osv(
      'RHSA-2024:1',
      { ecosystem: 'Red Hat:enterprise_linux:8::baseos', name: 'bash', events: below('5.0-9.el8') },
      { upstream: ['CVE-2024-0001'] },
    ),
    osv(
      'ALSA-2024:1',
      { ecosystem: 'AlmaLinux:8', name: 'bash', events: below('5.0-2.el8') },
      { related: ['CVE-2024-0002'] },
    ),
    osv('ALBA-2024:1', { ecosystem: 'AlmaLinux:8', name: 'bash', events: below('5.0-8.el8') }, { related: [] }),
    osv(
      'RHSA-2024:2',
      { ecosystem: 'Red Hat:rhel_eus:8.2::baseos', name: 'bash', events: below('5.0-9.el8_2') },
      { upstream: ['CVE-2024-0003'] },
    ),
  ];
  const bash: Given = { type: 'rpm', name: 'bash', version: '5.0-1.el8' };
  assertMatches(match([bash], records, alma8), ['bash@5.0-1.el8 CVE-2024-0002']);
  assertMatches(match([bash], records, { id: 'rhel', versionId: '8.9', idLike: [], name: 'RHEL' }), [
    'bash@5.0-1.el8 CVE-2024-0001',
  ]);
  assertMatches(match([bash], records, { ...rocky9, versionId: '8.9' }), [], ['Rocky Linux:8 1']);
});

test('a derivative without a feed of its own is unknown, not matched by its parent', () => {
  const records = [
    osv('DSA-1-1', { ecosystem: 'Debian:12', name: 'a', events: below('2') }, { upstream: ['CVE-2024-0001'] }),
  ];
  const a: Given = { type: 'deb', name: 'a', version: '1' };
  assertMatches(
    match([a, { ...a, name: 'b' }], records, {
      id: 'linuxmint',
      versionId: '21',
      idLike: ['debian'],
      name: 'Linux Mint',
    }),
    [],
    ['linuxmint:21 2'],
  );
  assertMatches(match([a], records), [], ['deb 1']);
});

test('an SBOM that names the distribution only in its purls is matched all the same', () => {
  const records = [
    osv('DSA-1-1', { ecosystem: 'Debian:12', name: 'a', events: below('2') }, { upstream: ['CVE-2024-0001'] }),
  ];
  const known = componentOf({ type: 'deb', name: 'a', version: '1' }, debian12);
  assertMatches(matchComponents({ components: [known], distro: undefined }, lookupOf(records), { ubuntuPro: false }), [
    'a@1 CVE-2024-0001',
  ]);
});

test('each distribution is asked for by the names that its feed has in OSV, and by no others', () => {
  const known = new Set([
    'Alpine:v3.20',
    'AlmaLinux:9',
    'Rocky Linux:9',
    'Red Hat:enterprise_linux:9::appstream',
    'Red Hat:enterprise_linux:9::baseos',
    'Red Hat:rhel_eus:9.2::baseos',
    'Red Hat:enterprise_linux:10.0',
    'Red Hat:openshift:4.12::el9',
    'openSUSE:Leap 15.6',
    'openSUSE:Tumbleweed',
    'SUSE:Linux Enterprise Server 16.0',
    'SUSE:Linux Enterprise Server for SAP Applications 16.0',
    'SUSE:Linux Enterprise Server 15 SP5',
    'SUSE:Linux Enterprise Server 15 SP5-LTSS',
    'SUSE:Linux Enterprise Module for Basesystem 15 SP5',
    'SUSE:Linux Enterprise Module for Basesystem 15 SP6',
    'SUSE:Linux Enterprise Micro 5.5',
    'Mageia:9',
    'Photon OS:5.0',
    'Azure Linux:3',
    'Wolfi',
    'Chainguard',
    'openEuler:24.03-LTS',
    'Ubuntu:24.10',
    'Ubuntu:22.04:LTS',
    'Ubuntu:Pro:22.04:LTS',
    'Debian:12',
  ]);
  const cases: readonly (readonly [id: string, versionId: string | undefined, ecosystems: readonly string[]])[] = [
    ['alpine', '3.20.3', ['Alpine:v3.20']],
    ['almalinux', '9.4', ['AlmaLinux:9']],
    ['rocky', '9', ['Rocky Linux:9']],
    ['rocky', '8.9', []],
    ['rhel', '9.4', ['Red Hat:enterprise_linux:9::appstream', 'Red Hat:enterprise_linux:9::baseos']],
    ['rhel', '10.1', ['Red Hat:enterprise_linux:10.0']],
    ['rhel', '1.0', []],
    ['opensuse-leap', '15.6', ['openSUSE:Leap 15.6']],
    ['opensuse-tumbleweed', '20240601', ['openSUSE:Tumbleweed']],
    ['sles', '15.5', ['SUSE:Linux Enterprise Server 15 SP5', 'SUSE:Linux Enterprise Module for Basesystem 15 SP5']],
    ['sles', '15.0', []],
    ['sles', '16.0', ['SUSE:Linux Enterprise Server 16.0']],
    ['sles', '16.1', []],
    ['mageia', '9', ['Mageia:9']],
    ['photon', '5.0', ['Photon OS:5.0']],
    ['azurelinux', '3.0', ['Azure Linux:3']],
    ['wolfi', '20230201', ['Wolfi']],
    ['chainguard', undefined, ['Chainguard']],
    ['ubuntu', '24.10', ['Ubuntu:24.10']],
    ['ubuntu', '22.04', ['Ubuntu:22.04:LTS']],
    ['ubuntu', undefined, []],
    ['debian', '12', ['Debian:12']],
    ['debian', undefined, []],
  ];
  for (const [id, versionId, ecosystems] of cases) {
    const distro: Distro = { id, versionId, idLike: [], name: id };
    assert.deepEqual(
      distroFeed(distro)?.ecosystems(distro, known, { ubuntuPro: false }),
      ecosystems,
      `${id} ${versionId}`,
    );
  }
  for (const id of ['centos', 'fedora', 'arch', 'amzn', 'ol', 'raspbian', 'kali', 'linuxmint', 'constructor']) {
    assert.equal(distroFeed({ id, versionId: '9', idLike: ['rhel', 'debian'], name: id }), undefined, id);
  }
});
