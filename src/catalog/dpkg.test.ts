import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Distro } from '../sbom/index.ts';
import { dpkg } from './dpkg.ts';
import { catalogFiles } from './testing.ts';

const distro: Distro = { id: 'debian', versionId: '12', idLike: [], name: 'Debian GNU/Linux' };
const status = 'var/lib/dpkg/status';

function stanza(name: string, fields: Readonly<Record<string, string>> = {}): string {
  const all = { Package: name, Status: 'install ok installed', Architecture: 'amd64', Version: '1.0-1', ...fields };
  return `${Object.entries(all)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('')}Description: something\n that goes on\n .\n - and on\n\n`;
}

function catalog(files: Parameters<typeof catalogFiles>[1]) {
  return catalogFiles(dpkg, files, { distro });
}

function only(files: Parameters<typeof catalogFiles>[1]) {
  const { components, unread } = catalog(files);
  assert.deepEqual(unread, []);
  assert.equal(components.length, 1);
  const [component] = components;
  assert.ok(component);
  return component;
}

test('a package has its name, version, source, architecture, maintainer and homepage', () => {
  const component = only({
    [status]: stanza('libssl1.1', {
      Source: 'openssl (1.1.1n-0+deb11u4)',
      Version: '1:1.1.1n-0+deb11u4+b1',
      Maintainer: 'OpenSSL Team <team@example.org>',
      Homepage: 'https://www.openssl.org/',
    }),
  });
  assert.deepEqual(component, {
    id: 'pkg:deb/debian/libssl1.1@1:1.1.1n-0+deb11u4+b1?arch=amd64&distro=debian-12&upstream=openssl%401.1.1n-0%2Bdeb11u4',
    type: 'deb',
    name: 'libssl1.1',
    version: '1:1.1.1n-0+deb11u4+b1',
    source: { name: 'openssl', version: '1.1.1n-0+deb11u4' },
    architecture: 'amd64',
    licenses: [],
    supplier: 'OpenSSL Team <team@example.org>',
    homepage: 'https://www.openssl.org/',
    hashes: [],
    locations: [{ path: status, layer: 0 }],
    dependsOn: [],
    owns: undefined,
  });
});

test('the source is the package itself where nothing else is said, and has its version where only a name is', () => {
  assert.deepEqual(only({ [status]: stanza('bash') }).source, { name: 'bash', version: '1.0-1' });
  assert.deepEqual(only({ [status]: stanza('bash', { Source: 'shells' }) }).source, {
    name: 'shells',
    version: '1.0-1',
  });
});

test('packages whose files are there count, whether or not dpkg is done with them', () => {
  const states = [
    ['install ok installed', true],
    ['hold ok installed', true],
    ['deinstall ok installed', true],
    ['deinstall ok config-files', false],
    ['install ok triggers-awaited', true],
    ['install ok triggers-pending', true],
    ['install ok half-configured', true],
    ['install ok unpacked', true],
    ['install reinstreq half-installed', true],
    ['install', true],
    ['purge ok not-installed', false],
    ['Deinstall OK Config-Files', false],
  ] as const;
  for (const [state, counts] of states) {
    assert.equal(catalog({ [status]: stanza('a', { Status: state }) }).components.length, counts ? 1 : 0, state);
  }
});

test('field names are read in any case, and a file without a newline at its end is read to the end', () => {
  const component = only({ [status]: 'PACKAGE: a\nstatus: install ok installed\nVERSION: 2\narchitecture: all' });
  assert.deepEqual([component.name, component.version, component.architecture], ['a', '2', 'all']);
});

test('a package without a version has none, rather than an empty one', () => {
  assert.equal(only({ [status]: 'Package: a\nStatus: install ok installed\n' }).version, undefined);
});

test('packages of distroless images are found in status.d, their files in the sums beside them', () => {
  const component = only({
    'var/lib/dpkg/status.d/base': 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\n',
    'var/lib/dpkg/status.d/base.md5sums': `${'0'.repeat(32)}  etc/host.conf\n${'f'.repeat(32)}  ./usr/a  b\n`,
    'var/lib/dpkg/status.d/notes': 'Nothing: here\n',
  });
  assert.equal(component.name, 'base-files');
  assert.deepEqual(component.owns, ['etc/host.conf', 'usr/a  b']);
  assert.deepEqual(component.locations, [{ path: 'var/lib/dpkg/status.d/base', layer: 0 }]);
});

test('the file list of a package is found under its name or its name and architecture', () => {
  const list = '/.\n/usr\n/usr/bin\n/usr/bin/a tool\n';
  const owned = ['usr', 'usr/bin', 'usr/bin/a tool'];
  assert.deepEqual(only({ [status]: stanza('a'), 'var/lib/dpkg/info/a.list': list }).owns, owned);
  assert.deepEqual(
    only({ [status]: stanza('a'), 'var/lib/dpkg/info/a:amd64.list': list, 'var/lib/dpkg/info/a.list': '/.\n/other\n' })
      .owns,
    owned,
  );
  assert.deepEqual(only({ [status]: stanza('a'), 'var/lib/dpkg/info/a.list': '/.\n' }).owns, []);
  assert.equal(only({ [status]: stanza('a'), 'var/lib/dpkg/info/ab.list': list }).owns, undefined);
});

test('the licences are those of the copyright file', () => {
  const copyright =
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n';
  assert.deepEqual(only({ [status]: stanza('a'), 'usr/share/doc/a/copyright': copyright }).licenses, ['MIT']);
  assert.deepEqual(only({ [status]: stanza('a'), 'usr/share/doc/b/copyright': copyright }).licenses, []);
});

function dependencies(...stanzas: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const { components } = catalog({ [status]: stanzas.join('') });
  const names = new Map(components.map(({ id, name, architecture }) => [id, `${name}:${architecture}`]));
  return Object.fromEntries(
    components.flatMap(({ id, dependsOn }) =>
      dependsOn.length === 0 ? [] : [[names.get(id) ?? '', dependsOn.map((to) => names.get(to) ?? to)]],
    ),
  );
}

test('a dependency is the first alternative that is installed, by its name or by what it provides', () => {
  assert.deepEqual(
    dependencies(
      stanza('a', { 'Pre-Depends': 'b (>= 1.0)', Depends: 'gpgv | gpgv2 (<< 3), c [amd64], mta, absent | gone' }),
      stanza('b'),
      stanza('c'),
      stanza('gpgv2'),
      stanza('gpgv1', { Provides: 'gpgv3' }),
      stanza('postfix', { Provides: 'mail, mta (= 3)' }),
    ),
    { 'a:amd64': ['b:amd64', 'c:amd64', 'gpgv2:amd64', 'postfix:amd64'] },
  );
});

test('a package that is itself installed answers before those that provide its name', () => {
  assert.deepEqual(dependencies(stanza('a', { Depends: 'awk' }), stanza('awk'), stanza('mawk', { Provides: 'awk' })), {
    'a:amd64': ['awk:amd64'],
  });
});

test('a dependency stays within its architecture unless it says otherwise', () => {
  assert.deepEqual(
    dependencies(
      stanza('dpkg'),
      stanza('libc6'),
      stanza('libc6', { Architecture: 'i386' }),
      stanza('wine', { Architecture: 'i386', Depends: 'libc6, python3:any, data' }),
      stanza('both', { Depends: 'libc6:i386, libc6' }),
      stanza('scripts', { Architecture: 'all', Depends: 'libc6' }),
      stanza('python3'),
      stanza('data', { Architecture: 'all' }),
    ),
    {
      'wine:i386': ['data:all', 'libc6:i386', 'python3:amd64'],
      'both:amd64': ['libc6:amd64', 'libc6:i386'],
      'scripts:all': ['libc6:amd64'],
    },
  );
});

test('a package is placed in the layer that brought this version of it, not in the last that rewrote the list', () => {
  const { components } = catalog([
    { [status]: stanza('a') + stanza('b') + stanza('gone') },
    { [status]: stanza('a') + stanza('b', { Version: '2.0-1' }) + stanza('gone') },
    { [status]: stanza('a') + stanza('b', { Version: '2.0-1' }) },
    { [status]: stanza('a') + stanza('b', { Version: '2.0-1' }) + stanza('gone') + stanza('new') },
  ]);
  const layers = Object.fromEntries(components.map(({ name, locations }) => [name, locations[0]?.layer]));
  assert.deepEqual(layers, { a: 0, b: 1, gone: 3, new: 3 });
});

test('a status file that is not one is reported as unread', () => {
  const texts = [
    'no field here\n',
    ': empty\n',
    `${stanza('a')}Version: 3\nStatus: install ok installed\n`,
    '\u0000\u0001\u0002',
  ];
  for (const text of texts) {
    const { components, unread } = catalog({ [status]: text });
    assert.deepEqual(
      [components.length, unread.map(({ code }) => code)],
      [0, ['catalog/broken-dpkg-status']],
      JSON.stringify(text),
    );
  }
});

test('any bytes in any of its files are read or reported, never more', () => {
  const path = fc.constantFrom(
    status,
    'var/lib/dpkg/status.d/a',
    'var/lib/dpkg/info/a.list',
    'var/lib/dpkg/status.d/a.md5sums',
    'usr/share/doc/a/copyright',
  );
  const word = fc.constantFrom(
    'Package: ',
    'a',
    'Version: ',
    'Depends: ',
    'Source: ',
    'Format: ',
    'License: ',
    ' ',
    '\n',
    '\n\n',
    '(',
    ')',
    '|',
    ',',
    ':',
    '/',
    '__proto__',
    '\u{1F600}',
    '\0',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
  );
  fc.assert(fc.property(fc.dictionary(path, text, { maxKeys: 4 }), (files) => void catalog(files)));
});

test('thousands of packages that all provide what all need do not multiply', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => stanza(`p${index}`, { Provides: 'x', Depends: 'x' })).join(
    '',
  );
  const { components } = catalog({ [status]: many });
  assert.equal(components.length, 5_000);
  assert.ok(components.every(({ dependsOn }) => dependsOn.length <= 16));
});
