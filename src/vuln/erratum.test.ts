import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Distro } from '../sbom/index.ts';
import { assertMatches, below, type Given, match, onlyFinding, osv } from './testing.ts';

const alma8: Distro = { id: 'almalinux', versionId: '8.9', idLike: ['rhel'], name: 'AlmaLinux' };
const rocky8: Distro = { id: 'rocky', versionId: '8.9', idLike: ['rhel'], name: 'Rocky Linux' };

const builds = ['2:8.0-16.el8_5.13', '2:8.0-16.el8', '2:8.0-16.el8.alma'];
const erratum = (ecosystem: string) =>
  osv(
    'ALSA-2021:1',
    builds.map((build) => ({ ecosystem, name: 'vim', events: below(build) })),
    { related: ['CVE-2021-0001'], summary: 'Moderate: vim security update' },
  );
const vim = (version: string): Given => ({ type: 'rpm', name: 'vim', version });

test('rule 5: a build that an erratum of AlmaLinux brought is not affected, though the erratum lists later builds too', () => {
  const records = [erratum('AlmaLinux:8')];
  for (const build of builds) assertMatches(match([vim(build)], records, alma8), []);
  assertMatches(match([vim('2:8.0-15.el8')], records, alma8), ['vim@2:8.0-15.el8 CVE-2021-0001']);
  assert.deepEqual(onlyFinding(match([vim('2:8.0-15.el8')], records, alma8)).fix, {
    state: 'fixed',
    version: '2:8.0-16.el8',
    since: undefined,
  });
});

test('rule 5: where another feed has several entries, any of them counts, and so do those without a fix', () => {
  const others = [
    osv(
      'RLSA-2021:1',
      builds.map((build) => ({ ecosystem: 'Rocky Linux:8', name: 'vim', events: below(build) })),
    ),
  ];
  assertMatches(match([vim('2:8.0-16.el8')], others, rocky8), ['vim@2:8.0-16.el8 RLSA-2021:1']);
  const unfixed = osv('ALSA-2021:2', [
    { ecosystem: 'AlmaLinux:8', name: 'vim', events: below('2:8.0-1.el8') },
    { ecosystem: 'AlmaLinux:8', name: 'vim', events: [{ introduced: '0' }] },
  ]);
  assertMatches(match([vim('2:8.0-16.el8')], [unfixed], alma8), ['vim@2:8.0-16.el8 ALSA-2021:2']);
});
