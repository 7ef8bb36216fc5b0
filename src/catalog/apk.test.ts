import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Distro } from '../sbom/index.ts';
import { apk } from './apk.ts';
import { catalogFiles } from './testing.ts';

const distro: Distro = { id: 'alpine', versionId: '3.20.1', idLike: [], name: 'Alpine Linux' };
const installed = 'lib/apk/db/installed';

/** As apk-tools 2 writes it. */
const musl = `C:Q1lgSWzJ6a7LM1U04Vs0u2ntIMfqU=
P:musl
V:1.2.5-r0
A:x86_64
S:411193
I:667648
T:the musl c library (libc) implementation
U:https://musl.libc.org/
L:MIT
o:musl
m:Timo Teräs <timo.teras@iki.fi>
t:1711048624
c:2a86f85a2b1ab8d6de0a9e4a83a9ed2e2a5c1de5
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1jT0pLK0iP2m5ZYYsY1bJTkwqWZc=
R:libc.musl-x86_64.so.1
a:0:0:777
Z:Q17yJ3JFNypA4mxhJJr0ou6CzsJVI=
F:
R:.root-file

`;
const busybox = `C:Q1KR0vZv0T8vCQ7J5Zf8eGQ5J0wLI=
P:busybox
V:1.36.1-r28
A:x86_64
L:GPL-2.0-only
D:so:libc.musl-x86_64.so.1
p:/bin/sh cmd:busybox=1.36.1-r28 cmd:sh=1.36.1-r28
F:bin
R:busybox
F:usr/share/udhcpc
M:0:0:755
R:default.script

`;
const ssl = `P:ssl_client
V:1.36.1-r28
A:x86_64
L:GPL2+
o:busybox
D:so:libc.musl-x86_64.so.1 busybox>=1.36 !busybox-old cmd:sh /bin/sh scanelf@edge~1.3 /usr/share/udhcpc/default.script absent
F:usr/bin
R:ssl_client

`;

function catalog(files: Parameters<typeof catalogFiles>[1]) {
  return catalogFiles(apk, files, { distro });
}

test('a package has its name, version, origin, licence, maintainer, homepage and files', () => {
  const { components, unread } = catalog({ [installed]: musl });
  assert.deepEqual(unread, []);
  assert.deepEqual(components, [
    {
      id: 'pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1',
      type: 'apk',
      name: 'musl',
      version: '1.2.5-r0',
      source: { name: 'musl', version: '1.2.5-r0' },
      architecture: 'x86_64',
      licenses: ['MIT'],
      supplier: 'Timo Teräs <timo.teras@iki.fi>',
      homepage: 'https://musl.libc.org/',
      hashes: [],
      locations: [{ path: installed, layer: 0 }],
      dependsOn: [],
      owns: ['lib/ld-musl-x86_64.so.1', 'lib/libc.musl-x86_64.so.1', '.root-file'],
    },
  ]);
});

test('a subpackage names its origin, which is what advisories name', () => {
  const { components } = catalog({ [installed]: musl + busybox + ssl });
  assert.deepEqual(
    components.map(({ id, source }) => [id, source?.name, source?.version]),
    [
      ['pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1', 'musl', '1.2.5-r0'],
      ['pkg:apk/alpine/busybox@1.36.1-r28?arch=x86_64&distro=alpine-3.20.1', 'busybox', '1.36.1-r28'],
      [
        'pkg:apk/alpine/ssl_client@1.36.1-r28?arch=x86_64&distro=alpine-3.20.1&upstream=busybox%401.36.1-r28',
        'busybox',
        '1.36.1-r28',
      ],
    ],
  );
});

test('licences that older packages abbreviate become SPDX, and lists without operators stay as they are', () => {
  const license = (text: string) => catalog({ [installed]: `P:a\nV:1\nL:${text}\n` }).components[0]?.licenses;
  assert.deepEqual(license('GPL2+'), ['GPL-2.0-or-later']);
  assert.deepEqual(license('MIT AND (GPL-2.0-or-later OR BSD-2-Clause)'), [
    'MIT AND (GPL-2.0-or-later OR BSD-2-Clause)',
  ]);
  assert.deepEqual(license('GPL2+ MIT'), ['GPL2+ MIT']);
  assert.deepEqual(license(''), []);
});

test('dependencies are the packages that have the name, provide it, or own the file; conflicts are none', () => {
  const { components } = catalog({ [installed]: `${musl + busybox + ssl}P:scanelf\nV:1\n\nP:busybox-old\nV:0\n` });
  const dependsOn = (name: string) =>
    components
      .find((item) => item.name === name)
      ?.dependsOn.map((id) => components.find((item) => item.id === id)?.name);
  assert.deepEqual(dependsOn('ssl_client'), ['busybox', 'musl', 'scanelf']);
  assert.deepEqual(dependsOn('busybox'), ['musl']);
});

test('the database of a system with a merged /usr is read too', () => {
  const { components } = catalog({ 'usr/lib/apk/db/installed': musl });
  assert.deepEqual(components[0]?.locations, [{ path: 'usr/lib/apk/db/installed', layer: 0 }]);
});

test('a package is placed in the layer that brought this version of it', () => {
  const { components } = catalog([
    { [installed]: musl },
    { [installed]: musl + busybox.replace('r28', 'r27') },
    { [installed]: musl + busybox },
  ]);
  assert.deepEqual(
    components.map(({ name, locations }) => [name, locations[0]?.layer]),
    [
      ['musl', 0],
      ['busybox', 2],
    ],
  );
});

test('a package without a version or an architecture has none, rather than an empty one', () => {
  const { components } = catalog({ [installed]: 'P:.build-deps\nV:\n' });
  assert.deepEqual(
    [components[0]?.version, components[0]?.architecture, components[0]?.owns],
    [undefined, undefined, []],
  );
});

test('a database that is not one is reported as unread', () => {
  for (const text of ['V:1\n', 'P:\nV:1\n', 'what is this\n', '\0\0\0\0', `${musl}P`]) {
    const { components, unread } = catalog({ [installed]: text });
    assert.deepEqual(
      [components.length, unread.map(({ code }) => code)],
      [0, ['catalog/broken-apk-database']],
      JSON.stringify(text),
    );
  }
});

test('a short database that claims endless paths is refused', () => {
  const { unread } = catalog({ [installed]: `P:a\nF:${'x/'.repeat(50_000)}\n${'R:y\n'.repeat(5_000)}` });
  assert.deepEqual(
    unread.map(({ code }) => code),
    ['catalog/broken-apk-database'],
  );
});

test('any bytes are read or reported, never more', () => {
  const word = fc.constantFrom(
    'P:',
    'V:',
    'D:',
    'p:',
    'F:',
    'R:',
    'L:',
    'a',
    '/',
    '=',
    '!',
    ' ',
    '\n',
    '\n\n',
    '@',
    '~',
    '__proto__',
    '\0',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(word, { maxLength: 40 }).map((words) => words.join('')),
  );
  fc.assert(fc.property(text, (text) => void catalog({ [installed]: text })));
});
