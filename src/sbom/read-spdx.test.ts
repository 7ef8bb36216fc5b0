import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSbom } from './read.ts';

const read = (document: object) =>
  readSbom(Buffer.from(JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', ...document })), 'f.json');
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const purl = (referenceLocator: string, referenceCategory = 'PACKAGE-MANAGER') => [
  { referenceCategory, referenceType: 'purl', referenceLocator },
];
const related = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string, comment?: string) => ({
  spdxElementId,
  relationshipType,
  relatedSpdxElement,
  comment,
});

test('Syft: the image is the subject, packages have their places, owners and needs', () => {
  const { artifact, components, distro } = read({
    name: 'debian',
    creationInfo: { creators: ['Organization: Anchore, Inc', 'Tool: syft-1.18.0'] },
    packages: [
      {
        SPDXID: 'SPDXRef-Package-deb-python3',
        name: 'python3',
        versionInfo: '3.11.2-1',
        supplier: 'NOASSERTION',
        originator: 'Person: Matthias Klose (doko@debian.org)',
        sourceInfo: 'acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/python3/copyright',
        licenseConcluded: 'NOASSERTION',
        licenseDeclared: 'Apache-2.0 AND LicenseRef-PSF AND (MIT OR ISC)',
        externalRefs: [
          { referenceCategory: 'SECURITY', referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:python:python3' },
          ...purl('pkg:deb/debian/python3@3.11.2-1?arch=amd64&distro=debian-12&upstream=python3-defaults'),
        ],
      },
      {
        SPDXID: 'SPDXRef-Package-python-six',
        name: 'six',
        versionInfo: '1.16.0',
        licenseDeclared: 'NONE',
        checksums: [{ algorithm: 'SHA256', checksumValue: 'a'.repeat(64) }],
        externalRefs: purl('pkg:pypi/six@1.16.0'),
      },
      {
        SPDXID: 'SPDXRef-DocumentRoot-Image-debian',
        name: 'debian',
        versionInfo: '12',
        primaryPackagePurpose: 'CONTAINER',
      },
    ],
    hasExtractedLicensingInfos: [{ licenseId: 'LicenseRef-PSF', extractedText: 'PSF', name: 'PSF' }],
    relationships: [
      related('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-DocumentRoot-Image-debian'),
      related('SPDXRef-DocumentRoot-Image-debian', 'CONTAINS', 'SPDXRef-Package-python-six'),
      related('SPDXRef-Package-deb-python3', 'DEPENDENCY_OF', 'SPDXRef-Package-python-six'),
      related(
        'SPDXRef-Package-deb-python3',
        'OTHER',
        'SPDXRef-Package-python-six',
        'ownership-by-file-overlap: indicates that the parent package claims ownership of a child package',
      ),
    ],
  });
  const python = 'pkg:deb/debian/python3@3.11.2-1?arch=amd64&distro=debian-12&upstream=python3-defaults';
  assert.deepEqual(plain(components), [
    {
      id: python,
      type: 'deb',
      name: 'python3',
      version: '3.11.2-1',
      source: { name: 'python3-defaults' },
      architecture: 'amd64',
      licenses: ['Apache-2.0', 'MIT OR ISC', 'PSF'],
      supplier: 'Matthias Klose <doko@debian.org>',
      hashes: [],
      locations: [{ path: 'usr/share/doc/python3/copyright' }, { path: 'var/lib/dpkg/status' }],
      dependsOn: [],
      foundBy: 'syft',
    },
    {
      id: 'pkg:pypi/six@1.16.0',
      type: 'pypi',
      name: 'six',
      version: '1.16.0',
      licenses: [],
      hashes: [{ algorithm: 'SHA-256', value: 'a'.repeat(64) }],
      locations: [],
      dependsOn: [python],
      ownedBy: python,
      foundBy: 'syft',
    },
  ]);
  assert.equal(distro?.versionId, '12');
  assert.equal(artifact.kind === 'sbom' && artifact.subject, 'debian@12');
});

test('Trivy: the operating system, lock files that are no packages, source packages', () => {
  const { components, distro } = read({
    creationInfo: { creators: ['Organization: aquasecurity', 'Tool: trivy-0.58.0'] },
    packages: [
      { SPDXID: 'SPDXRef-Application-1', name: 'app/package-lock.json', primaryPackagePurpose: 'APPLICATION' },
      { SPDXID: 'SPDXRef-ContainerImage-1', name: 'alpine:3.15', primaryPackagePurpose: 'CONTAINER' },
      { SPDXID: 'SPDXRef-OperatingSystem-1', name: 'alpine', versionInfo: '3.15.11', downloadLocation: 'NONE' },
      {
        SPDXID: 'SPDXRef-Package-1',
        name: 'libssl1.1',
        versionInfo: '1.1.1w-r1',
        supplier: 'NOASSERTION',
        sourceInfo: 'built package from: openssl 1.1.1w-r1',
        licenseDeclared: 'NOASSERTION',
        licenseConcluded: 'OpenSSL',
        externalRefs: purl('pkg:apk/alpine/libssl1.1@1.1.1w-r1?arch=x86_64&distro=3.15.11'),
      },
    ],
    relationships: [related('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-ContainerImage-1')],
  });
  assert.deepEqual(plain(distro), { id: 'alpine', versionId: '3.15.11', idLike: [], name: 'alpine' });
  assert.equal(components.length, 1);
  const [libssl] = components;
  assert.deepEqual(libssl?.source, { name: 'openssl', version: '1.1.1w-r1' });
  assert.deepEqual(libssl?.licenses, ['OpenSSL']);
  assert.equal(libssl?.supplier, undefined);
});

test('GitHub: its export, with the prefixes and ranges of names and versions', () => {
  const { artifact, components } = read({
    name: 'com.github.owner/repository',
    packages: [
      {
        SPDXID: 'SPDXRef-1',
        name: 'com.github.owner/repository',
        versionInfo: 'main',
        externalRefs: purl('pkg:github/owner/repository@main'),
      },
      {
        SPDXID: 'SPDXRef-2',
        name: 'npm:JSONStream',
        versionInfo: '1.3.5',
        externalRefs: purl('pkg:npm/JSONStream@1.3.5'),
      },
      { SPDXID: 'SPDXRef-3', name: 'pip:requests', versionInfo: '>= 2.0', externalRefs: purl('pkg:pypi/requests') },
      {
        SPDXID: 'SPDXRef-4',
        name: 'actions/checkout',
        versionInfo: '4.*.*',
        externalRefs: purl('pkg:githubactions/actions/checkout@4.%2A.%2A'),
      },
    ],
    relationships: [
      related('SPDXRef-DOCUMENT', 'DESCRIBES', 'SPDXRef-1'),
      related('SPDXRef-1', 'DEPENDS_ON', 'SPDXRef-2'),
    ],
  });
  assert.equal(artifact.kind === 'sbom' && artifact.subject, 'com.github.owner/repository@main');
  assert.deepEqual(
    components.map(({ type, name, version }) => [type, name, version]),
    [
      ['generic', 'actions/checkout', undefined],
      ['npm', 'JSONStream', '1.3.5'],
      ['pypi', 'requests', undefined],
    ],
  );
});

test('relationships are read in their direction, and what is only for development is so', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const { components } = read({
    packages: names.map((name) => ({ SPDXID: `SPDXRef-${name}`, name, externalRefs: purl(`pkg:npm/${name}@1`) })),
    relationships: [
      related('SPDXRef-a', 'DEPENDS_ON', 'SPDXRef-b'),
      related('SPDXRef-c', 'DEPENDENCY_OF', 'SPDXRef-a'),
      related('SPDXRef-d', 'DEV_DEPENDENCY_OF', 'SPDXRef-a'),
      related('SPDXRef-e', 'TEST_DEPENDENCY_OF', 'SPDXRef-a'),
      related('SPDXRef-e', 'DEPENDENCY_OF', 'SPDXRef-b'),
      related('SPDXRef-f', 'OPTIONAL_DEPENDENCY_OF', 'SPDXRef-b'),
      related('SPDXRef-a', 'CONTAINS', 'SPDXRef-f'),
    ],
  });
  assert.deepEqual(
    components.map(({ name, dependsOn, scope }) => [name, dependsOn.map((id) => id.slice(8, 9)).join(''), scope]),
    [
      ['a', 'bcde', undefined],
      ['b', 'ef', undefined],
      ['c', '', undefined],
      ['d', '', 'development'],
      ['e', '', undefined],
      ['f', '', 'optional'],
    ],
  );
});

test('several described packages are components; one alone is too, unless it stands for an image or a repository', () => {
  const ids = (packages: readonly object[], documentDescribes: readonly string[]) =>
    read({ packages, documentDescribes }).components.map(({ id }) => id);
  const a = { SPDXID: 'SPDXRef-a', name: 'a', externalRefs: purl('pkg:npm/a@1') };
  const b = { SPDXID: 'SPDXRef-b', name: 'b', externalRefs: purl('pkg:npm/b@1', 'PACKAGE_MANAGER') };
  assert.deepEqual(ids([a, b], ['SPDXRef-a', 'SPDXRef-b']), ['pkg:npm/a@1', 'pkg:npm/b@1']);
  assert.deepEqual(ids([a, b], ['SPDXRef-a']), ['pkg:npm/b@1']);
  assert.deepEqual(ids([a], ['SPDXRef-a']), ['pkg:npm/a@1']);
  const image = { SPDXID: 'SPDXRef-i', name: 'i', externalRefs: purl('pkg:oci/i@sha256:1') };
  assert.deepEqual(ids([image], ['SPDXRef-i']), []);
  assert.deepEqual(ids([a, b], []), ['pkg:npm/a@1', 'pkg:npm/b@1']);
});

test('packages without a purl are kept, files are not packages', () => {
  const { components } = read({
    packages: [
      { SPDXID: 'SPDXRef-a', name: 'widget', versionInfo: '1.0', supplier: 'Organization: Acme' },
      { SPDXID: 'SPDXRef-b', name: 'readme', primaryPackagePurpose: 'FILE' },
      { SPDXID: 'SPDXRef-c', name: 'broken', externalRefs: purl('not a purl') },
    ],
  });
  assert.deepEqual(
    components.map(({ id, supplier }) => [id, supplier]),
    [
      ['pkg:generic/broken', undefined],
      ['pkg:generic/widget@1.0', 'Acme'],
    ],
  );
});

test("annotations of other tools, and broken ones in Plimsoll's name, are passed over", () => {
  const annotations = ['PkgID: a@1', 'plimsoll: {', 'plimsoll: {"foundBy": 7}', 'plimsoll: null'].map((comment) => ({
    comment,
  }));
  const { components, unknown } = read({ packages: [{ SPDXID: 'SPDXRef-a', name: 'a', annotations }], annotations });
  assert.equal(components.length, 1);
  assert.deepEqual(unknown, []);
});

test('what stands in the place of packages is not taken for no packages', () => {
  for (const packages of ['all of them', { name: 'a' }, [null]]) assert.equal(read({ packages }).unknown.length, 1);
  for (const none of [{}, { packages: null }, { packages: [] }]) assert.deepEqual(read(none).unknown, []);
});

test('all the packages that one entry names by purl are listed, also of one that calls itself a system', () => {
  const ids = (entry: object) =>
    read({ packages: [{ SPDXID: 'SPDXRef-a', name: 'a', ...entry }] }).components.map(({ id }) => id);
  const externalRefs = [
    ...purl('pkg:npm/a@1'),
    ...purl('pkg:npm/b@1'),
    ...purl('pkg:npm/a@1'),
    ...purl('pkg:generic/a'),
  ];
  assert.deepEqual(ids({ externalRefs }), ['pkg:npm/a@1', 'pkg:npm/b@1']);
  const primaryPackagePurpose = 'OPERATING_SYSTEM';
  assert.deepEqual(ids({ externalRefs, primaryPackagePurpose }), ['pkg:npm/a@1', 'pkg:npm/b@1']);
  assert.deepEqual(ids({ externalRefs: purl('pkg:generic/a'), primaryPackagePurpose }), []);
});
