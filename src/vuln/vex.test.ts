import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Artifact, Finding } from '../sbom/index.ts';
import { suppressionsOf } from './vex.ts';
import { readVex } from './vex-document.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const image: Artifact = {
  kind: 'image',
  reference: 'ghcr.io/acme/web:1.2',
  digest,
  indexDigest: `sha256:${'b'.repeat(64)}`,
  platform: 'linux/amd64',
  labels: {},
  layers: [],
};
const folder: Artifact = { kind: 'directory', reference: '.' };

function finding(id: string, component: string, names: readonly string[] = [id]): Finding {
  return {
    id,
    names,
    kind: 'vulnerability',
    component,
    matched: { ecosystem: 'npm', package: 'a', version: '1.0.0' },
    severity: { level: 'unknown' },
    fix: { state: 'unknown' },
    advisories: [],
  };
}

const lodash = 'pkg:npm/lodash@4.17.20';
const openssl = 'pkg:deb/debian/openssl@3.0.11-1?arch=amd64&distro=debian-12';
const findings = [
  finding('CVE-2024-0001', lodash, ['CVE-2024-0001', 'GHSA-1']),
  finding('CVE-2024-0002', lodash),
  finding('CVE-2024-0001', openssl, ['CVE-2024-0001', 'DSA-1-1']),
];

interface Statement {
  readonly [key: string]: unknown;
}

function openVex(...statements: readonly Statement[]): string {
  return JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.org/vex/1',
    author: 'Acme',
    timestamp: '2024-01-01T00:00:00.123456789Z',
    version: 1,
    statements: statements.map((statement) => ({
      vulnerability: { name: 'CVE-2024-0001' },
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
      ...statement,
    })),
  });
}

function suppressed(
  documents: string | readonly string[],
  artifact: Artifact = image,
  of = findings,
): readonly string[] {
  const statements = [documents].flat().flatMap((document) => readVex(document, 'a.vex.json'));
  return suppressionsOf(of, statements, artifact).map(({ finding: id, component }) => `${id} ${component}`);
}

const about = (id: string) => ({ products: [{ '@id': id }] });

test('rule 15: a suppression stands beside the finding, with the statement that makes it and why', () => {
  const [suppression] = suppressionsOf(findings, readVex(openVex({}, about(lodash)), 'a.vex.json'), image);
  assert.deepEqual(suppression, {
    finding: 'CVE-2024-0001',
    component: lodash,
    statement: 'https://example.org/vex/1#2',
    status: 'not_affected',
    justification: 'vulnerable_code_not_present',
  });
  assert.equal(findings.length, 3);
});

test('not_affected and fixed suppress; affected and under_investigation do not', () => {
  for (const status of ['not_affected', 'fixed'])
    assert.deepEqual(suppressed(openVex({ ...about(lodash), status })), [`CVE-2024-0001 ${lodash}`], status);
  for (const status of ['affected', 'under_investigation'])
    assert.deepEqual(suppressed(openVex({ ...about(lodash), status })), [], status);
});

test('a purl names what it states and leaves the rest open', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['pkg:npm/lodash', [lodash]],
    ['pkg:npm/lodash@4.17.20', [lodash]],
    ['pkg:npm/lodash@4.17.21', []],
    ['pkg:npm/lodash@4.17.20?arch=x', []],
    ['pkg:npm/%40types/lodash', []],
    ['pkg:pypi/lodash', []],
    ['pkg:deb/debian/openssl', [openssl]],
    ['pkg:deb/debian/openssl@3.0.11-1', [openssl]],
    ['pkg:deb/debian/openssl?distro=debian-12', [openssl]],
    ['pkg:deb/debian/openssl?distro=debian-11', []],
    ['pkg:deb/debian/openssl?distro=debian-12#crypto', []],
    ['pkg:deb/ubuntu/openssl', []],
    ['https://example.org/lodash', []],
    ['pkg:', []],
  ];
  for (const [purl, components] of cases) {
    assert.deepEqual(
      suppressed(openVex(about(purl))),
      components.map((component) => `CVE-2024-0001 ${component}`),
      purl,
    );
  }
});

test('a statement about the image holds for all of it, or for the subcomponents that it names', () => {
  const both = [`CVE-2024-0001 ${lodash}`, `CVE-2024-0001 ${openssl}`];
  const products: readonly (readonly [string, boolean])[] = [
    [`pkg:oci/web@${digest}`, true],
    [`pkg:oci/web@${encodeURIComponent(image.indexDigest ?? '')}?repository_url=ghcr.io/acme`, true],
    ['pkg:oci/web?repository_url=ghcr.io/acme/web&tag=1.2', true],
    ['pkg:oci/web?repository_url=ghcr.io/acme', true],
    ['pkg:oci/web', true],
    [`pkg:oci/web@sha256:${'c'.repeat(64)}`, false],
    ['pkg:oci/web?repository_url=docker.io/acme', false],
    ['pkg:oci/web?tag=1.3', false],
    ['pkg:oci/other', false],
  ];
  for (const [id, holds] of products) {
    assert.deepEqual(suppressed(openVex(about(id))), holds ? both : [], id);
    const part = openVex({ products: [{ '@id': id, subcomponents: [{ '@id': 'pkg:npm/lodash' }] }] });
    assert.deepEqual(suppressed(part), holds ? both.slice(0, 1) : [], id);
  }
  assert.deepEqual(suppressed(openVex({ products: [{ hashes: { 'sha-256': 'A'.repeat(64) } }] })), both);
  assert.deepEqual(
    suppressed(openVex(about('pkg:oci/nginx?repository_url=index.docker.io/library/nginx')), {
      ...image,
      reference: 'nginx:1.25',
    }),
    both,
  );
});

test('a statement about a part of another product says nothing about this image, but something about a folder', () => {
  const document = openVex({ products: [{ '@id': 'pkg:npm/shop@1.0.0', subcomponents: [{ '@id': lodash }] }] });
  assert.deepEqual(suppressed(document), []);
  assert.deepEqual(suppressed(document, folder), [`CVE-2024-0001 ${lodash}`]);
  assert.deepEqual(suppressed(openVex({})), []);
});

test('any name of the vulnerability will do, but the name of an erratum does not carry over to its other CVEs', () => {
  const dsa = [
    finding('CVE-2024-0001', openssl, ['CVE-2024-0001', 'DSA-1-1']),
    finding('CVE-2024-0002', openssl, ['CVE-2024-0002', 'DSA-1-1']),
  ];
  const named = (vulnerability: unknown) => openVex({ ...about('pkg:deb/debian/openssl'), vulnerability });
  assert.deepEqual(suppressed(openVex({ ...about(lodash), vulnerability: { name: 'GHSA-1' } })), [
    `CVE-2024-0001 ${lodash}`,
  ]);
  assert.deepEqual(suppressed(named({ name: 'X-1', aliases: ['CVE-2024-0001', 'DSA-1-1'] }), image, dsa), [
    `CVE-2024-0001 ${openssl}`,
  ]);
  assert.deepEqual(suppressed(named({ name: 'DSA-1-1' }), image, dsa), [
    `CVE-2024-0001 ${openssl}`,
    `CVE-2024-0002 ${openssl}`,
  ]);
  assert.deepEqual(suppressed(named({ name: 'CVE-2024-0003' }), image, dsa), []);
});

test('the latest statement counts, whatever its document and whatever it says', () => {
  const at = (timestamp: string, status: string) => openVex({ ...about(lodash), status, timestamp });
  assert.deepEqual(
    suppressed([at('2024-03-01T00:00:00Z', 'affected'), at('2024-02-01T00:00:00Z', 'not_affected')]),
    [],
  );
  assert.equal(
    suppressed([at('2024-03-01T00:00:00+02:00', 'not_affected'), at('2024-02-29T21:00:00Z', 'affected')]).length,
    1,
  );
  assert.deepEqual(
    suppressed(openVex({ ...about(lodash) }, { ...about('pkg:npm/lodash'), status: 'under_investigation' })),
    [],
  );
  assert.equal(
    suppressed(openVex({ ...about('pkg:npm/lodash'), status: 'under_investigation' }, { ...about(lodash) })).length,
    1,
  );
  const updated = openVex({
    ...about(lodash),
    timestamp: '2020-01-01T00:00:00Z',
    last_updated: '2025-01-01T00:00:00Z',
  });
  assert.equal(suppressed([updated, at('2024-03-01T00:00:00Z', 'affected')]).length, 1);
});

test('OpenVEX before v0.2.0 is understood: plain strings for products and vulnerabilities', () => {
  const document = openVex({
    vulnerability: 'CVE-2024-0001',
    products: [`pkg:oci/web@${digest}`],
    subcomponents: ['pkg:npm/lodash'],
  }).replace('/v0.2.0', '');
  assert.deepEqual(suppressed(document), [`CVE-2024-0001 ${lodash}`]);
});

function cycloneDx(vulnerability: object, rest: object = {}): string {
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:1',
    version: 1,
    components: [{ 'bom-ref': 'ref-1', type: 'library', name: 'lodash', purl: lodash }],
    vulnerabilities: [
      {
        id: 'CVE-2024-0001',
        analysis: { state: 'not_affected', justification: 'code_not_reachable' },
        affects: [{ ref: 'ref-1' }],
        ...vulnerability,
      },
    ],
    ...rest,
  });
}

test('CycloneDX: components are found by their reference in the document, in another, or by their purl', () => {
  const [suppression] = suppressionsOf(findings, readVex(cycloneDx({}), 'a.vex.json'), image);
  assert.deepEqual(suppression, {
    finding: 'CVE-2024-0001',
    component: lodash,
    statement: 'urn:uuid:1#1',
    status: 'not_affected',
    justification: 'code_not_reachable',
  });
  for (const ref of [lodash, `urn:cdx:1/1#${encodeURIComponent(lodash)}`, 'urn:cdx:1/1#ref-1']) {
    assert.equal(suppressed(cycloneDx({ affects: [{ ref }] })).length, 1, ref);
  }
  for (const ref of ['ref-2', 'urn:cdx:1/1#%E0%A4%A', openssl.replace('openssl', 'curl')])
    assert.deepEqual(suppressed(cycloneDx({ affects: [{ ref }] })), [], ref);
  assert.equal(suppressed(cycloneDx({ id: 'INTERNAL-1', references: [{ id: 'GHSA-1' }] })).length, 1);
});

test('CycloneDX: states suppress or not, versions restrict, and a vulnerability without analysis says nothing', () => {
  const states = {
    resolved: 1,
    resolved_with_pedigree: 1,
    false_positive: 1,
    not_affected: 1,
    exploitable: 0,
    in_triage: 0,
  };
  for (const [state, count] of Object.entries(states))
    assert.equal(suppressed(cycloneDx({ analysis: { state } })).length, count, state);
  assert.deepEqual(suppressed(cycloneDx({ analysis: undefined })), []);
  assert.equal(suppressed(cycloneDx({ affects: [{ ref: 'ref-1', versions: [{ version: '4.17.20' }] }] })).length, 1);
  assert.deepEqual(suppressed(cycloneDx({ affects: [{ ref: 'ref-1', versions: [{ version: '4.17.21' }] }] })), []);
});

test('CycloneDX: what a document about one image says holds for that image', () => {
  const of = (purl: string) =>
    cycloneDx({}, { metadata: { component: { 'bom-ref': 'root', type: 'container', name: 'web', purl } } });
  assert.equal(suppressed(of(`pkg:oci/web@${digest}`)).length, 1);
  assert.deepEqual(suppressed(of(`pkg:oci/web@sha256:${'c'.repeat(64)}`)), []);
});

test('what is not a VEX document is refused with the place that is wrong', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /JSON/],
    ['[]', /^a\.vex\.json is not a VEX document .*neither/],
    ['{}', /@context.*bomFormat/],
    ['{"@context":"https://example.org"}', /@context/],
    [openVex({ status: 'harmless' }), /statements\.0\.status/],
    [openVex({ justification: undefined }), /statements\.0.*without a justification/],
    [openVex({ timestamp: 'yesterday' }), /timestamp.*not a date/],
    [cycloneDx({ analysis: { state: 'fine' } }), /vulnerabilities\.0\.analysis\.state/],
    [`"${'x'.repeat(limits.vexBytes)}"`, /larger than/],
  ];
  for (const [document, message] of cases) {
    assert.throws(
      () => readVex(document, 'a.vex.json'),
      (thrown) => thrown instanceof PlimsollError && thrown.code === 'vuln/bad-vex' && message.test(thrown.message),
      document.slice(0, 80),
    );
  }
});

test('any JSON is statements or a PlimsollError', () => {
  const json = fc.oneof(
    fc.json(),
    fc
      .record({
        '@context': fc.constant('https://openvex.dev/ns'),
        '@id': fc.string(),
        timestamp: fc.constant('2024-01-01T00:00:00Z'),
        statements: fc.array(fc.jsonValue()),
      })
      .map((value) => JSON.stringify(value)),
    fc
      .record({ bomFormat: fc.constant('CycloneDX'), vulnerabilities: fc.jsonValue(), metadata: fc.jsonValue() })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(json, (document) => {
      try {
        suppressionsOf(findings, readVex(document, 'a.vex.json'), image);
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError);
      }
    }),
  );
});
