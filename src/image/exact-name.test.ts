import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inexactName, repeatedName } from './exact-name.ts';

const descriptor = { mediaType: 'a', digest: 'sha256:00', size: 1 };

test('a name in another case, which Go takes for the right one, is found where it decides what is in an image', () => {
  const rows: readonly (readonly [string | undefined, object, 'manifest' | 'configuration'])[] = [
    ['Layers', { schemaVersion: 2, config: descriptor, layers: [], Layers: [descriptor] }, 'manifest'],
    ['layer\u017f', { config: descriptor, layers: [], 'layer\u017f': [descriptor] }, 'manifest'],
    ['CONFIG', { CONFIG: descriptor, manifests: [] }, 'manifest'],
    ['Digest', { layers: [descriptor, { ...descriptor, Digest: 'sha256:11' }] }, 'manifest'],
    ['Size', { config: { ...descriptor, Size: 2 } }, 'manifest'],
    ['OS', { manifests: [{ ...descriptor, platform: { os: 'linux', OS: 'windows' } }] }, 'manifest'],
    ['DIFF_IDS', { rootfs: { type: 'layers', diff_ids: [], DIFF_IDS: ['a'] } }, 'configuration'],
    ['RootFS', { rootfs: {}, RootFS: {} }, 'configuration'],
    [undefined, { config: descriptor, layers: [descriptor], annotations: { Layers: 'a', Digest: 'b' } }, 'manifest'],
    [undefined, { os: 'linux', Size: 3, config: { Labels: { OS: 'a' }, Volumes: { Config: {} } } }, 'configuration'],
  ];
  for (const [expected, json, document] of rows) {
    assert.equal(inexactName(JSON.parse(JSON.stringify(json)), document), expected, JSON.stringify(json));
  }
});

test('what is no object, or nests without end, has no such name', () => {
  let deep: unknown = { Layers: [] };
  for (let depth = 0; depth < 5_000; depth++) deep = { config: deep };
  for (const json of [null, 'Layers', [], 1, deep]) assert.equal(inexactName(json, 'manifest'), undefined);
});

test('a name that stands twice in one object is found, and in two objects is none', () => {
  const rows: readonly (readonly [string | undefined, string])[] = [
    ['layers', '{"layers":[],"layers":[]}'],
    ['layers', '{"layers":[{"a":1}] , "l\\u0061yers" : []}'],
    ['b', '[{"a":{"b":1,"c":{"b":2},"b":3}}]'],
    ['', '{"":1,"":2}'],
    [undefined, '{"a":{"a":1},"b":[{"a":1},{"a":1}],"c":"a"}'],
    [undefined, '{"a":"{\\"a\\":1,","b":"}\\\\","c":"\\"b\\":"}'],
  ];
  for (const [expected, text] of rows) assert.equal(repeatedName(text), expected, text);
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(repeatedName(JSON.stringify(JSON.parse(text), undefined, 1)), undefined);
    }),
  );
});

test('a long text is looked through in no time', () => {
  const text = JSON.stringify({ a: '\\"'.repeat(1_000_000), b: ' '.repeat(2_000_000), c: '{'.repeat(100_000) });
  const started = performance.now();
  assert.equal(repeatedName(text), undefined);
  assert.ok(performance.now() - started < 2_000);
});
