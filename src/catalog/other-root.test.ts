import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { squash } from '../image/index.ts';
import { otherRoots } from './other-root.ts';

type ListedEntry = Parameters<typeof squash>[0][number][number];

function reported(...entries: readonly ListedEntry[]): readonly string[] {
  return otherRoots(squash([entries])).flatMap((item) => (item.kind === 'unread-file' ? [item.path] : []));
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
