import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { type TarEntry, tarReader } from './tar.ts';
import { type TarMember, tarOf } from './testing-tar.ts';

interface Read {
  readonly entries: readonly TarEntry[];
  readonly contents: ReadonlyMap<string, string>;
}

function read(archive: Buffer, pieceSize = archive.length, maxEntries?: number): Read {
  const entries: TarEntry[] = [];
  const contents = new Map<string, string>();
  const reader = tarReader((entry) => {
    entries.push(entry);
    const pieces: Buffer[] = [];
    return {
      write: (piece) => {
        pieces.push(piece);
        return true;
      },
      end: () => {
        contents.set(entry.path, Buffer.concat(pieces).toString('latin1'));
      },
    };
  }, maxEntries);
  for (let at = 0; at < archive.length; at += Math.max(pieceSize, 1))
    reader.write(archive.subarray(at, at + pieceSize));
  reader.end();
  return { entries, contents };
}

function refuses(archive: Buffer, pattern: RegExp, maxEntries?: number): void {
  assert.throws(
    () => read(archive, archive.length, maxEntries),
    (thrown) => thrown instanceof PlimsollError && pattern.test(thrown.message),
  );
}

const file: TarMember = { path: 'etc/motd', content: 'hello' };

function gnuHeader(header: Buffer, atTimes: string): void {
  header.write('ustar  \0', 257, 'latin1');
  header.write(atTimes, 345, 'latin1');
}

/** One pax record; short enough that its length has two digits. */
function paxPath(path: string): string {
  return `${path.length + 9} path=${path}\n`;
}

describe('tarReader', () => {
  it('gives the same entries and contents however the bytes are cut', () => {
    const archive = tarOf([
      { path: 'usr/', flag: '5' },
      { path: 'usr/big', content: 'x'.repeat(1300) },
      { path: 'empty' },
      { path: 'link', flag: '2', target: 'usr/big' },
      { path: 'hard', flag: '1', target: './usr/big' },
      { path: 'long', pax: { path: `${'d/'.repeat(120)}file`, mtime: '1.5' }, content: 'long' },
    ]);
    const whole = read(archive);
    assert.deepEqual(
      whole.entries.map(({ kind, path, size, target }) => [kind, path, size, target]),
      [
        ['directory', 'usr', 0, undefined],
        ['file', 'usr/big', 1300, undefined],
        ['file', 'empty', 0, undefined],
        ['symlink', 'link', 0, 'usr/big'],
        ['hardlink', 'hard', 0, 'usr/big'],
        ['file', `${'d/'.repeat(120)}file`, 4, undefined],
      ],
    );
    for (const pieceSize of [1, 7, 511, 512, 513, 4096])
      assert.deepEqual(read(archive, pieceSize), whole, `pieces of ${pieceSize}`);
  });

  const names: readonly (readonly [what: string, member: TarMember, path: string])[] = [
    ['a leading slash', { path: '/etc/passwd' }, 'etc/passwd'],
    ['a leading dot', { path: './etc/passwd' }, 'etc/passwd'],
    ['steps out of the root', { path: '../../etc/passwd' }, 'etc/passwd'],
    ['steps in the middle', { path: 'a/../../b/./c//d' }, 'b/c/d'],
    ['a name that starts with two dots', { path: '..data/x' }, '..data/x'],
    ['bytes that are not UTF-8', { path: Buffer.from([0x61, 0xff, 0x62]) }, 'a\\xffb'],
    ['such bytes in one of several names', { path: Buffer.from('\xc3\xa9/\xff', 'latin1') }, 'é/\\xff'],
    ['characters that look like such bytes', { path: 'a\\xffb' }, 'a\\x5cxffb'],
    ['characters that look like such characters', { path: 'a\\x5cxffb' }, 'a\\x5cx5cxffb'],
    ['both', { path: Buffer.from('\\xff\xfe', 'latin1') }, '\\x5cxff\\xfe'],
    ["an escape that is nobody's", { path: 'dev-disk\\x2d1.device' }, 'dev-disk\\x2d1.device'],
    ['a real replacement character', { path: 'a\uFFFDb' }, 'a\uFFFDb'],
    ['a pax path', { path: 'short', pax: { path: 'päx' } }, 'päx'],
    [
      'a pax sparse name',
      {
        path: 'x',
        pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'real', path: 'GNUSparseFile.0/x' },
      },
      'real',
    ],
    ['a sparse name where nothing else says sparse', { path: 'x', pax: { 'GNU.sparse.name': 'other' } }, 'x'],
    ['an empty pax path', { path: 'x', pax: { path: '', size: '' } }, 'x'],
    [
      'a prefix in a GNU header without times, as Go wrote before 1.8',
      { path: 'x', edit: (header) => gnuHeader(header, 'some/prefix') },
      'some/prefix/x',
    ],
    ['times in a GNU header', { path: 'x', edit: (header) => gnuHeader(header, '14712345670\0') }, 'x'],
    [
      "the shorter prefix of star's headers",
      {
        path: 'x',
        edit: (header) => {
          header.write('p'.repeat(131) + '14712345670 '.repeat(2), 345, 'latin1');
          header.write('tar\0', 508, 'latin1');
        },
      },
      `${'p'.repeat(131)}/x`,
    ],
  ];
  for (const [what, member, path] of names) {
    it(`names a member by its place below the root: ${what}`, () =>
      assert.deepEqual(
        read(tarOf([member])).entries.map((entry) => entry.path),
        [path],
      ));
  }

  it('joins the ustar prefix and the name, and takes GNU long names and links', () => {
    const prefixed = tarOf([{ path: 'name', edit: (header) => header.write('some/prefix', 345, 'latin1') }]);
    assert.deepEqual(read(prefixed).entries[0]?.path, 'some/prefix/name');
    const long = 'n'.repeat(300);
    const gnu = tarOf([
      { path: '././@LongLink', flag: 'L', content: `${long}\0` },
      { path: '././@LongLink', flag: 'K', content: 'target\0' },
      { path: 'cut', flag: '2' },
      { path: 'next' },
    ]);
    assert.deepEqual(
      read(gnu).entries.map(({ path, target }) => [path, target]),
      [
        [long, 'target'],
        ['next', undefined],
      ],
    );
  });

  it('takes names from the headers that runtimes take them from', () => {
    const pax = (path: string): TarMember => ({ path: 'PaxHeaders/x', flag: 'x', content: paxPath(path) });
    const long = { path: '././@LongLink', flag: 'L', content: 'long\0' };
    const global = { path: 'pax_global_header', flag: 'g', content: paxPath('global') };
    const plain = { path: 'plain' };
    const table: readonly (readonly [what: string, members: readonly TarMember[], path: string])[] = [
      ['the last of several pax headers', [pax('first'), pax('second'), plain], 'second'],
      ['a last one without a path', [pax('first'), { ...plain, pax: { comment: 'none' } }], 'plain'],
      [
        'the last record of a key',
        [{ path: 'h', flag: 'x', content: paxPath('first') + paxPath('second') }, plain],
        'second',
      ],
      ['a long name over pax', [pax('pax'), long, plain], 'long'],
      ['nothing before a global header', [long, global, plain], 'plain'],
      ['nothing from a global header', [global, plain], 'plain'],
    ];
    for (const [what, members, path] of table) {
      const { entries } = read(tarOf(members));
      assert.deepEqual(
        entries.map((entry) => entry.path),
        [path],
        what,
      );
    }
  });

  it('takes a name with a slash at its end for a folder only in headers from before POSIX, which have no content then', () => {
    const archive = tarOf([
      { path: 'a/', flag: '0', content: 'text' },
      { path: 'b/', flag: '\0', claimedSize: 5000 },
      file,
    ]);
    assert.deepEqual(
      read(archive).entries.map(({ path, kind, size }) => [path, kind, size]),
      [
        ['a', 'file', 4],
        ['b', 'directory', 0],
        ['etc/motd', 'file', 5],
      ],
    );
  });

  it('knows devices and pipes as neither files nor folders, and skips no data for them', () => {
    const archive = tarOf([{ path: 'dev/null', flag: '3', claimedSize: 5000 }, { path: 'pipe', flag: '6' }, file]);
    assert.deepEqual(
      read(archive).entries.map(({ kind }) => kind),
      ['other', 'other', 'file'],
    );
  });

  it('marks sparse files and finds the member behind their continued map', () => {
    const map = Buffer.alloc(512);
    const archive = Buffer.concat([
      tarOf([{ path: 'sparse', flag: 'S', claimedSize: 3, edit: (header) => header.writeUInt8(1, 482) }], {
        end: false,
      }).subarray(0, 512),
      map,
      Buffer.concat([Buffer.from('abc'), Buffer.alloc(509)]),
      tarOf([file]),
    ]);
    const { entries } = read(archive);
    assert.deepEqual(
      entries.map(({ path, sparse }) => [path, sparse]),
      [
        ['sparse', true],
        ['etc/motd', false],
      ],
    );
  });

  it('stops at the end mark, and also reads archives without one', () => {
    assert.equal(read(Buffer.concat([tarOf([file]), Buffer.from('trailing rubbish')])).entries.length, 1);
    assert.equal(read(tarOf([file], { end: false })).entries.length, 1);
    assert.equal(read(Buffer.alloc(0)).entries.length, 0);
  });

  it('refuses what is cut short or damaged, with the reason', () => {
    refuses(tarOf([file], { end: false }).subarray(0, 514), /middle of an entry/);
    refuses(tarOf([{ path: 'huge', claimedSize: 10 * 1024 ** 3 }], { end: false }), /middle of an entry/);
    const damaged = tarOf([file]);
    damaged[0] = 0x7a;
    refuses(damaged, /checksum/);
    refuses(tarOf([{ path: 'x', edit: (header) => header.write('9999', 124, 'latin1') }]), /not octal/);
    refuses(tarOf([{ path: 'x', edit: (header) => header.fill(0xff, 124, 136) }]), /impossible size/);
    refuses(tarOf([{ path: 'x', flag: 'x', content: '99 path=y\n' }]), /malformed/);
    refuses(tarOf([{ path: 'x', flag: 'x', content: 'no length' }]), /malformed/);
    refuses(tarOf([{ path: 'x', flag: 'x', claimedSize: 2 * 1024 ** 2 }]), /over the limit/);
    refuses(tarOf([{ path: 'x', pax: { path: 'a'.repeat(5000) } }]), /characters is over the limit/);
    refuses(tarOf([{ path: 'x', pax: { path: 'a\0b' } }]), /NUL/);
    for (const size of ['-1', '1e3', '0x10', ' 3', '9'.repeat(20)])
      refuses(tarOf([{ path: 'x', pax: { size } }]), /impossible size/);
  });

  it('refuses more entries than the limit', () => {
    assert.equal(read(tarOf([file, file, file]), undefined, 3).entries.length, 3);
    refuses(tarOf([file, file, file, file]), /more than 3 entries/, 3);
  });

  it('lets a sink stop early without losing its place', () => {
    const seen: string[] = [];
    const reader = tarReader((entry) => {
      seen.push(entry.path);
      return { write: () => false, end: () => assert.fail('the sink had enough') };
    });
    reader.write(tarOf([{ path: 'big', content: 'y'.repeat(5000) }, file]));
    reader.end();
    assert.deepEqual(seen, ['big', 'etc/motd']);
  });

  it('throws nothing but PlimsollError, whatever the bytes', () => {
    const valid = tarOf([
      { path: 'a', pax: { path: 'b', size: '3' }, content: 'abc' },
      { path: 'l', flag: '2', target: 'x' },
      file,
    ]);
    const mutated = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 })
      .map((edits) => edits.reduce((bytes, [at, value]) => bytes.fill(value, at, at + 1), Buffer.from(valid)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }).map(Buffer.from), mutated), (bytes) => {
        try {
          read(Buffer.from(bytes), 700);
        } catch (thrown) {
          if (!(thrown instanceof PlimsollError)) throw thrown;
        }
      }),
      { numRuns: 300 },
    );
  });
});
