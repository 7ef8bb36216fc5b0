import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { elfFile, fatFile, machOFile, type Part, peFile } from '../binary/testing-binary.ts';
import { catalogFiles } from '../testing.ts';
import { goBinary } from './binary.ts';
import { buildInfoPart, inlineBuildInfo, pointedBuildInfo } from './testing-build-info.ts';

const other: Part = { name: '.data', data: Buffer.from('something else'), address: 0x500000 };
const linux = { wide: true, bigEndian: false };
const modules = [
  'path\texample.com/hello/cmd',
  'mod\texample.com/hello\tv1.4.0\th1:AAAA=',
  'dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:o7IhLm0Msx3BaB+n3Ag7L8EVlByGnpq14C4YWiu/gL8=',
  'dep\tgithub.com/docker/docker\tv20.10.7+incompatible',
  'build\tGOOS=linux',
  '',
].join('\n');
const expected = [
  ['stdlib', '1.22.1'],
  ['example.com/hello', 'v1.4.0'],
  ['github.com/BurntSushi/toml', 'v1.3.2'],
  ['github.com/docker/docker', 'v20.10.7+incompatible'],
];

function catalog(bytes: Uint8Array) {
  const { components, unread } = catalogFiles(goBinary, { 'usr/bin/hello': bytes }, { binaries: true });
  return { components, unread, named: components.map(({ name, version }) => [name, version]) };
}

function program(list: string, toolchain = 'go1.22.1') {
  return catalog(elfFile(linux, [buildInfoPart(inlineBuildInfo(toolchain, list))]));
}

describe('Go modules in programs', () => {
  const builds = [false, true].flatMap((wide) => [false, true].map((bigEndian) => ({ wide, bigEndian })));
  const formats: readonly (readonly [string, (data: (address: number) => Buffer) => Buffer])[] = [
    ...builds.flatMap((build) => [
      [
        `ELF ${JSON.stringify(build)}`,
        (data: (address: number) => Buffer) => elfFile(build, [other, buildInfoPart(data(0x550000))]),
      ] as const,
      [
        `Mach-O ${JSON.stringify(build)}`,
        (data: (address: number) => Buffer) =>
          machOFile(build, [other, { name: '__go_buildinfo', data: data(0x550000), address: 0x550000 }]),
      ] as const,
    ]),
    ...[false, true].map(
      (wide) =>
        [
          `PE wide: ${wide}`,
          (data: (address: number) => Buffer) =>
            peFile(wide, [{ name: '.data', data: data(0x550000), address: 0x550000 }]),
        ] as const,
    ),
    [
      'ELF without section headers',
      (data) => elfFile(linux, [{ name: '', data: data(0x550000), address: 0x550000 }], { stripped: true }),
    ],
    [
      'a fat Mach-O',
      (data) =>
        fatFile(false, [machOFile(linux, [{ name: '__go_buildinfo', data: data(0x550000), address: 0x550000 }])]),
    ],
  ];
  for (const [title, make] of formats) {
    it(`are listed from ${title}, as written since Go 1.18`, () => {
      const { named, unread } = catalog(make(() => inlineBuildInfo('go1.22.1', modules)));
      assert.deepEqual([named, unread], [expected, []]);
    });
  }
  for (const build of builds) {
    it(`are listed as written before Go 1.18, with pointers: ${JSON.stringify(build)}`, () => {
      const data = pointedBuildInfo('go1.22.1', modules, { address: 0x550000, ...build });
      assert.deepEqual(catalog(elfFile(build, [buildInfoPart(data)])).named, expected);
    });
  }

  it('are embedded components of the type golang, located at the program, without licences, hashes and edges', () => {
    const { components } = program(modules);
    assert.deepEqual(components[2], {
      id: 'pkg:golang/github.com/BurntSushi/toml@v1.3.2',
      name: 'github.com/BurntSushi/toml',
      version: 'v1.3.2',
      type: 'golang',
      licenses: [],
      hashes: [],
      locations: [{ path: 'usr/bin/hello', layer: 0 }],
      dependsOn: [],
      embedded: true,
    });
  });

  it('are looked for in the data of a program only at multiples of 16, as its reader does', () => {
    const info = inlineBuildInfo('go1.22.1', modules);
    const at = (shift: number): Part => ({
      name: '.data',
      data: Buffer.concat([Buffer.alloc(shift, 1), info]),
      address: 0x600000,
    });
    assert.deepEqual(catalog(elfFile(linux, [at(48)])).named, expected);
    assert.deepEqual(catalog(elfFile(linux, [at(40)])).named, []);
    const decoy = Buffer.concat([Buffer.alloc(3), info, Buffer.alloc(29 - (info.length % 16))]);
    assert.equal(decoy.length % 16, 0);
    const both: Part = { name: '.data', data: Buffer.concat([decoy, info]), address: 0x600000 };
    assert.deepEqual(catalog(elfFile(linux, [both])).named, expected, 'after one out of place');
  });

  it('are what replaced them; a folder that replaced one has no version', () => {
    const { named } = program(
      [
        'mod\tmain\t(devel)\t',
        'dep\trsc.io/sampler\tv1.3.0',
        '=>\tgithub.com/fork/sampler\tv1.99.99\th1:7i08f=',
        'dep\texample.com/local\tv0.0.0-00010101000000-000000000000',
        '=>\t./local\t(devel)\t',
        'dep\texample.com/old\tv1.0.0',
        '=>\t../old\t\t',
        'dep\texample.com/workspace\t(devel)\t',
        '',
      ].join('\n'),
    );
    assert.deepEqual(named, [
      ['stdlib', '1.22.1'],
      ['main', undefined],
      ['github.com/fork/sampler', 'v1.99.99'],
      ['example.com/local', undefined],
      ['example.com/old', undefined],
      ['example.com/workspace', undefined],
    ]);
  });

  const mainVersions: readonly (readonly [string, string, string | undefined])[] = [
    ['v0.0.0-20240102030405-0123456789ab+dirty', '', 'v0.0.0-20240102030405-0123456789ab+dirty'],
    ['(devel)', 'build\t-ldflags="-s -w -X main.version=1.2.3"\n', 'v1.2.3'],
    [
      '(devel)',
      'build\t-ldflags="-X \'example.com/hello/internal/meta.Version=v2.0.0-rc.1\' -X main.commit=abc"\n',
      'v2.0.0-rc.1',
    ],
    ['(devel)', 'build\t-ldflags=-X=main.Version=v1.2.3\n', 'v1.2.3'],
    ['(devel)', 'build\t-ldflags="-X main.version=1.2.3 -X main.appVersion=1.2.4"\n', undefined],
    ['(devel)', 'build\t-ldflags="-X main.version=v1.2.3-5-gabcdef0"\n', undefined],
    ['(devel)', 'build\t-ldflags="-X main.version=v1.2.3-dirty"\n', undefined],
    ['(devel)', 'build\t-ldflags="-X k8s.io/client-go/pkg/version.gitVersion=v1.28.2"\n', undefined],
    ['(devel)', 'build\t-ldflags="-X main.schemaVersionURL=1.2.3"\n', undefined],
    ['(devel)', 'build\tvcs.revision=0123456789abcdef\nbuild\tvcs.time=2024-01-02T03:04:05Z\n', undefined],
  ];
  for (const [version, settings, answer] of mainVersions) {
    it(`include the main module ${version} ${JSON.stringify(settings)} at ${answer ?? 'an unknown version'}`, () => {
      assert.deepEqual(program(`mod\texample.com/hello\t${version}\t\n${settings}`).named[1], [
        'example.com/hello',
        answer,
      ]);
    });
  }

  const toolchains: readonly (readonly [string, string | undefined])[] = [
    ['go1.19.8', '1.19.8'],
    ['go1.20', '1.20'],
    ['go1.21rc2', '1.21rc2'],
    ['go1.22.1 X:nocoverageredesign', '1.22.1'],
    ['go1.20.3 (Red Hat 1.20.3-1)', '1.20.3'],
    ['go1.19.8-foo', '1.19.8'],
    ['go1.18.1b7', '1.18.1'],
    ['devel go1.23-abc0123 Thu Jan 1 00:00:00 2024 +0000', undefined],
    ['go1.25-devel_abc Tue', undefined],
    ['go1.22-20240109-RC01 cl/597041403 +dcbe772469 X:loopvar', undefined],
    ['devel +abc', undefined],
  ];
  for (const [toolchain, version] of toolchains) {
    it(`include the standard library of ${toolchain} at ${version ?? 'an unknown version'}`, () => {
      assert.deepEqual(program(modules, toolchain).named[0], ['stdlib', version]);
    });
  }

  it('are reported as unknown for a program that was built without modules, whose standard library is still known', () => {
    const { named, unread } = program('path\tgithub.com/containers/skopeo/cmd/skopeo\nbuild\tGOOS=linux\n');
    assert.deepEqual(named, [['stdlib', '1.22.1']]);
    assert.deepEqual(
      unread.map(({ path, message }) => [path, /without module support/.test(message)]),
      [['usr/bin/hello', true]],
    );
    assert.deepEqual(program('').unread.length, 1);
  });

  it('are the standard library and the toolchain for the commands of the Go distribution', () => {
    const { named, unread } = program('path\tcmd/go\nbuild\tGOOS=linux\n');
    assert.deepEqual(
      [named, unread],
      [
        [
          ['stdlib', '1.22.1'],
          ['toolchain', '1.22.1'],
        ],
        [],
      ],
    );
  });

  const silent: readonly (readonly [string, Buffer, RegExp | undefined])[] = [
    ['a C program', elfFile(linux, [{ name: '.data', data: Buffer.from('no Go'), address: 0x600000 }]), undefined],
    [
      'a Go program without build information',
      elfFile(linux, [{ name: '.gopclntab', data: Buffer.from('x'), address: 0x600000 }]),
      /without build information/,
    ],
    [
      'a Go program whose build information was removed',
      elfFile(linux, [buildInfoPart(Buffer.alloc(64))]),
      /without build information/,
    ],
    [
      'a Go program for Windows without build information',
      peFile(true, [{ name: '.text', data: Buffer.from('\xff Go build ID: "a/b"', 'latin1'), address: 0x401000 }]),
      /without build information/,
    ],
    [
      'a program packed with UPX',
      elfFile(linux, [{ name: '', data: Buffer.from('....UPX!....'), address: 0x600000 }], { stripped: true }),
      /UPX/,
    ],
    [
      'a program for Windows packed with UPX',
      peFile(true, [{ name: 'UPX0', data: Buffer.from('UPX!'), address: 0x401000 }]),
      /UPX/,
    ],
    [
      'a program that mentions UPX',
      elfFile(linux, [{ name: '.rodata', data: Buffer.from('UPX!'), address: 0x600000 }]),
      undefined,
    ],
  ];
  for (const [title, bytes, reason] of silent) {
    it(`are ${reason === undefined ? 'none' : 'reported as not read'} for ${title}`, () => {
      const { named, unread } = catalog(bytes);
      assert.deepEqual(named, []);
      if (reason === undefined) assert.deepEqual(unread, []);
      else assert.match(unread[0]?.message ?? '', reason);
    });
  }

  const broken: readonly (readonly [string, Buffer])[] = [
    ['an empty toolchain', inlineBuildInfo('', modules)],
    ['a string that is longer than the program', inlineBuildInfo('go1.22.1', modules).subarray(0, 90)],
    ['a header that is cut', inlineBuildInfo('go1.22.1', modules).subarray(0, 20)],
    ['a length without end', Buffer.concat([inlineBuildInfo('', '').subarray(0, 32), Buffer.alloc(16, 0xff)])],
    [
      'pointers to nowhere, as in position-independent programs',
      pointedBuildInfo('go1.17', modules, { address: 0, wide: true, bigEndian: false }),
    ],
    [
      'a strange pointer size',
      Buffer.concat([inlineBuildInfo('', '').subarray(0, 14), Buffer.from([5, 0]), Buffer.alloc(16)]),
    ],
    ['a dependency without a version', inlineBuildInfo('go1.22.1', 'dep\texample.com/x\n')],
    ['a replacement of nothing', inlineBuildInfo('go1.22.1', '=>\texample.com/x\tv1.0.0\t\n')],
    ['a dependency without a name', inlineBuildInfo('go1.22.1', 'dep\t\tv1.0.0\n')],
    ['a setting without a value', inlineBuildInfo('go1.22.1', 'build\tnothing\n')],
  ];
  for (const [title, data] of broken) {
    it(`are reported as not read with ${title}`, () => {
      const { named, unread } = catalog(elfFile(linux, [buildInfoPart(data)]));
      assert.deepEqual([named, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('survive whatever stands in the build information', () => {
    const line = fc
      .tuple(fc.constantFrom('path', 'mod', 'dep', '=>', 'build', 'x'), fc.array(fc.string(), { maxLength: 4 }))
      .map(([word, rest]) => [word, ...rest].join('\t'));
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(line, { maxLength: 5 }),
        (toolchain, list) => void program(`${list.join('\n')}\n`, toolchain),
      ),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        (bytes) =>
          void catalog(
            elfFile(linux, [buildInfoPart(Buffer.concat([inlineBuildInfo('', '').subarray(0, 14), bytes]))]),
          ),
      ),
      { numRuns: 300 },
    );
  });
});
