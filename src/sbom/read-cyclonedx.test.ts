import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSbom } from './read.ts';
import { distroOf } from './read-distro.ts';

const read = (document: object) =>
  readSbom(Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...document })), 'file.json');
const properties = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
/** Without the members that are not stated. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('Syft: distribution, source packages, epochs, places and makers of an image', () => {
  const { artifact, distro, components } = read({
    metadata: {
      tools: { components: [{ type: 'application', author: 'anchore', name: 'syft', version: '1.18.0' }] },
      component: { 'bom-ref': 'r', type: 'container', name: 'debian', version: 'sha256:1' },
    },
    components: [
      {
        'bom-ref': 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&package-id=1&upstream=openssl',
        type: 'library',
        publisher: 'Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>',
        name: 'libssl3',
        version: '3.0.11-1~deb12u2',
        licenses: [{ license: { id: 'Apache-2.0' } }, { license: { name: 'GPL-1+' } }],
        purl: 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
        externalReferences: [{ url: 'https://www.openssl.org/', type: 'website' }],
        properties: properties({
          'syft:package:foundBy': 'dpkg-db-cataloger',
          'syft:package:type': 'deb',
          'syft:location:0:layerID': 'sha256:2',
          'syft:location:0:path': '/var/lib/dpkg/status',
          'syft:location:1:path': '/usr/share/doc/libssl3/copyright',
          'syft:metadata:source': 'openssl',
        }),
      },
      {
        'bom-ref': 'go',
        type: 'library',
        name: 'github.com/Azure/azure-sdk-for-go/sdk/azcore',
        version: 'v1.0.0',
        purl: 'pkg:golang/github.com/Azure/azure-sdk-for-go@v1.0.0#sdk/azcore',
      },
      {
        'bom-ref': 'os:debian@12',
        type: 'operating-system',
        name: 'debian',
        version: '12',
        description: 'Debian GNU/Linux 12 (bookworm)',
        properties: properties({
          'syft:distro:id': 'debian',
          'syft:distro:versionCodename': 'bookworm',
          'syft:distro:versionID': '12',
        }),
      },
      { 'bom-ref': 'f', type: 'file', name: '/etc/passwd', hashes: [{ alg: 'SHA-1', content: 'a'.repeat(40) }] },
    ],
    dependencies: [
      {
        ref: 'go',
        dependsOn: [
          'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&package-id=1&upstream=openssl',
          'f',
        ],
      },
    ],
  });
  const libssl = 'pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl';
  assert.deepEqual(plain(components), [
    {
      id: libssl,
      type: 'deb',
      name: 'libssl3',
      version: '3.0.11-1~deb12u2',
      source: { name: 'openssl' },
      architecture: 'amd64',
      licenses: ['Apache-2.0', 'GPL-1+'],
      supplier: 'Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>',
      homepage: 'https://www.openssl.org/',
      hashes: [],
      locations: [{ path: 'usr/share/doc/libssl3/copyright' }, { path: 'var/lib/dpkg/status' }],
      dependsOn: [],
      foundBy: 'dpkg-db-cataloger',
    },
    {
      id: 'pkg:golang/github.com/Azure/azure-sdk-for-go@v1.0.0#sdk/azcore',
      type: 'golang',
      name: 'github.com/Azure/azure-sdk-for-go/sdk/azcore',
      version: 'v1.0.0',
      licenses: [],
      hashes: [],
      locations: [],
      dependsOn: [libssl],
      foundBy: 'syft',
    },
  ]);
  assert.deepEqual(plain(distro), {
    id: 'debian',
    versionId: '12',
    codename: 'bookworm',
    idLike: [],
    name: 'Debian GNU/Linux 12 (bookworm)',
  });
  assert.equal(artifact.kind === 'sbom' && artifact.subject, 'debian@sha256:1');
});

test('Syft: origins of Alpine packages and source rpms are the source', () => {
  const { components } = read({
    components: [
      {
        name: 'libssl3',
        purl: 'pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1',
        properties: properties({ 'syft:metadata:originPackage': 'openssl' }),
      },
      {
        name: 'openssl-libs',
        version: '1:3.0.7-24.el9',
        purl: 'pkg:rpm/rocky/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=rocky-9.3&epoch=1&upstream=openssl-3.0.7-24.el9.src.rpm',
      },
      {
        name: 'nodejs',
        purl: 'pkg:rpm/redhat/nodejs@12-2.el8?arch=x86_64&distro=rhel-8.4',
        properties: properties({
          'syft:metadata:sourceRpm': 'node-js-12-2.el8.src.rpm',
          'syft:metadata:modularityLabel': 'nodejs:12:8030020201124152102:229f0a1c',
        }),
      },
    ],
  });
  const named = (name: string) => plain(components).find((each: { name: string }) => each.name === name);
  assert.deepEqual(named('libssl3').source, { name: 'openssl' });
  assert.deepEqual(named('openssl-libs').source, { name: 'openssl', version: '3.0.7-24.el9' });
  assert.equal(named('openssl-libs').version, '1:3.0.7-24.el9');
  assert.deepEqual(named('nodejs').source, { name: 'node-js', version: '12-2.el8' });
  assert.equal(named('nodejs').module, 'nodejs:12:8030020201124152102:229f0a1c');
});

test('Trivy: source versions with epoch and release, lock files as places, its names of distributions', () => {
  const { components, distro } = read({
    metadata: {
      tools: { components: [{ type: 'application', group: 'aquasecurity', name: 'trivy', version: '0.58.0' }] },
      component: { 'bom-ref': 'root', type: 'container', name: 'registry.access.redhat.com/ubi8' },
    },
    components: [
      {
        'bom-ref': 'os',
        type: 'operating-system',
        name: 'redhat',
        version: '8.9',
        properties: properties({ 'aquasecurity:trivy:Class': 'os-pkgs', 'aquasecurity:trivy:Type': 'redhat' }),
      },
      {
        'bom-ref': 'lock',
        type: 'application',
        name: 'app/package-lock.json',
        properties: properties({ 'aquasecurity:trivy:Class': 'lang-pkgs', 'aquasecurity:trivy:Type': 'npm' }),
      },
      {
        'bom-ref': 'pkg:rpm/redhat/bind-libs@9.11.36-11.el8?arch=x86_64&distro=redhat-8.9&epoch=32',
        type: 'library',
        supplier: { name: 'Red Hat, Inc.' },
        name: 'bind-libs',
        version: '32:9.11.36-11.el8',
        purl: 'pkg:rpm/redhat/bind-libs@9.11.36-11.el8?arch=x86_64&distro=redhat-8.9&epoch=32',
        hashes: [{ alg: 'MD5', content: 'A'.repeat(32) }],
        properties: properties({
          'aquasecurity:trivy:SrcName': 'bind',
          'aquasecurity:trivy:SrcVersion': '9.11.36',
          'aquasecurity:trivy:SrcRelease': '11.el8',
          'aquasecurity:trivy:SrcEpoch': '32',
        }),
      },
      {
        'bom-ref': 'pkg:npm/%40a/b@1.0.0',
        type: 'library',
        group: '@a',
        name: 'b',
        version: '1.0.0',
        purl: 'pkg:npm/%40a/b@1.0.0',
      },
      {
        'bom-ref': 'jar',
        type: 'library',
        group: 'org.a',
        name: 'b',
        version: '1',
        purl: 'pkg:maven/org.a/b@1',
        properties: properties({ 'aquasecurity:trivy:FilePath': 'srv/b.jar' }),
      },
    ],
    dependencies: [
      { ref: 'root', dependsOn: ['os', 'lock', 'jar'] },
      { ref: 'lock', dependsOn: ['pkg:npm/%40a/b@1.0.0'] },
    ],
  });
  assert.deepEqual(plain(distro), { id: 'rhel', versionId: '8.9', idLike: [], name: 'redhat' });
  const [jar, npm, rpm] = plain(components);
  assert.deepEqual([jar.name, jar.locations], ['org.a:b', [{ path: 'srv/b.jar' }]]);
  assert.deepEqual([npm.name, npm.locations], ['@a/b', [{ path: 'app/package-lock.json' }]]);
  assert.deepEqual(rpm.source, { name: 'bind', version: '32:9.11.36-11.el8' });
  assert.equal(rpm.version, '32:9.11.36-11.el8');
  assert.deepEqual(rpm.hashes, [{ algorithm: 'MD5', value: 'a'.repeat(32) }]);
  assert.equal(rpm.foundBy, 'trivy');
});

test('npm and cdxgen: scopes, places, and tools as CycloneDX 1.4 lists them', () => {
  const { components } = read({
    specVersion: '1.5',
    metadata: { tools: [{ vendor: 'cyclonedx', name: 'cdxgen', version: '10.0.0' }] },
    components: [
      {
        name: 'a',
        purl: 'pkg:npm/a@1',
        scope: 'optional',
        properties: properties({ 'cdx:npm:package:path': 'node_modules/a', 'cdx:npm:package:development': 'true' }),
      },
      { name: 'b', purl: 'pkg:npm/b@1', scope: 'optional' },
      { name: 'c', purl: 'pkg:npm/c@1', scope: 'excluded' },
      {
        name: 'd',
        purl: 'pkg:npm/d@1',
        scope: 'required',
        properties: properties({ SrcFile: '/src/package-lock.json' }),
      },
      { name: 'e', purl: 'pkg:npm/e@1', evidence: { occurrences: [{ location: '/src/e.js' }, {}] } },
    ],
  });
  assert.deepEqual(
    components.map(({ scope, locations, foundBy }) => [scope, locations[0]?.path, foundBy]),
    [
      ['development', 'node_modules/a', 'cdxgen'],
      ['optional', undefined, 'cdxgen'],
      ['development', undefined, 'cdxgen'],
      [undefined, 'src/package-lock.json', 'cdxgen'],
      [undefined, 'src/e.js', 'cdxgen'],
    ],
  );
});

test('names are spelled as their ecosystem does, not as purls fold them', () => {
  const cases: readonly (readonly [string, string | undefined, string, string])[] = [
    ['pkg:pypi/flask-login@1', undefined, 'Flask_Login', 'Flask_Login'],
    ['pkg:golang/github.com/burntsushi/toml@v1', undefined, 'github.com/BurntSushi/toml', 'github.com/BurntSushi/toml'],
    ['pkg:golang/github.com/a/b@v2#v2', undefined, 'github.com/a/b/v2', 'github.com/a/b/v2'],
    ['pkg:golang/github.com/a/b@v2#cmd', undefined, 'github.com/a/b', 'github.com/a/b'],
    ['pkg:maven/org.a/b@1', 'org.a', 'b', 'org.a:b'],
    ['pkg:npm/%40a/b@1', '@a', 'b', '@a/b'],
    ['pkg:npm/%40a/b@1', undefined, '@a/b', '@a/b'],
    ['pkg:npm/b@1', undefined, 'something else', 'b'],
    ['pkg:npm/a-b@1', undefined, 'a.b', 'a-b'],
    ['pkg:deb/debian/bash@1', 'debian', 'bash', 'bash'],
    ['pkg:github/actions/checkout@v4', 'actions', 'checkout', 'actions/checkout'],
  ];
  for (const [purl, group, name, expected] of cases) {
    assert.equal(read({ components: [{ purl, group, name }] }).components[0]?.name, expected, purl);
  }
});

test('a component without a purl is kept under its name, always under the same id', () => {
  const { components, unknown } = read({
    components: [
      { type: 'library', group: 'acme', name: 'widget', version: '1.0' },
      { type: 'application', name: 'tool' },
      { type: 'firmware', name: 'tool' },
    ],
  });
  assert.deepEqual(
    components.map(({ id, type, name, version }) => [id, type, name, version]),
    [
      ['pkg:generic/acme/widget@1.0', 'generic', 'acme/widget', '1.0'],
      ['pkg:generic/tool', 'generic', 'tool', undefined],
    ],
  );
  assert.deepEqual(unknown, []);
});

test('a component with a broken purl is kept, and the purl is reported', () => {
  const { components, unknown } = read({ components: [{ name: 'widget', version: '1.0', purl: 'npm:widget@1.0' }] });
  assert.equal(components[0]?.id, 'pkg:generic/widget@1.0');
  assert.equal(unknown.length, 1);
  assert.ok(unknown[0]?.kind === 'unread-file' && unknown[0].reason.includes('npm:widget@1.0'));
});

test('a component that has no name at all is reported', () => {
  const { components, unknown } = read({ components: [{ type: 'library' }] });
  assert.deepEqual(components, []);
  assert.equal(unknown.length, 1);
});

test('what stands in the place of components is not taken for no components', () => {
  const nested = [{ name: 'a', components: 1 }, { name: 'b', components: null }, 7, null];
  for (const [components, count] of [
    ['all of them', 'something that is'],
    [{ name: 'a' }, 'something that is'],
    [nested, '3 things that are'],
  ] as const) {
    const [lost, ...others] = read({ components }).unknown;
    assert.deepEqual(others, []);
    assert.ok(lost?.kind === 'unread-file');
    assert.equal(lost.reason, `"components" holds ${count} not what belongs there`);
  }
  for (const none of [{}, { components: null }, { components: [] }]) assert.deepEqual(read(none).unknown, []);
});

test('a range is no version', () => {
  for (const version of ['^1.2', '>= 1.0', '~1', '1.0 || 2.0', '*', '4.*.*']) {
    assert.equal(read({ components: [{ name: 'a', version }] }).components[0]?.version, undefined, version);
  }
  for (const version of ['1.2', 'v1', '1:2~rc1', '(devel)']) {
    assert.equal(read({ components: [{ name: 'a', version }] }).components[0]?.version, version);
  }
});

test('nested components are components, those of the subject too', () => {
  const { components } = read({
    metadata: { component: { name: 'root', purl: 'pkg:npm/root@1', components: [{ purl: 'pkg:npm/c@1' }] } },
    components: [
      { purl: 'pkg:maven/a/war@1', components: [{ purl: 'pkg:maven/a/jar@1', components: [{ purl: 'pkg:npm/b@1' }] }] },
    ],
  });
  assert.deepEqual(
    components.map(({ id }) => id),
    ['pkg:maven/a/jar@1', 'pkg:maven/a/war@1', 'pkg:npm/b@1', 'pkg:npm/c@1'],
  );
});

test('one purl at several places is one component, needed for good if it is anywhere', () => {
  const { components } = read({
    components: [
      { 'bom-ref': '1', purl: 'pkg:npm/a@1', scope: 'excluded', licenses: [{ license: { id: 'MIT' } }] },
      { 'bom-ref': '2', purl: 'pkg:npm/a@1', supplier: { name: 'A' }, licenses: [{ expression: 'MIT AND ISC' }] },
      { 'bom-ref': '3', purl: 'pkg:npm/b@1' },
    ],
    dependencies: [
      { ref: '1', dependsOn: ['2'] },
      { ref: '2', dependsOn: ['3', 'gone'] },
    ],
  });
  assert.equal(components.length, 2);
  const [a] = components;
  assert.deepEqual(
    [a?.scope, a?.supplier, a?.licenses, a?.dependsOn],
    [undefined, 'A', ['ISC', 'MIT'], ['pkg:npm/b@1']],
  );
});

test('a licence text is cut', () => {
  const license = { license: { name: 'x'.repeat(100_000) } };
  assert.ok(
    (read({ components: [{ name: 'a', licenses: [license] }] }).components[0]?.licenses[0]?.length ?? 0) <= 1_000,
  );
});

test('a document that says it is incomplete is not taken for complete', () => {
  const incomplete = (aggregate: string) =>
    read({ components: [{ name: 'a' }], compositions: [{ aggregate, assemblies: ['a'] }] }).unknown.length;
  assert.equal(incomplete('incomplete'), 1);
  assert.equal(incomplete('incomplete_third_party_only'), 1);
  assert.equal(incomplete('unknown'), 0);
  assert.equal(incomplete('complete'), 0);
});

test('without an operating system the packages say the distribution, if they agree', () => {
  const distro = (...purls: string[]) => plain(read({ components: purls.map((purl) => ({ purl })) }).distro ?? null);
  const debian = { id: 'debian', versionId: '12', idLike: [], name: 'debian' };
  assert.deepEqual(
    distro('pkg:deb/debian/a@1?distro=debian-12', 'pkg:deb/debian/b@1?distro=debian-12', 'pkg:npm/c@1'),
    debian,
  );
  assert.equal(distro('pkg:deb/debian/a@1?distro=debian-12', 'pkg:deb/debian/b@1?distro=debian-11'), null);
  assert.equal(distro('pkg:npm/a@1?distro=debian-12'), null);
  const id = (purl: string) => {
    const found = distro(purl);
    return [found?.id, found?.versionId ?? found?.codename];
  };
  assert.deepEqual(id('pkg:apk/alpine/a@1?distro=3.15.11'), ['alpine', '3.15.11']);
  assert.deepEqual(id('pkg:deb/debian/a@1?distro=bookworm'), ['debian', 'bookworm']);
  assert.deepEqual(id('pkg:deb/ubuntu/a@1?distro=ubuntu-jammy'), ['ubuntu', 'jammy']);
  assert.deepEqual(id('pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5'), ['opensuse-leap', '15.5']);
  assert.deepEqual(id('pkg:rpm/alma/a@1?distro=alma-9.3'), ['almalinux', '9.3']);
  assert.deepEqual(id('pkg:rpm/amazon/a@1?distro=amazon-2%20%28Karoo%29'), ['amzn', '2']);
});

test('where purls leave the version open, the versions beside them tell packages apart', () => {
  const purl = 'pkg:npm/a?x=y';
  const { components, unknown } = read({
    components: [
      { name: 'a', purl, version: '1' },
      { name: 'a', purl, version: '2/3' },
      { name: 'a', purl },
    ],
  });
  assert.deepEqual(
    components.map(({ id, version }) => [id, version]),
    [
      ['pkg:npm/a?x=y', undefined],
      ['pkg:npm/a@1?x=y', '1'],
      ['pkg:npm/a@2%2F3?x=y', '2/3'],
    ],
  );
  assert.deepEqual(unknown, []);
  const impossible = read({ components: [{ name: 'a', purl, version: '\ud800' }] });
  assert.deepEqual([impossible.components.length, impossible.unknown.length], [1, 1]);
});

test('a package of another system than the one that the document lists keeps its own', () => {
  const distros = (...purls: readonly string[]) => {
    const system = { type: 'operating-system', name: 'debian', version: '12' };
    const { components, distro } = read({ components: [system, ...purls.map((purl) => ({ purl }))] });
    return components.map(({ id }) => {
      const own = distroOf(id, distro);
      return own === distro ? 'the same' : `${own?.id} ${own?.versionId ?? own?.codename}`;
    });
  };
  for (const same of ['debian-12', '12', 'debian-12.5', 'bookworm', 'debian-bookworm'])
    assert.deepEqual(distros(`pkg:deb/debian/a@1?distro=${same}`), ['the same'], same);
  assert.deepEqual(distros('pkg:deb/debian/a@1'), ['the same']);
  assert.deepEqual(distros('pkg:deb/debian/a@1?distro=debian-11'), ['debian 11']);
  assert.deepEqual(distros('pkg:apk/alpine/a@1?distro=alpine-3.20.1'), ['alpine 3.20.1']);
});

test('a package that calls itself an operating system is a package all the same', () => {
  const system = (purl?: string) =>
    read({ components: [{ type: 'operating-system', name: 'debian', version: '12', purl }] });
  assert.deepEqual(
    system('pkg:npm/a@1').components.map(({ id }) => id),
    ['pkg:npm/a@1'],
  );
  for (const purl of [undefined, 'pkg:generic/debian@12', 'no purl']) {
    const { components, distro } = system(purl);
    assert.deepEqual([components.length, distro?.id], [0, 'debian'], purl);
  }
});
