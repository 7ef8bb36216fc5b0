/** Images that are damaged, that lie or that attack: refused with what is wrong, or read as far as they can be. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { mediaTypes } from '../src/image/media-type.ts';
import {
  layerTar,
  layoutOf,
  savedFilesOf,
  type TestImage,
  type TestImageOptions,
  tarOfFiles,
  testImage,
} from '../src/image/testing-image.ts';
import { type TarMember, tarOf } from '../src/image/testing-tar.ts';
import { assertRefused, newHome, plimsoll } from './command-line.ts';
import { application, base, sampleDatabase, sampleImage, writeArchive, writeLayout } from './sample.ts';

let database = '';
before(async () => {
  database = await sampleDatabase();
});

const imageOf = (options: TestImageOptions) => writeLayout(layoutOf([{ image: sampleImage(options) }]));

/** The layout of an image, with the blob of its first layer exchanged. */
function exchanged(image: TestImage, change: (bytes: Buffer) => Buffer): ReadonlyMap<string, Buffer> {
  const [, layer] = image.blobs;
  assert.ok(layer !== undefined);
  return new Map([...layoutOf([{ image }]), [`blobs/${layer.digest.replace(':', '/')}`, change(layer.bytes)]]);
}

const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);
const flipped = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0x55;
  return copy;
};
const changedHeader = flipped(layerTar({ a: '' }).subarray(0, 512));
const leadingElsewhere = {
  schemaVersion: 2,
  manifests: [{ mediaType: mediaTypes.ociManifest, size: 1, digest: 'sha256:../../../etc/passwd' }],
};
const withTar = (members: readonly TarMember[]): TestImageOptions => ({ layers: [base, tarOf(members), application] });
const claiming = (path: string, claimedSize: number) => withTar([{ path, claimedSize }]);

/** The layout of the sample image, with some of its files exchanged or (`undefined`) left out. */
function sampleLayout(changes: Readonly<Record<string, string | undefined>>): Promise<string> {
  const files = new Map(layoutOf([{ image: sampleImage() }]));
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) files.delete(path);
    else files.set(path, Buffer.from(text));
  }
  return writeLayout(files);
}

describe('an image that cannot be trusted is refused', () => {
  const saved = savedFilesOf(sampleImage({ compression: 'none' }), 'web:1');
  const twoZeros = [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`];
  const configured = (diffIds: readonly string[]) =>
    imageOf({ config: { rootfs: { type: 'layers', diff_ids: diffIds } } });
  const one = testImage({ layers: [{ 'etc/hostname': 'one' }], compression: 'none' });
  const [config, layer] = sampleImage().blobs;
  const blobs = 'blobs/sha256';

  const cases: readonly (readonly [what: string, make: () => Promise<string> | string, says: RegExp])[] = [
    ['a truncated gzip layer', () => imageOf({ damage: half }), /cannot be decompressed: unexpected end of file/],
    [
      'a truncated zstd layer',
      () => imageOf({ damage: half, compression: 'zstd' }),
      /cannot be decompressed: it ends in the middle of a frame/,
    ],
    ['a truncated plain layer', () => imageOf({ damage: half, compression: 'none' }), /ends in the middle of an entry/],
    ['a corrupt gzip layer', () => imageOf({ damage: flipped }), /cannot be decompressed|have the digest/],
    ['a corrupt zstd layer', () => imageOf({ damage: flipped, compression: 'zstd' }), /decompressed|have the digest/],
    [
      'a corrupt plain layer',
      () => imageOf({ damage: flipped, compression: 'none' }),
      /unpacked bytes have the digest/,
    ],
    [
      'a layer that is no archive',
      () => imageOf({ layers: [Buffer.alloc(2048, 'text')] }),
      /tar archive cannot be read/,
    ],
    [
      'a tar header that was changed',
      () => imageOf({ layers: [changedHeader] }),
      /a member header has a wrong checksum/,
    ],
    ['a damaged blob', () => writeLayout(exchanged(sampleImage(), flipped)), /cannot be decompressed|have the digest/],
    [
      'another layer under its digest',
      () => writeLayout(exchanged(one, () => layerTar({ 'etc/hostname': 'two' }))),
      /stored bytes have the digest/,
    ],
    ['a blob that is too short', () => writeLayout(exchanged(sampleImage(), half)), /not in its full length/],
    ['layers of other diffIDs', () => configured(twoZeros), /unpacked bytes have the digest/],
    ['layers of which no diffID is stated', () => configured([]), /has 2 layers, but its configuration speaks of 0/],
    ['a layer too few', () => sampleLayout({ [`${blobs}/${layer?.digest.slice(7)}`]: undefined }), /is not there/],
    [
      'another configuration',
      () => sampleLayout({ [`${blobs}/${config?.digest.slice(7)}`]: '{}' }),
      /full length|digest/,
    ],
    ['an index that is no JSON', () => sampleLayout({ 'index.json': '{' }), /the manifest is not JSON/],
    [
      'a digest that leads elsewhere',
      () => sampleLayout({ 'index.json': JSON.stringify(leadingElsewhere) }),
      /not valid at manifests\.0\.digest/,
    ],
    ['a layout of another version', () => sampleLayout({ 'oci-layout': '{"imageLayoutVersion":"9.0.0"}' }), /9\.0\.0/],
    ['a file that claims 10 GB and ends', () => imageOf(claiming('usr/bin/huge', 10e9)), /in the middle of an entry/],
    ['a lock file that claims 10 GB and ends', () => imageOf(claiming('yarn.lock', 10e9)), /in the middle of an entry/],
    ['a file that claims an impossible size', () => imageOf(claiming('a', 2 ** 62)), /states an impossible size/],
    [
      'a file name without end',
      () => imageOf(withTar([{ path: 'a', flag: 'L', content: Buffer.alloc(3_000_000, 'a') }])),
      /an extended header of 3000000 bytes is over the limit/,
    ],
    [
      'a truncated docker archive',
      () => writeArchive('docker-archive', half(tarOfFiles(saved))),
      /ends in the middle of/,
    ],
    [
      'a truncated compressed docker archive',
      () => writeArchive('docker-archive', half(gzipSync(tarOfFiles(saved)))),
      /cannot be read: unexpected end of file/,
    ],
    [
      'a docker archive with a layer too few',
      () => writeArchive('docker-archive', tarOfFiles(new Map([...saved].slice(-1)))),
      /which its manifest\.json names/,
    ],
    [
      'an OCI archive that is none',
      () => writeArchive('oci-archive', gzipSync(Buffer.alloc(4096, 'text'))),
      /is no tar archive/,
    ],
    ['an empty docker archive', () => writeArchive('docker-archive', Buffer.alloc(0)), /is empty/],
  ];
  for (const [what, make, says] of cases) {
    it(what, async () => {
      const started = performance.now();
      const answer = await plimsoll(['scan', await make(), '--db', database, '-o', 'json'], newHome());
      assertRefused(answer, 2, says);
      assert.ok(performance.now() - started < 15_000);
    });
  }
});
