import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { elfFile, fatFile, machOFile, type Part, peFile } from '../binary/testing-binary.ts';
import { catalogFiles } from '../testing.ts';
import { rustAuditable } from './auditable.ts';

const list = {
  packages: [
    { name: 'adler', version: '0.2.3', source: 'registry', kind: 'build' },
    { name: 'app', version: '0.1.0', source: 'local', dependencies: [0, 2], root: true },
    { name: 'libc', version: '0.2.80', source: 'crates.io' },
  ],
};
const linux = { wide: true, bigEndian: false };
const section = (data: Buffer, name = '.dep-v0'): Part => ({ name, data, address: 0x500000 });
const packed = (value: unknown) => deflateSync(JSON.stringify(value));

function catalog(bytes: Buffer) {
  const { components, unread } = catalogFiles(rustAuditable, { 'usr/bin/app': bytes }, { binaries: true });
  return { components, unread, ids: [...new Set(components.map(({ id }) => id))] };
}

const ids = ['pkg:cargo/adler@0.2.3', 'pkg:cargo/app@0.1.0', 'pkg:cargo/libc@0.2.80'];

describe('Rust crates in programs', () => {
  const programs: readonly (readonly [string, Buffer])[] = [
    ['64-bit ELF', elfFile(linux, [section(packed(list))])],
    ['32-bit big-endian ELF', elfFile({ wide: false, bigEndian: true }, [section(packed(list))])],
    ['PE', peFile(true, [section(Buffer.concat([packed(list), Buffer.alloc(300)]))])],
    ['Mach-O', machOFile(linux, [section(packed(list))])],
    [
      'fat Mach-O',
      fatFile(false, [machOFile(linux, [section(packed(list))]), machOFile(linux, [section(packed(list))])]),
    ],
  ];
  for (const [title, bytes] of programs)
    it(`are listed from ${title}`, () => assert.deepEqual(catalog(bytes).ids, ids));

  it('are embedded, at the program, with what they need; those for building only are for development', () => {
    const common = {
      type: 'cargo',
      licenses: [],
      hashes: [],
      embedded: true,
      locations: [{ path: 'usr/bin/app', layer: 0 }],
    };
    assert.deepEqual(catalog(elfFile(linux, [section(packed(list))])).components, [
      { id: ids[0], name: 'adler', version: '0.2.3', scope: 'development', dependsOn: [], ...common },
      { id: ids[1], name: 'app', version: '0.1.0', scope: undefined, dependsOn: [ids[0], ids[2]], ...common },
      { id: ids[2], name: 'libc', version: '0.2.80', scope: undefined, dependsOn: [], ...common },
    ]);
  });

  it('are none in programs without such a list', () => {
    const { ids, unread } = catalog(elfFile(linux, [section(packed(list), '.data')]));
    assert.deepEqual([ids, unread], [[], []]);
  });

  const broken: readonly (readonly [string, Buffer])[] = [
    ['data that is not compressed', Buffer.from(JSON.stringify(list))],
    ['data that is cut', packed(list).subarray(0, 30)],
    ['a megabyte that unfolds without end', deflateSync(Buffer.alloc(64 * 1024 * 1024))],
    ['text that is not JSON', deflateSync('{')],
    ['packages that are no list', packed({ packages: {} })],
    ['a package without a version', packed({ packages: [{ name: 'x' }] })],
    ['a name that no package can have', packed({ packages: [{ name: '\ud800', version: '1.0.0' }] })],
  ];
  for (const [title, data] of broken) {
    it(`are reported as unread with ${title}`, () => {
      const { ids, unread } = catalog(elfFile(linux, [section(data)]));
      assert.deepEqual([ids, unread.map(({ path }) => path)], [[], ['usr/bin/app']]);
    });
  }

  it('pass over dependencies that are not there', () => {
    const odd = { packages: [{ name: 'x', version: '1.0.0', dependencies: [7, -1, 0.5, 'length', 0, null] }] };
    assert.deepEqual(
      catalog(elfFile(linux, [section(packed(odd))])).components.map(({ dependsOn }) => dependsOn),
      [[]],
    );
  });

  it('survive whatever stands in the list', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({
        packages: fc.array(
          fc.record(
            { name: fc.string(), version: fc.string(), kind: fc.string(), dependencies: fc.jsonValue() },
            { requiredKeys: [] },
          ),
        ),
      }),
    );
    fc.assert(
      fc.property(value, (json) => void catalog(elfFile(linux, [section(packed(json))]))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => void catalog(elfFile(linux, [section(Buffer.from(bytes))]))),
      { numRuns: 100 },
    );
  });
});
