import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { parseConfig, parseManifest } from './manifest.ts';
import { mediaTypes } from './media-type.ts';
import { descriptorOf, json, testImage, testIndex } from './testing-image.ts';

const platform = { os: 'linux', architecture: 'amd64' };

test('OCI and Docker manifests and indexes are told apart by their shape', () => {
  for (const docker of [false, true]) {
    const image = testImage({ docker });
    assert.equal(parseManifest(image.bytes).kind, 'manifest');
    assert.equal(parseManifest(testIndex([{ image, platform }], { docker }).bytes).kind, 'index');
  }
  assert.equal(parseManifest(testImage({ manifest: { mediaType: undefined } }).bytes).kind, 'manifest');
});

test('manifests that break the specification are refused with what is wrong', () => {
  const image = testImage();
  const layer = descriptorOf(image);
  const cases: [string, Buffer, string, RegExp][] = [
    ['schema 1', json({ schemaVersion: 1, fsLayers: [] }), 'image/old-manifest', /schema 1/],
    ['both', testImage({ manifest: { manifests: [] } }).bytes, 'image/bad-manifest', /at once/],
    ['other layers for Go', testImage({ manifest: { Layers: [layer] } }).bytes, 'image/bad-manifest', /"Layers"/],
    [
      'twice',
      Buffer.from(`{"layers":[],${image.bytes.toString().slice(1)}`),
      'image/bad-manifest',
      /"layers" .* twice/,
    ],
    ['neither', json({ schemaVersion: 2 }), 'image/bad-manifest', /neither/],
    ['not an object', json([1, 2]), 'image/bad-manifest', /neither/],
    ['not JSON', Buffer.from('{"schemaVersion":2'), 'image/bad-manifest', /not JSON/],
    [
      'claims to be an index',
      testImage({ manifest: { mediaType: mediaTypes.ociIndex } }).bytes,
      'image/bad-manifest',
      /mediaType/,
    ],
    [
      'path as digest',
      testImage({ manifest: { layers: [{ ...layer, digest: 'sha256:../../etc/passwd' }] } }).bytes,
      'image/bad-manifest',
      /layers\.0\.digest/,
    ],
    [
      'unknown algorithm',
      testImage({ manifest: { layers: [{ ...layer, digest: `md5:${'a'.repeat(32)}` }] } }).bytes,
      'image/bad-manifest',
      /digest/,
    ],
    [
      'negative size',
      testImage({ manifest: { layers: [{ ...layer, size: -1 }] } }).bytes,
      'image/bad-manifest',
      /size/,
    ],
    [
      'size no integer holds',
      testImage({ manifest: { layers: [{ ...layer, size: 1e300 }] } }).bytes,
      'image/bad-manifest',
      /size/,
    ],
    [
      'too many layers',
      testImage({ manifest: { layers: Array(limits.layersPerImage + 1).fill(layer) } }).bytes,
      'image/bad-manifest',
      /layers/,
    ],
    [
      'too many manifests',
      json({ schemaVersion: 2, manifests: Array(limits.manifestsPerIndex + 1).fill(layer) }),
      'image/bad-manifest',
      /manifests/,
    ],
    ['too large', Buffer.alloc(limits.manifestBytes + 1, ' '), 'image/bad-manifest', /larger/],
  ];
  for (const [name, bytes, code, message] of cases) {
    assert.throws(() => parseManifest(bytes), { name: 'PlimsollError', code, message, kind: 'input' }, name);
  }
});

test('configurations of old tools, with nulls where lists belong, are read', () => {
  const config = parseConfig(
    json({
      os: 'linux',
      architecture: 'amd64',
      config: { Labels: null },
      rootfs: { type: 'layers', diff_ids: null },
      history: null,
    }),
  );
  assert.equal(config.rootfs.diff_ids, null);
  assert.throws(() => parseConfig(json({ os: 'linux' })), { code: 'image/bad-manifest', message: /rootfs/ });
  const twice = { rootfs: { type: 'layers', diff_ids: [] }, RootFS: {} };
  assert.throws(() => parseConfig(json(twice)), { code: 'image/bad-manifest', message: /"RootFS"/ });
});

test('a label called __proto__ is no prototype', () => {
  const config = parseConfig(
    Buffer.from('{"config":{"Labels":{"__proto__":"x","a":"b"}},"rootfs":{"type":"layers","diff_ids":[]}}'),
  );
  assert.deepEqual(config.config?.Labels, { a: 'b' });
});

test('any JSON is a manifest or a PlimsollError', () => {
  const document = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { schemaVersion: fc.constant(2), manifests: fc.jsonValue(), layers: fc.jsonValue() },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(document, (value) => {
      for (const parse of [parseManifest, parseConfig]) {
        try {
          parse(json(value));
        } catch (thrown) {
          assert.ok(thrown instanceof PlimsollError, String(thrown));
        }
      }
    }),
    { numRuns: 200 },
  );
});
