import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inexactName } from './exact-name.ts';

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
