import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { type ListedEntry, packListing, squash } from '../image/index.ts';
import type { Distro } from '../sbom/index.ts';
import { otherRoots, packagesUnknown } from './package-database.ts';

function reported(...entries: readonly ListedEntry[]): readonly string[] {
  return otherRoots(squash([packListing(entries)])).flatMap((item) => (item.kind === 'unread-file' ? [item.path] : []));
}

describe('package databases of other systems', () => {
  const databases = [
    'srv/chroot/var/lib/dpkg/status',
    'srv/distroless/var/lib/dpkg/status.d/base-files',
    'a/lib/apk/db/installed',
    'a/usr/lib/apk/db/installed',
    'a/b/var/lib/rpm/rpmdb.sqlite',
    'a/usr/lib/sysimage/rpm/Packages.db',
    'a/usr/share/rpm/Packages',
  ];
  for (const path of databases) {
    it(`reports ${path}`, () => assert.deepEqual(reported({ kind: 'file', path }), [path]));
  }

  it('reports each system once', () => {
    const entries = ['base-files', 'libc6'].map((name): ListedEntry => {
      return { kind: 'file', path: `a/var/lib/dpkg/status.d/${name}` };
    });
    assert.equal(reported(...entries).length, 1);
  });

  it("does not report the artifact's own, wherever it lies", () => {
    const own = [
      'var/lib/dpkg/status',
      'var/lib/dpkg/status.d/libc6',
      'lib/apk/db/installed',
      'usr/lib/apk/db/installed',
      'var/lib/rpm/rpmdb.sqlite',
      'usr/lib/sysimage/rpm/Packages.db',
      'usr/share/rpm/Packages',
      'usr/share/doc/dpkg/status',
    ];
    assert.deepEqual(reported(...own.map((path): ListedEntry => ({ kind: 'file', path }))), []);
    const behindLink: readonly ListedEntry[] = [
      { kind: 'file', path: 'data/var/lib/dpkg/status' },
      { kind: 'symlink', path: 'var', target: 'data/var' },
    ];
    assert.deepEqual(reported(...behindLink), []);
  });
});

test('a distribution without a package of its own is unknown, wherever it says its name; one with packages is not', () => {
  const distro: Distro = { id: 'ubuntu', idLike: [], name: 'Ubuntu' };
  const tree = squash([
    packListing([]),
    packListing([
      { kind: 'file', path: 'usr/lib/os-release' },
      { kind: 'symlink', path: 'etc/os-release', target: '../usr/lib/os-release' },
    ]),
  ]);
  const unknown = packagesUnknown(distro, [{ type: 'npm' }], tree, []);
  assert.equal(unknown?.kind, 'unread-file');
  assert.deepEqual([unknown.path, unknown.layer, unknown.cataloger], ['etc/os-release', 1, 'os-release']);
  assert.match(unknown.reason, /names Ubuntu, of which no package database is there/);
  for (const type of ['deb', 'apk', 'rpm'] as const)
    assert.equal(packagesUnknown(distro, [{ type: 'npm' }, { type }], tree, []), undefined);
  assert.equal(packagesUnknown(undefined, [], tree, []), undefined);
});

test('a package database that a later layer removes is reported, whether or not the distribution says its name', () => {
  const file = 'var/lib/dpkg/status';
  const layer = (fragment: string) => ({ fragments: [{ cataloger: 'dpkg', file, fragment }] });
  const listing = layer('{"kind":"status","packages":[{"name":"curl"}]}');
  const empty = layer('{"kind":"status","packages":[]}');
  const lists = { fragments: [{ cataloger: 'dpkg', file: 'var/lib/dpkg/info/a.list', fragment: '{"name":1}' }] };
  const gone = squash([packListing([])]);
  for (const distro of [undefined, { id: 'debian', idLike: [], name: 'Debian' }]) {
    const unknown = packagesUnknown(distro, [{ type: 'npm' }], gone, [undefined, listing, empty]);
    assert.deepEqual(unknown?.kind === 'unread-file' && [unknown.path, unknown.layer], [file, 1]);
    assert.match(unknown?.kind === 'unread-file' ? unknown.reason : '', /^a later layer removes or replaces it/);
  }
  assert.equal(packagesUnknown(undefined, [{ type: 'npm' }], gone, [empty, lists]), undefined);
  assert.equal(packagesUnknown(undefined, [{ type: 'deb' }], gone, [listing]), undefined);
});
