import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Distro } from '../sbom/index.ts';
import { assertMatches, below, type Given, match, osv } from './testing.ts';

const alma8: Distro = { id: 'almalinux', versionId: '8.9', idLike: ['rhel'], name: 'AlmaLinux' };

test('rule 3: a modular package matches advisories for its own stream only, and others none for modules', () => {
  const errata = (id: string, title: string, fixed: string) =>
    osv(
      id,
      { ecosystem: 'AlmaLinux:8', name: 'nodejs', events: below(fixed) },
      { related: [id.replace('ALSA-2024:', 'CVE-2024-000')], summary: title },
    );
  const records = [
    errata('ALSA-2024:1', 'Important: nodejs:12 security update', '1:12.22.5-1.module_el8.4.0+2521+c668cc9f'),
    errata('ALSA-2024:2', 'Moderate: nodejs:18 security update', '1:18.9.1-1.module_el8.7.0+3343+ea2b7901'),
    errata('ALSA-2024:3', 'Moderate: nodejs security update', '1:20.1.0-1.el8'),
  ];
  const build = '12.20.1-1.module_el8.4.0+2521+c668cc9f';
  const stream12: Given = {
    type: 'rpm',
    name: 'nodejs',
    version: `1:${build}`,
    module: 'nodejs:12:8040020210817140113:522a0ee4',
  };
  assertMatches(match([stream12], records, alma8), [`nodejs@1:${build} CVE-2024-0001`]);
  const stream18: Given = {
    ...stream12,
    version: '1:18.9.1-1.module_el8.7.0+3343+ea2b7901',
    module: 'nodejs:18:8070020221009220316:bd1311ed',
  };
  assertMatches(match([stream18], records, alma8), []);
  assertMatches(match([{ type: 'rpm', name: 'nodejs', version: '1:10.0.0-1.el8' }], records, alma8), [
    'nodejs@1:10.0.0-1.el8 CVE-2024-0003',
  ]);
  const withoutLabel = match([{ type: 'rpm', name: 'nodejs', version: `1:${build}` }], records, alma8);
  assertMatches(withoutLabel, [], [`pkg:rpm/almalinux/nodejs@${build}?distro=almalinux-8.9&epoch=1`]);
});

test('rule 3: a stream in the purl of the advisory decides too; one that is not stated is unknown', () => {
  const fixed = '6.0.13-1.module_el8+1+a';
  const stated = osv(
    'ALSA-2024:1',
    {
      ecosystem: 'AlmaLinux:8',
      name: 'varnish',
      events: below(fixed),
      purl: 'pkg:rpm/almalinux/varnish?rpmmod=varnish%3A6',
    },
    { related: ['CVE-2024-0001'] },
  );
  const unstated = osv(
    'ALSA-2024:2',
    { ecosystem: 'AlmaLinux:8', name: 'varnish', events: below(fixed) },
    { related: ['CVE-2024-0002'], summary: 'Important: varnish security update' },
  );
  const varnish: Given = { type: 'rpm', name: 'varnish', version: '6.0.8-1.module_el8+1+a', module: 'varnish:6:1:a' };
  assertMatches(match([varnish], [stated], alma8), ['varnish@6.0.8-1.module_el8+1+a CVE-2024-0001']);
  assertMatches(match([{ ...varnish, module: 'varnish:7:1:a' }], [stated], alma8), []);
  assert.match(JSON.stringify(match([varnish], [unstated], alma8).unknown), /ALSA-2024:2.*module stream/);
  // Whichever stream is meant: this version is not before the fix.
  assertMatches(match([{ ...varnish, version: fixed }], [unstated], alma8), []);
});

test('rule 3: an advisory for several streams is about each of them, and its own name in the title is none', () => {
  const errata = (title: string) =>
    osv(
      'ALSA-2024:1',
      { ecosystem: 'AlmaLinux:8', name: 'ipa-client', events: below('4.9.2-4.module_el8+1+a') },
      { related: ['CVE-2024-0001'], summary: title },
    );
  const client: Given = {
    type: 'rpm',
    name: 'ipa-client',
    version: '4.9.2-3.module_el8+1+a',
    module: 'idm:client:8040020210817140113:522a0ee4',
  };
  const found = ['ipa-client@4.9.2-3.module_el8+1+a CVE-2024-0001'];
  for (const title of [
    'Moderate: idm:DL1 and idm:client security, bug fix, and enhancement update',
    'Moderate: idm:client, idm:DL1 security update',
    'ALSA-2024:1: idm:client security update (Important)',
  ]) {
    assertMatches(match([client], [errata(title)], alma8), found);
    assertMatches(match([{ ...client, module: 'idm:other:1:a' }], [errata(title)], alma8), []);
  }
});
