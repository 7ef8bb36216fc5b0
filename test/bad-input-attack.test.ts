/** Images made to exhaust, to escape or to mislead: bounded in time and memory, and the rest of them is still read. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { layoutOf } from '../src/image/testing-image.ts';
import { type TarMember, tarOf } from '../src/image/testing-tar.ts';
import { type TestEntry, testZip } from '../src/image/testing-zip.ts';
import {
  type Answer,
  assertPlain,
  assertRefused,
  componentsIn,
  findingsIn,
  newHome,
  type ProcessAnswer,
  plimsoll,
  plimsollProcess,
  type Result,
  readText,
  resultsIn,
} from './command-line.ts';
import {
  application,
  base,
  sampleComponents,
  sampleDatabase,
  sampleFindings,
  sampleImage,
  writeLayout,
} from './sample.ts';

const MiB = 1024 * 1024;
const lockFile = application['srv/app/package-lock.json'];
let database = '';
before(async () => {
  database = await sampleDatabase();
});

/** The sample image, with a layer of these members between its own. */
function imageWith(members: readonly TarMember[]): Promise<string> {
  return writeLayout(layoutOf([{ image: sampleImage({ layers: [base, tarOf(members), application] }) }]));
}

describe('an image that would not end is refused in bounded time and memory', () => {
  /** An image whose second layer is these bytes. */
  function imageOf(layer: Buffer): Promise<string> {
    const placeholder = Buffer.from('a layer');
    const damage = (stored: Buffer) => (stored === placeholder ? layer : stored);
    return writeLayout(
      layoutOf([{ image: sampleImage({ layers: [base, placeholder], compression: 'none', damage }) }]),
    );
  }
  const endless = (path: string, compress: (bytes: Buffer) => Buffer) => {
    const head = compress(tarOf([{ path, claimedSize: 10e9 }], { end: false }));
    return Buffer.concat([head, ...Array<Buffer>(17).fill(compress(Buffer.alloc(64 * MiB)))]);
  };
  const cases: readonly (readonly [what: string, layer: () => Buffer, says: RegExp])[] = [
    ['a gzip layer that expands without end', () => endless('usr/lib/app.jar', gzipSync), /more than 200 times/],
    ['a zstd layer that expands without end', () => endless('srv/yarn.lock', zstdCompressSync), /more than 200 times/],
    ['more than a million files', manyFiles, /more than 1000000 entries/],
  ];
  for (const [what, layer, says] of cases) {
    it(what, async () => {
      const answer = await plimsollProcess(['scan', await imageOf(layer()), '--db', database], { env: newHome() });
      assertRefused(answer, 2, says);
      assert.ok(answer.milliseconds < 20_000, `${answer.milliseconds} ms`);
      assert.ok((answer.peakMemory ?? 0) < 450 * MiB, `${answer.peakMemory} bytes`);
    });
  }

  /** Each of another name, in a folder for each thousand. */
  function manyFiles(): Buffer {
    const [template, count, checksumAt] = [tarOf([{ path: 'd/0000/000' }], { end: false }), 1_000_001, 148];
    const digitSum = (text: string) => [...text].reduce((sum, digit) => sum + Number(digit), 0);
    const checksum = Number.parseInt(template.toString('latin1', checksumAt, checksumAt + 6), 8);
    const tar = Buffer.alloc(count * template.length);
    for (let index = 0; index < count; index++) {
      const at = index * template.length;
      const digits = String(index).padStart(7, '0');
      template.copy(tar, at);
      tar.write(digits.slice(0, 4), at + 2, 'latin1');
      tar.write(digits.slice(4), at + 7, 'latin1');
      tar.write((checksum + digitSum(digits)).toString(8).padStart(6, '0'), at + checksumAt, 'latin1');
    }
    return zstdCompressSync(tar, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  }
});

describe('an image that is made to mislead is read, and what cannot be is reported', () => {
  interface Case {
    readonly what: string;
    readonly members: readonly TarMember[];
    /** Where lodash is found, besides the place of the sample. */
    readonly lodashAt?: readonly string[];
    readonly components?: readonly string[];
    readonly unread?: readonly string[];
    /** Whether it could take memory: then it is measured, in a process of its own. */
    readonly heavy?: boolean;
  }
  const deepJar = Array.from({ length: 30 }).reduce<Buffer>(
    (inner, _, level) => testZip([pomEntry(`level-${level}`), { name: 'lib/inner.jar', data: inner, stored: true }]),
    testZip([pomEntry('innermost')]),
  );
  const zeros = Buffer.alloc(256 * MiB);
  const packedZeros = deflateRawSync(zeros);
  const bombEntry = (name: string, size: number): TestEntry => ({
    name,
    data: packedZeros,
    stored: true,
    lies: { method: 8, size },
  });

  const cases: readonly Case[] = [
    {
      what: 'absolute paths and paths with ".." are below the root, as for a container',
      members: [
        { path: '/absolute/package-lock.json', content: lockFile },
        { path: '../../above/package-lock.json', content: lockFile },
        { path: 'srv/../../../inside/package-lock.json', content: lockFile },
        { path: '../../../../../../../../escaped', content: 'x' },
        { path: 'etc/alternatives/up', flag: '2', target: '../../../../../../../..' },
        { path: 'stolen/yarn.lock', flag: '1', target: '../../../../../../etc/shadow' },
      ],
      lodashAt: ['absolute/package-lock.json', 'above/package-lock.json', 'inside/package-lock.json'],
      unread: ['stolen/yarn.lock: it is a hard link to "etc/shadow", which is not there'],
    },
    {
      what: 'devices and pipes are no files, whatever their name',
      members: [
        { path: 'dev/sda', flag: '4' },
        { path: 'dev/zero', flag: '3' },
        { path: 'run/pipe', flag: '6' },
        { path: 'usr/lib/python3/dist-packages/device-1.0.dist-info/METADATA', flag: '3' },
        { path: 'srv/device/package-lock.json', flag: '4', claimedSize: 0 },
        { path: 'after/package-lock.json', content: lockFile },
      ],
      lodashAt: ['after/package-lock.json'],
    },
    {
      what: 'symbolic links that go round in circles lead nowhere',
      members: [
        { path: 'round/a', flag: '2', target: 'b' },
        { path: 'round/b', flag: '2', target: 'a' },
        { path: 'round/package-lock.json', flag: '2', target: 'package-lock.json' },
        { path: 'round/usr', flag: '2', target: '../round/usr/share' },
        { path: 'here', flag: '2', target: '.' },
        { path: 'up', flag: '2', target: '..' },
        { path: 'var/lib/dpkg/status.d', flag: '2', target: 'status.d' },
        { path: 'hard', flag: '1', target: 'hard' },
      ],
      unread: ['hard: it is a hard link to "hard", which is not there'],
    },
    {
      what: 'names that are not UTF-8 are kept apart and readable',
      members: [
        { path: Buffer.from('caf\xe9/package-lock.json', 'latin1'), content: lockFile },
        { path: Buffer.from('caf\xe8/package-lock.json', 'latin1'), content: '{' },
        { path: Buffer.from('\xff\xfe\x80', 'latin1'), content: 'x' },
        { path: 'caf\u00e9/package-lock.json', content: lockFile },
      ],
      lodashAt: ['caf\\xe9/package-lock.json', 'caf\u00e9/package-lock.json'],
      unread: ['caf\\xe8/package-lock.json: is not valid JSON'],
    },
    {
      what: 'archives in archives are read as deep as there is sense in it',
      heavy: true,
      members: [{ path: 'app.jar', content: deepJar }],
      components: Array.from({ length: 8 }, (_, level) => `org.example:level-${29 - level} 1.0`),
      unread: [`app.jar${'!/lib/inner.jar'.repeat(8)}: Archives are nested deeper than 8`],
    },
    {
      what: 'what a ZIP bomb holds is not unpacked',
      heavy: true,
      members: [
        {
          path: 'bomb.jar',
          content: testZip([pomEntry('bomb'), ...[1, 2, 3, 4, 5].map((n) => bombEntry(`${n}.jar`, 2 ** 32 - 2))]),
        },
        {
          path: 'manifest.jar',
          content: testZip([pomEntry('manifest'), bombEntry('META-INF/MANIFEST.MF', 256 * MiB)]),
        },
        { path: 'liar.jar', content: testZip([pomEntry('liar'), bombEntry('inner.jar', 1024)]) },
        { path: 'count.jar', content: testZip([pomEntry('count')], { count: 60_000 }) },
      ],
      components: ['bomb', 'liar', 'manifest'].map((name) => `org.example:${name} 1.0`),
      unread: [
        ...[1, 2, 3, 4, 5].map((n) => `bomb.jar!/${n}.jar: more than the 536870912 allowed`),
        'manifest.jar!/META-INF/MANIFEST.MF: more than the 8388608 allowed',
        'liar.jar!/inner.jar: does not unpack to the 1024 bytes that are stated',
        'count.jar: its central directory is too small for 60000 entries',
      ],
    },
    {
      what: 'a sparse file is told as that, since what is stored is not what it holds',
      members: [{ path: 'srv/sparse/package-lock.json', flag: 'S', content: lockFile }],
      unread: ['srv/sparse/package-lock.json: it is stored as a sparse file'],
    },
  ];

  for (const { what, members, lodashAt = [], components = [], unread = [], heavy = false } of cases) {
    it(what, async () => {
      const target = await imageWith(members);
      const args = ['scan', target, '--db', database, '-o', 'json', '-o', 'cyclonedx-json=sbom.json'];
      const started = performance.now();
      const answer: Answer & Partial<ProcessAnswer> = heavy ? await plimsollProcess(args) : await plimsoll(args);
      assert.equal(answer.code, 0, answer.err);
      assertPlain(answer);
      assert.equal(answer.err, 'wrote cyclonedx-json to sbom.json\n');
      assert.ok(performance.now() - started < 15_000);
      assert.ok((answer.peakMemory ?? 0) < 450 * MiB, `${answer.peakMemory} bytes`);
      const [result] = resultsIn(answer.out);
      assert.ok(result !== undefined);
      assert.deepEqual(findingsIn(result), sampleFindings);
      assert.deepEqual(placesOf(result, 'lodash'), ['srv/app/package-lock.json', ...lodashAt].sort());
      assertUnread(result, unread);
      assert.deepEqual(componentsIn(readText('sbom.json')), [...sampleComponents, ...components].sort());
    });
  }

  function pomEntry(artifact: string): TestEntry {
    const data = `groupId=org.example\nartifactId=${artifact}\nversion=1.0\n`;
    return { name: `META-INF/maven/org.example/${artifact}/pom.properties`, data };
  }

  function placesOf({ findings }: Result, name: string): readonly (string | undefined)[] {
    return findings
      .flatMap(({ component }) => (component.name === name ? component.locations.map(({ path }) => path) : []))
      .sort();
  }

  /** Exactly these files are unread, each for a reason that has the words after its name. */
  function assertUnread({ unknown }: Result, expected: readonly string[]): void {
    const told = unknown.flatMap((one) => (one.kind === 'unread-file' ? [`${one.path}: ${one.reason}`] : [])).sort();
    const wanted = [...expected].sort();
    assert.equal(told.length, wanted.length, told.join('\n'));
    for (const [index, text] of told.entries()) {
      const [path = '', reason = ''] = (wanted[index] ?? '').split(': ');
      assert.ok(text.startsWith(`${path}: `) && text.includes(reason), `${text}\n${wanted[index]}`);
    }
  }
});
