import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import type { Distro } from '../sbom/index.ts';
import type { View } from './cataloger.ts';
import { contentOf } from './content.ts';
import { type DistroFragment, distroFrom, osRelease, osReleasePaths, parseOsRelease } from './distro.ts';

type Files = Readonly<Record<string, string>>;

function distroOf(files: Files): Distro | undefined {
  const found = Object.entries(files).flatMap(([path, text]) => {
    const fragment = osRelease.read({ path, content: contentOf([Buffer.from(text)]), unread: () => {} });
    return fragment === undefined ? [] : [{ path, layer: 0, fragment }];
  });
  const view: View<DistroFragment> = {
    found,
    get: (path) => found.find((item) => item.path === path),
    history: (path) => found.filter((item) => item.path === path),
    linkedFolders: () => [],
    exists: (path) => path in files,
  };
  assert.deepEqual(osRelease.assemble(view, undefined), []);
  return distroFrom(view);
}

const released: readonly (readonly [title: string, text: string, distro: Distro])[] = [
  [
    'Debian 12',
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
    { id: 'debian', versionId: '12', codename: 'bookworm', idLike: [], name: 'Debian GNU/Linux' },
  ],
  [
    'Debian testing, which has a codename and no version',
    'PRETTY_NAME="Debian GNU/Linux trixie/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=trixie\nID=debian\n',
    { id: 'debian', codename: 'trixie', idLike: [], name: 'Debian GNU/Linux' },
  ],
  [
    'Ubuntu 22.04',
    'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=jammy\n',
    { id: 'ubuntu', versionId: '22.04', codename: 'jammy', idLike: ['debian'], name: 'Ubuntu' },
  ],
  [
    'Alpine',
    'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.1\n',
    { id: 'alpine', versionId: '3.20.1', idLike: [], name: 'Alpine Linux' },
  ],
  [
    'AlmaLinux',
    'NAME="AlmaLinux"\nID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n',
    { id: 'almalinux', versionId: '9.4', idLike: ['rhel', 'centos', 'fedora'], name: 'AlmaLinux' },
  ],
  [
    'Wolfi',
    'ID=wolfi\nNAME="Wolfi"\nVERSION_ID="20230201"\n',
    { id: 'wolfi', versionId: '20230201', idLike: [], name: 'Wolfi' },
  ],
  [
    'a rolling distribution',
    'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\nVERSION_ID=\n',
    { id: 'arch', idLike: [], name: 'Arch Linux' },
  ],
  ['one without an ID', 'NAME=Mine\n', { id: 'linux', idLike: [], name: 'Mine' }],
  [
    'one with single quotes',
    "ID='debian'\nNAME='It is \\ this'\n",
    { id: 'debian', idLike: [], name: 'It is \\ this' },
  ],
  [
    'one with escapes',
    'ID=De\\bian\nNAME="a \\"b\\" \\$c \\`d\\` \\\\e \\f"\n',
    { id: 'debian', idLike: [], name: 'a "b" $c `d` \\e \\f' },
  ],
  [
    'comments and blank lines',
    '# ID=fedora\r\n\r\nID=rhel\r\nNAME=RHEL # 9\r\n',
    { id: 'rhel', idLike: [], name: 'RHEL # 9' },
  ],
  ['the last of several assignments', 'ID=a\nID=b\n', { id: 'b', idLike: [], name: 'b' }],
];

test('os-release says what the distribution is, with the version as advisories name it', () => {
  for (const [title, text, distro] of released) assert.deepEqual(parseOsRelease(text), distro, title);
});

test('a text that names no system is no distribution', () => {
  for (const text of ['', 'hello', '{"ID": "debian"}', 'VERSION_ID=12\n', 'ID\n=debian'])
    assert.equal(parseOsRelease(text), undefined);
});

const older: readonly (readonly [
  path: string,
  text: string,
  id: string,
  versionId: string | undefined,
  codename?: string,
])[] = [
  ['etc/alpine-release', '3.20.1\n', 'alpine', '3.20.1'],
  ['etc/alpine-release', '3.21.0_alpha20240807\n', 'alpine', '3.21.0_alpha20240807'],
  ['etc/debian_version', '12.5\n', 'debian', '12'],
  ['etc/debian_version', '6.0.10\n', 'debian', '6'],
  ['etc/debian_version', 'trixie/sid\n', 'debian', undefined, 'trixie'],
  ['etc/redhat-release', 'CentOS release 6.10 (Final)\n', 'centos', '6.10'],
  ['etc/redhat-release', 'CentOS Linux release 7.9.2009 (Core)\n', 'centos', '7.9.2009'],
  ['etc/redhat-release', 'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n', 'rhel', '6.10'],
  ['etc/system-release', 'Amazon Linux AMI release 2018.03\n', 'amzn', '2018.03'],
  ['etc/oracle-release', 'Oracle Linux Server release 6.10\n', 'ol', '6.10'],
  ['etc/rocky-release', 'Rocky Linux release 9.1 (Blue Onyx)\n', 'rocky', '9.1'],
  [
    'etc/lsb-release',
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\nDISTRIB_CODENAME=precise\n',
    'ubuntu',
    '12.04',
    'precise',
  ],
];

test('an image without os-release is identified by the older files', () => {
  for (const [path, text, id, versionId, codename] of older) {
    const distro = distroOf({ [path]: text });
    assert.deepEqual([distro?.id, distro?.versionId, distro?.codename], [id, versionId, codename], `${path}: ${text}`);
  }
});

test('os-release is believed before the older files, and /etc before /usr/lib', () => {
  const debian = { 'etc/debian_version': 'bookworm/sid\n', 'usr/lib/os-release': 'ID=ubuntu\nVERSION_ID=22.04\n' };
  assert.equal(distroOf(debian)?.id, 'ubuntu');
  assert.equal(distroOf({ ...debian, 'etc/os-release': 'ID=mint\n' })?.id, 'mint');
  assert.equal(
    distroOf({
      'etc/oracle-release': 'Oracle Linux Server release 6.10\n',
      'etc/redhat-release': 'Red Hat Enterprise Linux Server release 6.10\n',
    })?.id,
    'ol',
  );
});

test('every file that is consulted is asked for', () => {
  for (const path of osReleasePaths) assert.ok(osRelease.files.includes(path), path);
});

test('files that say nothing leave the distribution unknown', () => {
  assert.equal(distroOf({}), undefined);
  assert.equal(
    distroOf({
      'etc/os-release': '\0\0',
      'etc/redhat-release': 'Unheard-of release 1',
      'etc/debian_version': '?',
      'etc/alpine-release': 'edge',
    }),
    undefined,
  );
});

test('a file far too large for an os-release is reported, not read', () => {
  assert.throws(() => distroOf({ 'etc/os-release': 'A=b\n'.repeat(100_000) }), {
    name: 'PlimsollError',
    code: 'catalog/broken-os-release',
  });
});

test('any bytes are read without another error', () => {
  const path = fc.constantFrom(
    'etc/os-release',
    'etc/lsb-release',
    'etc/redhat-release',
    'etc/debian_version',
    'etc/alpine-release',
  );
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('ID', 'NAME', '=', '"', "'", '\\', '\n', 'release ', '1.2', '#'))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(path, text, (path, text) => {
      try {
        distroOf({ [path]: text });
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError);
      }
    }),
  );
});
