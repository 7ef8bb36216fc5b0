import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Distro, Severity } from '../sbom/index.ts';
import { levelOfWord, severityIn } from './severity.ts';
import { below, match, onlyFinding, osv } from './testing.ts';

const v4 = 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N';
const v31 = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const v30 = 'CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N';
const v2 = 'AV:N/AC:L/Au:N/C:C/I:C/A:C';

const scores = (...vectors: readonly string[]) =>
  vectors.map((score) => ({
    type: score.startsWith('CVSS:4') ? 'CVSS_V4' : score.startsWith('CVSS:3') ? 'CVSS_V3' : 'CVSS_V2',
    score,
  }));

const npm = (id: string, rest: object) =>
  osv(id, { ecosystem: 'npm', name: 'a', events: below('2.0.0') }, { aliases: ['CVE-2024-0001'], ...rest });

function severityOf(...records: readonly ReturnType<typeof osv>[]): Severity {
  return onlyFinding(match([{ type: 'npm', name: 'a', version: '1.0.0' }], records)).severity;
}

test('rule 13: the newest version of CVSS counts, then the higher score, whichever advisory has it', () => {
  assert.deepEqual(severityOf(npm('GHSA-1', { severity: scores(v2, v30, v31, v4) })), {
    level: 'high',
    score: 8.7,
    vector: v4,
    source: 'GHSA-1',
  });
  assert.deepEqual(severityOf(npm('GHSA-1', { severity: scores(v2, v30) })), {
    level: 'medium',
    score: 6.1,
    vector: v30,
    source: 'GHSA-1',
  });
  assert.deepEqual(severityOf(npm('GHSA-1', { severity: scores(v2) })), {
    level: 'high',
    score: 10,
    vector: v2,
    source: 'GHSA-1',
  });
  const other = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N';
  assert.equal(
    severityOf(npm('GHSA-1', { severity: scores(other) }), npm('PYSEC-1', { severity: scores(v31) })).source,
    'PYSEC-1',
  );
});

test('rule 13: words count where there is no vector that can be scored; no data is unknown, not none', () => {
  const moderate = { database_specific: { severity: 'MODERATE' } };
  assert.deepEqual(severityOf(npm('GHSA-1', moderate)), { level: 'medium', source: 'GHSA-1' });
  assert.equal(severityOf(npm('GHSA-1', { ...moderate, severity: scores(v31) })).level, 'critical');
  assert.equal(
    severityOf(npm('GHSA-1', { ...moderate, severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' }] })).level,
    'medium',
  );
  assert.deepEqual(severityOf(npm('GHSA-1', {})), { level: 'unknown' });
  assert.deepEqual(severityOf(npm('GHSA-1', { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' }] })), {
    level: 'unknown',
  });
});

test("rule 13: a distribution's own rating wins for its own packages, and only for those", () => {
  const ubuntu: Distro = { id: 'ubuntu', versionId: '22.04', idLike: [], name: 'Ubuntu' };
  const own = osv(
    'UBUNTU-CVE-2024-0001',
    { ecosystem: 'Ubuntu:22.04:LTS', name: 'a', events: below('2') },
    { upstream: ['CVE-2024-0001'], severity: [{ type: 'Ubuntu', score: 'negligible' }, ...scores(v31)] },
  );
  const ghsa = npm('GHSA-1', { severity: scores(v4) });
  const deb = match([{ type: 'deb', name: 'a', version: '1' }], [own, ghsa], ubuntu);
  assert.deepEqual(onlyFinding(deb).severity, { level: 'low', source: 'Ubuntu' });
  assert.equal(
    onlyFinding(match([{ type: 'npm', name: 'a', version: '1.0.0' }], [own, ghsa], ubuntu)).severity.source,
    'GHSA-1',
  );
  const alma: Distro = { id: 'almalinux', versionId: '9.3', idLike: [], name: 'AlmaLinux' };
  const erratum = osv(
    'ALSA-2024:1',
    { ecosystem: 'AlmaLinux:9', name: 'a', events: below('2-1') },
    { related: ['CVE-2024-0001'], summary: 'Important: a security update' },
  );
  assert.deepEqual(onlyFinding(match([{ type: 'rpm', name: 'a', version: '1-1' }], [erratum, ghsa], alma)).severity, {
    level: 'high',
    source: 'AlmaLinux',
  });
});

test('rule 13: an advisory without any rating takes what others say about its CVE, and names them', () => {
  const debian: Distro = { id: 'debian', versionId: '12', idLike: [], name: 'Debian' };
  const dsa = osv(
    'DSA-1-1',
    { ecosystem: 'Debian:12', name: 'a', events: below('2') },
    { upstream: ['CVE-2024-0001', 'CVE-2024-0002'] },
  );
  const elsewhere = npm('GHSA-1', { severity: scores(v31) });
  const worded = osv(
    'GHSA-2',
    { ecosystem: 'npm', name: 'b', events: below('2.0.0') },
    { aliases: ['CVE-2024-0002'], database_specific: { severity: 'LOW' } },
  );
  const { findings } = match([{ type: 'deb', name: 'a', version: '1' }], [dsa, elsewhere, worded], debian);
  assert.deepEqual(
    findings.map(({ id, severity }) => [id, severity]),
    [
      ['CVE-2024-0001', { level: 'critical', score: 9.8, vector: v31, source: 'GHSA-1' }],
      ['CVE-2024-0002', { level: 'low', source: 'GHSA-2' }],
    ],
  );
});

test('the words of the feeds have levels; other words, and "not yet assigned", have none', () => {
  const words = {
    CRITICAL: 'critical',
    HIGH: 'high',
    Important: 'high',
    MODERATE: 'medium',
    medium: 'medium',
    LOW: 'low',
    negligible: 'low',
    unimportant: 'low',
    'high**': 'high',
    'low*': 'low',
  };
  for (const [word, level] of Object.entries(words)) assert.equal(levelOfWord(word), level, word);
  for (const word of ['not yet assigned', 'end-of-life', 'untriaged', 'fixed', '', 'constructor'])
    assert.equal(levelOfWord(word), undefined, word);
});

test('findings are sorted worst first: malware, exploited, severity, EPSS, id; KEV and EPSS are found by CVE', () => {
  const record = (id: string, rating: string, aliases: readonly string[] = []) =>
    osv(
      id,
      { ecosystem: 'npm', name: 'a', events: below('2.0.0') },
      { aliases, database_specific: { severity: rating } },
    );
  const records = [
    record('GHSA-1', 'LOW', ['CVE-2024-0001']),
    record('GHSA-2', 'CRITICAL', ['CVE-2024-0002']),
    record('GHSA-3', 'HIGH', ['CVE-2024-0003']),
    record('GHSA-4', 'HIGH', ['CVE-2024-0004']),
    record('GHSA-5', 'whatever', ['CVE-2024-0005']),
    record('GHSA-6', 'MODERATE', ['CVE-2024-0006']),
    record('MAL-2024-1', 'LOW'),
  ];
  const kev = { 'CVE-2024-0001': { since: '2024-01-02', due: '2024-01-23', ransomware: true } };
  const epss = { 'CVE-2024-0004': { score: 0.9, percentile: 0.99 }, 'CVE-2024-0003': { score: 0.1, percentile: 0.5 } };
  const { findings } = match([{ type: 'npm', name: 'a', version: '1.0.0' }], records, undefined, {
    ubuntuPro: false,
    kev,
    epss,
  });
  assert.deepEqual(
    findings.map(({ id }) => id),
    [
      'MAL-2024-1',
      'CVE-2024-0001',
      'CVE-2024-0002',
      'CVE-2024-0004',
      'CVE-2024-0003',
      'CVE-2024-0005',
      'CVE-2024-0006',
    ],
  );
  assert.deepEqual(findings[1]?.exploited, kev['CVE-2024-0001']);
  assert.deepEqual(findings[3]?.epss, epss['CVE-2024-0004']);
  assert.equal(findings[2]?.exploited, undefined);
});

test('what several advisories say of one vulnerability is the best vector, else the worst word of any scale', () => {
  const said = (advisory: string, severity: readonly { type: string; score: string }[], rating?: string) => ({
    advisory,
    severity,
    rating,
  });
  const ubuntu = said('UBUNTU-CVE-1', [{ type: 'Ubuntu', score: 'medium' }]);
  assert.deepEqual(severityIn([ubuntu, said('A', scores(v2, v31))]), {
    level: 'critical',
    score: 9.8,
    vector: v31,
    source: 'A',
  });
  assert.deepEqual(severityIn([said('A', [], 'LOW'), ubuntu]), { level: 'medium', source: 'UBUNTU-CVE-1' });
  assert.deepEqual(severityIn([said('A', scores('CVSS:3.1/broken'))]), { level: 'unknown' });
});
