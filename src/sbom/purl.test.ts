import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { packageTypes } from './component.ts';
import { parsePurl, purlFor } from './purl.ts';
import { debian } from './testing.ts';

test('a component has the purl that other tools give it, and is read back from it', () => {
  const cases: readonly (readonly [Parameters<typeof purlFor>[0], string])[] = [
    [{ type: 'npm', name: '@scope/name', version: '1.0.0' }, 'pkg:npm/%40scope/name@1.0.0'],
    [{ type: 'maven', name: 'org.group:artifact', version: '1' }, 'pkg:maven/org.group/artifact@1'],
    [{ type: 'golang', name: 'golang.org/x/net', version: 'v0.1.0' }, 'pkg:golang/golang.org/x/net@v0.1.0'],
    [{ type: 'composer', name: 'vendor/package', version: '2' }, 'pkg:composer/vendor/package@2'],
    [
      { type: 'rpm', name: 'nodejs', version: '1:12-2.el8', architecture: 'x86_64', module: 'nodejs:12' },
      'pkg:rpm/debian/nodejs@12-2.el8?arch=x86_64&distro=debian-12&epoch=1&rpmmod=nodejs:12',
    ],
    [
      { type: 'deb', name: 'libssl3', version: '1:3', source: { name: 'openssl', version: '1:4' } },
      'pkg:deb/debian/libssl3@1:3?distro=debian-12&upstream=openssl%401:4',
    ],
    [{ type: 'deb', name: 'bash', version: '5', source: { name: 'bash' } }, 'pkg:deb/debian/bash@5?distro=debian-12'],
  ];
  for (const [named, expected] of cases) {
    const purl = purlFor(named, debian);
    assert.equal(decodeURIComponent(purl), decodeURIComponent(expected));
    const { type, name, version } = parsePurl(purl);
    assert.deepEqual({ type, name, version }, { type: named.type, name: named.name, version: named.version });
  }
});

test('an epoch that is a qualifier is part of the version, once', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['pkg:rpm/centos/bind@9.10?epoch=32', '32:9.10'],
    ['pkg:rpm/centos/bind@9.10', '9.10'],
    ['pkg:deb/debian/bind@9.10?epoch=1', '1:9.10'],
    ['pkg:deb/debian/bind@1:9.10?epoch=1', '1:9.10'],
    ['pkg:deb/debian/bind@9.10?epoch=0', '9.10'],
    ['pkg:npm/bind@9.10?epoch=1', '9.10'],
    ['pkg:rpm/centos/bind?epoch=32', undefined],
  ];
  for (const [purl, version] of cases) assert.equal(parsePurl(purl).version, version, purl);
});

test('a purl is decoded once, as the specification says', () => {
  const cases: readonly (readonly [string, Partial<ReturnType<typeof parsePurl>>])[] = [
    ['pkg:apk/a/b@1?upstream=%00%40%25%00', { qualifiers: { upstream: '\0@%\0' } }],
    ['pkg:deb/debian/a@1?upstream=b%401%2525', { qualifiers: { upstream: 'b@1%25' } }],
    ['pkg:deb/debian/a@1?upstream=gcc-12%4012.2.0+b1', { qualifiers: { upstream: 'gcc-12@12.2.0+b1' } }],
    ['pkg:deb/debian/g++@1+b2', { name: 'g++', version: '1+b2' }],
    ['pkg:npm/a%2540b@1%2B2', { name: 'a%40b', version: '1+2' }],
    ['PKG://NPM//%40scope//name@1', { type: 'npm', namespace: '@scope', name: '@scope/name', version: '1' }],
    ['pkg:npm/@scope/name', { name: '@scope/name', version: undefined }],
    ['pkg:npm/@scope/name@1', { name: '@scope/name', version: '1' }],
    ['pkg:npm/a/', { name: 'a', version: undefined }],
    ['pkg:npm/a@', { version: undefined, purl: 'pkg:npm/a' }],
    ['pkg:npm/a?ARCH=x&empty=&bare', { qualifiers: { arch: 'x' } }],
    ['pkg:npm/a?url=x%3Fa%3Db=c', { qualifiers: { url: 'x?a=b=c' } }],
    ['pkg:golang/x.org/a@1#/b//./../%63/', { subpath: 'b/c', purl: 'pkg:golang/x.org/a@1#b/c' }],
    ['pkg:npm/a#.', { subpath: undefined }],
    [' pkg:npm/a@1\n', { purl: 'pkg:npm/a@1' }],
    ['pkg:npm/名前@1', { name: '名前' }],
  ];
  for (const [purl, expected] of cases) {
    const parsed = parsePurl(purl);
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(Object.entries(parsed).find(([known]) => known === key)?.[1], value, `${key} of ${purl}`);
    }
  }
});

test('a type without catalogers is generic and keeps its purl', () => {
  const { type, name, purl } = parsePurl('pkg:GitHub/actions/checkout@v4');
  assert.deepEqual(
    { type, name, purl },
    { type: 'generic', name: 'actions/checkout', purl: 'pkg:github/actions/checkout@v4' },
  );
});

test('a broken purl, or a name that no purl can hold, is an error that says so', () => {
  const broken = [
    '',
    'npm/a',
    'pkg:',
    'pkg:npm',
    'pkg:npm/',

    'pkg:npm/%zz',
    'pkg:npm/a?b=%',
    'pkg:n%70m/a',
  ];
  for (const purl of [...broken, 'purl:npm/a', 'pkg://user:secret@npm/a', 'pkg:npm/a?b=1&B=1', 'pkg:npm/a?%62=1']) {
    assert.throws(() => parsePurl(purl), { name: 'PlimsollError', code: 'sbom/bad-purl' }, purl);
  }
  assert.throws(() => purlFor({ type: 'npm', name: '' }), { name: 'PlimsollError', code: 'sbom/no-purl' });
});

test('any name gives a purl or a PlimsollError, and any text is a purl or one', () => {
  const orPlimsollError = (call: () => unknown) => {
    try {
      call();
    } catch (thrown) {
      assert.ok(thrown instanceof PlimsollError);
    }
  };
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...packageTypes), text, text, (type, name, version) => {
      orPlimsollError(() => purlFor({ type, name, version }));
      orPlimsollError(() => parsePurl(`pkg:${type}/${name}@${version}`));
    }),
  );
});
