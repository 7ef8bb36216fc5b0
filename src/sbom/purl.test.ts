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

test('a type without catalogers is generic and keeps its purl', () => {
  const { type, name, purl } = parsePurl('pkg:GitHub/actions/checkout@v4');
  assert.deepEqual(
    { type, name, purl },
    { type: 'generic', name: 'actions/checkout', purl: 'pkg:github/actions/checkout@v4' },
  );
});

test('a broken purl, or a name that no purl can hold, is an error that says so', () => {
  for (const purl of ['', 'npm/a', 'pkg:npm', 'pkg:npm/', 'pkg:npm/%zz']) {
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
