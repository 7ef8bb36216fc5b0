/** For tests of what reports look like: a small image with something of everything, looks, and arbitrary evidence. */
import fc from 'fast-check';
import { component, evidence, finding } from '../../policy/testing.ts';
import type { Component, Evidence, Finding, Unknown } from '../../sbom/index.ts';
import { severityLevels } from '../../sbom/index.ts';
import type { Looks } from './layout.ts';

/** Without colours. `undefined`: a pipe. */
export function plain(width: number | undefined): Looks {
  return { width, paint: (_, text) => text };
}

/** With styles as tags, so that a test can read them. */
export function tagged(width: number): Looks {
  return { width, paint: (style, text) => `<${style}>${text}</${style}>` };
}

const libssl: Component = component({
  id: 'pkg:deb/debian/libssl3@3.0.11-1?upstream=openssl',
  type: 'deb',
  name: 'libssl3',
  version: '3.0.11-1',
  source: { name: 'openssl' },
  locations: [{ path: 'var/lib/dpkg/status', layer: 0 }],
  foundBy: 'dpkg',
});
const openssl: Component = { ...libssl, id: 'pkg:deb/debian/openssl@3.0.11-1', name: 'openssl' };
const matched = { ecosystem: 'Debian:12', package: 'openssl', version: '3.0.11-1' };

const leak = finding({
  id: 'CVE-2024-0001',
  component: libssl.id,
  matched,
  summary: 'Reads beyond the end of a buffer',
  severity: { level: 'critical', score: 9.8, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'Debian' },
  fix: { state: 'fixed', version: '3.0.14-1' },
  exploited: { since: '2024-02-01', ransomware: false },
  epss: { score: 0.943, percentile: 0.999 },
  advisories: [{ id: 'DSA-0001-1', url: 'https://example.org/DSA-0001-1' }],
});
const slow = finding({
  id: 'CVE-2024-0002',
  component: libssl.id,
  matched,
  severity: { level: 'medium', score: 5.3 },
  fix: { state: 'not-fixed' },
});

/** Two binary packages of one source, an npm package at two places, and something that could not be read. */
export const sample: Evidence = {
  ...evidence({
    components: [
      libssl,
      openssl,
      component({
        locations: [
          { path: 'app/node_modules/lodash/package.json', layer: 1 },
          { path: 'app/node_modules/tool/node_modules/lodash/package.json', layer: 1 },
        ],
      }),
    ],
    findings: [
      leak,
      { ...leak, component: openssl.id },
      finding({ summary: 'Command injection in templates' }),
      slow,
      { ...slow, component: openssl.id },
    ],
    unknown: [
      { kind: 'unread-file', path: 'app/yarn.lock', layer: 1, cataloger: 'yarn', reason: 'line 3 is no entry' },
      { kind: 'no-advisories', ecosystem: 'Hex', components: 2, reason: 'The data has nothing about Hex.' },
    ],
  }),
  distro: { id: 'debian', versionId: '12', idLike: [], name: 'Debian GNU/Linux' },
};

/** Nothing is in it. */
export const empty: Evidence = evidence({ components: [] });

/** Text as it may come from outside: any characters, escape sequences, markup, wide and combining ones. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom(
    '\u001b[2J\u001b[31mred',
    '\u202eexe.gnp',
    '::error::stop',
    '##vso[task.setvariable]x',
    '日本語のとても長い名前'.repeat(20),
    '|`<img src=x onerror=alert(1)>`|\n# [click](javascript:alert(1)) @someone #1',
    '%0Aset %s {0} [1](2) \\',
    'x'.repeat(3_000),
    '❤\ufe0f\ufe0f👩‍👩‍👧‍👦',
    '\ud800 alone',
    '',
  ),
);

const hostilePath = fc.tuple(fc.constantFrom('', '/', '../', 'a.war!/'), hostileText).map((parts) => parts.join(''));
const layer = fc.option(fc.nat(1), { nil: undefined });

const unknownThing: fc.Arbitrary<Unknown> = fc.oneof(
  fc.record({
    kind: fc.constant('unread-file' as const),
    path: hostilePath,
    layer,
    cataloger: hostileText,
    reason: hostileText,
  }),
  fc.record({ kind: fc.constant('unread-layer' as const), layer: fc.nat(3), reason: hostileText }),
  fc.record({ kind: fc.constant('no-version' as const), component: hostileText, reason: hostileText }),
);

const arbitraryFinding = fc
  .record({
    id: fc.oneof(fc.constantFrom('CVE-2024-1', 'CVE-2024-2', 'CVE-2024-3'), hostileText),
    kind: fc.constantFrom('vulnerability' as const, 'malware' as const, 'unmaintained' as const),
    level: fc.constantFrom(...severityLevels),
    score: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
    summary: fc.option(hostileText, { nil: undefined }),
    fix: fc.oneof(
      fc.record({
        state: fc.constant('fixed' as const),
        version: fc.oneof(fc.constantFrom('1.2.3', '2.0.0'), hostileText),
      }),
      fc.constant({ state: 'not-fixed' as const }),
      fc.record({ state: fc.constant('wont-fix' as const), reason: hostileText }),
      fc.constant({ state: 'unknown' as const }),
    ),
    exploited: fc.option(fc.constant({ since: '2024-01-01', ransomware: true }), { nil: undefined }),
    epss: fc.option(fc.constant({ score: 0.5, percentile: 0.9 }), { nil: undefined }),
    advisories: fc.array(fc.record({ id: hostileText, url: fc.oneof(hostileText, fc.webUrl()) }), { maxLength: 2 }),
  })
  .map(({ level, score, ...fields }) => (of: Component): Finding => {
    const { id, name, version = '' } = of;
    const matchedPackage = { ecosystem: 'npm', package: of.source?.name ?? name, version };
    return finding({
      ...fields,
      names: [fields.id],
      severity: { level, score },
      component: id,
      matched: matchedPackage,
    });
  });

const arbitraryComponent = fc.record({
  type: fc.constantFrom('deb' as const, 'npm' as const, 'maven' as const),
  name: hostileText,
  version: fc.option(hostileText, { nil: undefined }),
  source: fc.option(fc.record({ name: hostileText }), { nil: undefined }),
  locations: fc.array(fc.record({ path: hostilePath, layer }), { maxLength: 3 }),
  licenses: fc.array(hostileText, { maxLength: 2 }),
});

/** Evidence of any size and content that the types allow. */
export const arbitraryEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    reference: hostileText,
    instruction: fc.option(hostileText, { nil: undefined }),
    packages: fc.array(fc.tuple(arbitraryComponent, fc.array(arbitraryFinding, { maxLength: 5 })), { maxLength: 8 }),
    unknown: fc.array(unknownThing, { maxLength: 4 }),
    kind: fc.constantFrom('image' as const, 'directory' as const),
  })
  .map(({ reference, instruction, packages, unknown, kind }) => {
    const components = packages.map(([fields], index) => component({ ...fields, id: `pkg:generic/c${index}` }));
    const findings = packages.flatMap(([, make], index) => {
      const of = components[index];
      return of === undefined ? [] : make.map((build) => build(of));
    });
    const base = evidence({ components, findings, unknown });
    const layers = [0, 1].map((number) => ({ digest: `sha256:${number}`, size: 1, createdBy: instruction }));
    return {
      ...base,
      artifact:
        kind === 'image'
          ? { kind, reference, digest: 'sha256:abc', platform: 'linux/amd64', labels: {}, layers }
          : { kind, reference },
    };
  });
