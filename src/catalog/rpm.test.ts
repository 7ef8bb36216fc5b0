import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import type { Distro } from '../sbom/index.ts';
import { tags } from './rpm/header.ts';
import {
  berkeleyFile,
  headerWith,
  ndbFile,
  packageHeader,
  sqliteFile,
  sqliteFileWithLog,
  type TagValue,
} from './rpm/testing.ts';
import { rpm } from './rpm.ts';
import { catalogFiles } from './testing.ts';

const distro: Distro = { id: 'almalinux', versionId: '9.4', idLike: ['rhel'], name: 'AlmaLinux' };
const sqlitePath = 'var/lib/rpm/rpmdb.sqlite';
const manifestPath = 'var/lib/rpmmanifest/container-manifest-2';

function catalog(files: Parameters<typeof catalogFiles>[1]) {
  return catalogFiles(rpm, files, { distro });
}

function packageOf(name: string, ...more: readonly (readonly [number, TagValue])[]) {
  const { components, unread } = catalog({ [sqlitePath]: sqliteFile([packageHeader(name, more)]) });
  assert.deepEqual(unread, []);
  const [component] = components;
  assert.ok(component);
  return component;
}

const node = packageHeader('nodejs-libs', [
  [tags.version, '18.19.1'],
  [tags.release, '1.module+el9'],
  [tags.epoch, [1]],
  [tags.sourceRpm, 'nodejs-18.19.1-1.module+el9.src.rpm'],
  [tags.license, 'MIT and ASL 2.0'],
  [tags.vendor, 'AlmaLinux'],
  [tags.url, 'http://nodejs.org/'],
  [tags.modularityLabel, 'nodejs:18:9040020240301:rhel9'],
  [tags.baseNames, ['libnode.so', 'nodejs', 'LICENSE']],
  [tags.directoryIndexes, [0, 1, 2]],
  [tags.directoryNames, ['/usr/lib64/', '/usr/share/', '/usr/share/nodejs/']],
]);

test('a package has its name, version, module, source, licence, vendor, homepage and files, in every form of database', () => {
  const databases = {
    'var/lib/rpm/Packages': berkeleyFile([node], true),
    'usr/lib/sysimage/rpm/Packages.db': ndbFile([node]),
    'usr/share/rpm/rpmdb.sqlite': sqliteFile([node]),
  };
  for (const [path, file] of Object.entries(databases)) {
    assert.deepEqual(
      catalog({ [path]: file }),
      {
        components: [
          {
            id: 'pkg:rpm/almalinux/nodejs-libs@18.19.1-1.module+el9?arch=x86_64&distro=almalinux-9.4&epoch=1&rpmmod=nodejs%3A18%3A9040020240301%3Arhel9&upstream=nodejs%4018.19.1-1.module%2Bel9',
            type: 'rpm',
            name: 'nodejs-libs',
            version: '1:18.19.1-1.module+el9',
            source: { name: 'nodejs', version: '18.19.1-1.module+el9' },
            architecture: 'x86_64',
            module: 'nodejs:18:9040020240301:rhel9',
            licenses: ['MIT AND Apache-2.0'],
            supplier: 'AlmaLinux',
            homepage: 'http://nodejs.org/',
            hashes: [],
            locations: [{ path, layer: 0 }],
            dependsOn: [],
            owns: ['usr/lib64/libnode.so', 'usr/share/nodejs', 'usr/share/nodejs/LICENSE'],
          },
        ],
        unread: [],
      },
      path,
    );
  }
});

test('the form of a database is told by its bytes, whatever its name', () => {
  assert.equal(catalog({ 'var/lib/rpm/Packages': sqliteFile([node]) }).components.length, 1);
  assert.equal(catalog({ 'var/lib/rpm/Packages': ndbFile([node]) }).components.length, 1);
});

test('an epoch of 0 is the same as none, and is not written', () => {
  assert.equal(packageOf('a').version, '1.0-1.el9');
  assert.equal(packageOf('a', [tags.epoch, [0]]).version, '1.0-1.el9');
  assert.equal(packageOf('a', [tags.epoch, [32]]).version, '32:1.0-1.el9');
});

test('the source is taken apart from the right, and is unknown when nothing names it', () => {
  const source = (file: string) => packageOf('a', [tags.sourceRpm, file]).source;
  assert.deepEqual(source('java-17-openjdk-17.0.9.0.9-2.el9.src.rpm'), {
    name: 'java-17-openjdk',
    version: '17.0.9.0.9-2.el9',
  });
  assert.deepEqual(source('a-b-1-2.nosrc.rpm'), { name: 'a-b', version: '1-2' });
  for (const file of ['', '(none)', 'a.src.rpm', 'a-1-2.rpm']) assert.equal(source(file), undefined, file);
});

test('what a header leaves out or prints as (none) is absent, not empty', () => {
  const { components } = catalog({
    [sqlitePath]: sqliteFile([
      headerWith(
        new Map([
          [tags.name, 'a'],
          [tags.architecture, '(none)'],
          [tags.vendor, ''],
        ]),
      ),
    ]),
  });
  const [component] = components;
  assert.deepEqual(
    [
      component?.version,
      component?.architecture,
      component?.supplier,
      component?.homepage,
      component?.source,
      component?.licenses,
      component?.owns,
    ],
    [undefined, undefined, undefined, undefined, undefined, [], []],
  );
});

test('licences in the words that Fedora used become SPDX where they are exact', () => {
  assert.deepEqual(packageOf('a', [tags.license, 'GPLv2+']).licenses, ['GPL-2.0-or-later']);
  assert.deepEqual(packageOf('a', [tags.license, 'MIT and BSD']).licenses, ['MIT and BSD']);
});

test('file lists with whole paths, as old packages have them, are read too', () => {
  assert.deepEqual(packageOf('a', [tags.oldFileNames, ['/usr/bin/a', '/etc/a']]).owns, ['usr/bin/a', 'etc/a']);
});

test('the keys that rpm keeps among its packages are none', () => {
  const { components } = catalog({ [sqlitePath]: sqliteFile([packageHeader('gpg-pubkey'), packageHeader('a')]) });
  assert.deepEqual(
    components.map(({ name }) => name),
    ['a'],
  );
});

test('dependencies are the packages with the name, the provision or the file, of the same architecture where there are several', () => {
  const i686: readonly [number, TagValue] = [tags.architecture, 'i686'];
  const glibc: readonly [number, TagValue] = [tags.provideName, ['glibc', 'libc']];
  const { components } = catalog({
    [sqlitePath]: sqliteFile([
      packageHeader('app', [
        [
          tags.requireName,
          ['glibc', 'webserver', '/usr/bin/sh', 'rpmlib(CompressedFileNames)', '(a if b)', 'config(app)', 'absent'],
        ],
        [tags.provideName, ['app', 'config(app)']],
      ]),
      packageHeader('glibc', [glibc]),
      packageHeader('glibc', [glibc, i686]),
      packageHeader('old', [i686, [tags.requireName, ['libc']]]),
      packageHeader('other', [[tags.provideName, ['config(app)']]]),
      packageHeader('nginx', [
        [tags.architecture, 'noarch'],
        [tags.provideName, ['webserver']],
      ]),
      packageHeader('bash', [
        [tags.baseNames, ['sh']],
        [tags.directoryIndexes, [0]],
        [tags.directoryNames, ['/usr/bin/']],
      ]),
    ]),
  });
  const names = new Map(components.map(({ id, name, architecture }) => [id, `${name}.${architecture}`]));
  const dependsOn = (wanted: string) =>
    components.find(({ name }) => name === wanted)?.dependsOn.map((id) => names.get(id));
  assert.deepEqual(dependsOn('app'), ['bash.x86_64', 'glibc.x86_64', 'nginx.noarch']);
  assert.deepEqual(dependsOn('old'), ['glibc.i686']);
});

test('a package is placed in the layer that brought this version of it', () => {
  const [a, b, newer] = [packageHeader('a'), packageHeader('b'), packageHeader('b', [[tags.release, '2.el9']])];
  const { components } = catalog([
    { [sqlitePath]: sqliteFile([a, b]) },
    { [sqlitePath]: sqliteFile([a, newer]) },
    { [sqlitePath]: sqliteFile([a, newer]) },
  ]);
  assert.deepEqual(
    components.map(({ name, locations }) => [name, locations[0]?.layer]),
    [
      ['a', 0],
      ['b', 1],
    ],
  );
});

test('distroless images of Azure Linux list their packages in a manifest', () => {
  const { components, unread } = catalog({
    [manifestPath]: [
      'openssl-libs\t3.3.0-1.azl3\t1653816591\t1653753130\tMicrosoft Corporation\t(none)\t580\tx86_64\t0\topenssl-3.3.0-1.azl3.src.rpm\n',
      'bind-libs\t9.16-2.azl3\t1653816591\t1653753130\t(none)\t32\t580\taarch64\t32\tbind-9.16-2.azl3.src.rpm\n',
      'gpg-pubkey\t3135ce90-5e6fda74\t1653816591\t1653753130\t(none)\t(none)\t0\t(none)\t0\t(none)\n',
    ].join(''),
  });
  assert.deepEqual(unread, []);
  assert.deepEqual(
    components.map(({ name, version, architecture, source, supplier, owns }) => ({
      name,
      version,
      architecture,
      source,
      supplier,
      owns,
    })),
    [
      {
        name: 'openssl-libs',
        version: '3.3.0-1.azl3',
        architecture: 'x86_64',
        source: { name: 'openssl', version: '3.3.0-1.azl3' },
        supplier: 'Microsoft Corporation',
        owns: undefined,
      },
      {
        name: 'bind-libs',
        version: '32:9.16-2.azl3',
        architecture: 'aarch64',
        source: { name: 'bind', version: '9.16-2.azl3' },
        supplier: undefined,
        owns: undefined,
      },
    ],
  );
});

test('a log with packages that the database does not have yet is reported as unread, an empty one is nothing', () => {
  const { database, log } = sqliteFileWithLog(node);
  const codes = (files: Parameters<typeof catalogFiles>[1]) =>
    catalog(files).unread.map(({ path, code }) => [path, code]);
  assert.deepEqual(codes({ [sqlitePath]: database, [`${sqlitePath}-wal`]: log }), [
    [`${sqlitePath}-wal`, 'catalog/broken-rpm-database'],
  ]);
  assert.deepEqual(codes({ [sqlitePath]: sqliteFile([node]), [`${sqlitePath}-wal`]: '' }), []);
});

test('a header that cannot be read is reported, and the other packages are found', () => {
  const { components, unread } = catalog({
    [sqlitePath]: sqliteFile([packageHeader('a'), Buffer.from('no header'), packageHeader('')]),
  });
  assert.deepEqual(
    components.map(({ name }) => name),
    ['a'],
  );
  assert.deepEqual(
    unread.map(({ path }) => path),
    [sqlitePath],
  );
  assert.match(unread[0]?.message ?? '', /^2 of its packages cannot be read/);
});

test('a file that is no database is reported as unread, an empty one says nothing', () => {
  for (const [path, text] of [
    [sqlitePath, 'SQLite format 3\0'],
    ['var/lib/rpm/Packages', 'hello'],
    ['var/lib/rpm/Packages.db', 'RpmP'],
    [manifestPath, 'a b c\n'],
  ] as const) {
    const { components, unread } = catalog({ [path]: text });
    assert.deepEqual([components.length, unread.map(({ code }) => code)], [0, ['catalog/broken-rpm-database']], path);
    assert.deepEqual(catalog({ [path]: '' }).unread, []);
  }
});

test('a header that names one long folder for many files is refused', () => {
  const files = 30_000;
  const header = packageHeader('a', [
    [tags.baseNames, Array.from({ length: files }, () => 'x')],
    [tags.directoryIndexes, Array.from({ length: files }, () => 0)],
    [tags.directoryNames, [`/${'long/'.repeat(2_000)}`]],
  ]);
  assert.ok(files * 10_000 > limits.ownedPathLength);
  const { components, unread } = catalog({ [sqlitePath]: sqliteFile([header, packageHeader('b')]) });
  assert.deepEqual([components.map(({ name }) => name), unread.length], [['b'], 1]);
});

test('a header with any of its bytes changed is read or reported, never more', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(node.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
      (changes) => {
        const copy = Buffer.from(node);
        for (const [place, value] of changes) copy.writeUInt8(value, place);
        catalog({ 'var/lib/rpm/Packages.db': ndbFile([copy]) });
      },
    ),
    { numRuns: 300 },
  );
});
