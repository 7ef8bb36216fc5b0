import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateTime, inOrder, isHash, isWebAddress, subjectOf, timestampOf, topLevel, uuidFor } from './document.ts';
import type { Artifact } from './evidence.ts';
import { component, webImage } from './testing.ts';

const options = { toolVersion: '1.2.3' };
const folder: Artifact = { kind: 'directory', reference: '.' };

test('the time is the one given, else that of the image, else 1970: never that of the clock', () => {
  const cases: readonly (readonly [Artifact, string | undefined, string])[] = [
    [webImage.artifact, '2030-01-02T03:04:05+02:00', '2030-01-02T01:04:05Z'],
    [webImage.artifact, undefined, '2024-05-06T07:08:09Z'],
    [{ ...webImage.artifact, created: undefined }, undefined, '1970-01-01T00:00:00Z'],
    [folder, undefined, '1970-01-01T00:00:00Z'],
    [folder, 'yesterday', '1970-01-01T00:00:00Z'],
  ];
  for (const [artifact, timestamp, expected] of cases) {
    assert.equal(timestampOf({ artifact }, { ...options, timestamp }), expected);
  }
});

test('a time beyond the year 9999 is none, since neither format could write it', () => {
  assert.equal(dateTime('+010000-01-01T00:00:00Z'), undefined);
  assert.equal(dateTime('-000001-01-01T00:00:00Z'), undefined);
  assert.equal(dateTime('9999-12-31T23:59:59Z'), '9999-12-31T23:59:59.000Z');
});

test('the number follows from the content, is a UUID of version 8, and gives way to one that is given', () => {
  const number = uuidFor('content', options);
  assert.match(number, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(uuidFor('content', options), number);
  assert.notEqual(uuidFor('other content', options), number);
  const given = '3E671687-395B-41F5-A30F-A58921A69B79';
  assert.equal(uuidFor('content', { ...options, serialNumber: given }), given.toLowerCase());
  assert.equal(uuidFor('content', { ...options, serialNumber: `urn:uuid:${given}` }), given.toLowerCase());
});

test('an artifact is named as people name it', () => {
  const cases: readonly (readonly [Artifact, string, string | undefined])[] = [
    [webImage.artifact, webImage.artifact.reference, webImage.artifact.digest],
    [{ kind: 'directory', reference: './my-app/' }, 'my-app', undefined],
    [{ kind: 'directory', reference: 'dir:/srv/app' }, 'app', undefined],
    [{ kind: 'directory', reference: '.' }, 'artifact', undefined],
    [{ kind: 'directory', reference: '../..' }, 'artifact', undefined],
    [{ kind: 'file', reference: 'file:lib/a.jar', digest: 'sha256:1' }, 'a.jar', 'sha256:1'],
    [{ kind: 'sbom', reference: 'x.json', digest: 'sha256:1', subject: 'web' }, 'web', undefined],
    [{ kind: 'sbom', reference: 'out/x.json', digest: 'sha256:1' }, 'x.json', undefined],
  ];
  for (const [artifact, name, version] of cases) assert.deepEqual(subjectOf(artifact), { name, version });
});

test('what no other component needs is on top, and one of each circle that nothing leads into', () => {
  const b = component({ type: 'npm', name: 'b' });
  const a = component({ type: 'npm', name: 'a', dependsOn: [b.id] });
  const c = component({ type: 'npm', name: 'c', dependsOn: ['pkg:npm/d'] });
  const d = component({ type: 'npm', name: 'd', dependsOn: [c.id] });
  assert.deepEqual(topLevel([a, b]), [a.id]);
  assert.deepEqual(topLevel([c, d]), [c.id]);
  const e = component({ type: 'npm', name: 'e', dependsOn: [d.id] });
  assert.deepEqual(topLevel([c, d, e]), [e.id]);
});

test('lists are put in order, without what is twice, blank, no hash, or leads to nothing', () => {
  const a = component({
    type: 'npm',
    name: 'a',
    licenses: ['MIT', ' ', 'ISC', 'MIT'],
    hashes: [
      { algorithm: 'SHA-1', value: 'c'.repeat(40) },
      { algorithm: 'MD5', value: 'no hash' },
      { algorithm: 'SHA-1', value: 'c'.repeat(40) },
    ],
    locations: [{ path: 'b', layer: 1 }, { path: 'a' }, { path: 'b', layer: 1 }],
    dependsOn: ['pkg:npm/b', 'pkg:npm/a', 'pkg:npm/gone', 'pkg:npm/b'],
  });
  const { components } = inOrder({
    artifact: folder,
    components: [component({ type: 'npm', name: 'b' }), a],
    unknown: [],
  });
  assert.deepEqual(
    components.map(({ id }) => id),
    ['pkg:npm/a', 'pkg:npm/b'],
  );
  assert.deepEqual(components[0]?.licenses, ['ISC', 'MIT']);
  assert.deepEqual(components[0]?.hashes, [{ algorithm: 'SHA-1', value: 'c'.repeat(40) }]);
  assert.deepEqual(components[0]?.locations, [{ path: 'a' }, { path: 'b', layer: 1 }]);
  assert.deepEqual(components[0]?.dependsOn, ['pkg:npm/b']);
});

test('a hash has the length of its algorithm', () => {
  assert.ok(isHash({ algorithm: 'MD5', value: 'a'.repeat(32) }));
  assert.ok(!isHash({ algorithm: 'SHA-256', value: 'a'.repeat(32) }));
  assert.ok(!isHash({ algorithm: 'MD5', value: 'g'.repeat(32) }));
});

test('only what the formats accept as an address is one', () => {
  for (const good of ['https://www.openssl.org/', 'http://a.b/c?d=e&f#g', 'https://a.b/%20', 'https://a.b:8080/~x']) {
    assert.ok(isWebAddress(good), good);
  }
  for (const bad of [
    'www.openssl.org',
    'ftp://a.b',
    'https://a b',
    'https://a.b/%2',
    'https://a.b/ü',
    'https://',
    'https://a.b/#c#d',
  ]) {
    assert.ok(!isWebAddress(bad), bad);
  }
});
