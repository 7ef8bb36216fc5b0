import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ListedEntry, listedEntry, packListing, readListing } from './listing.ts';

describe('listedEntry', () => {
  const names: readonly (readonly [path: string, expected: readonly [string, string] | undefined])[] = [
    ['a/b', ['file', 'a/b']],
    ['a/.wh.b', ['whiteout', 'a/b']],
    ['.wh.b', ['whiteout', 'b']],
    ['a/.wh..wh..opq', ['opaque', 'a']],
    ['.wh..wh..opq', ['opaque', '']],
    ['.wh..wh.plnk', undefined],
    ['a/.wh.', undefined],
    ['.white/b', ['file', '.white/b']],
  ];
  for (const [path, expected] of names) {
    it(`${path} is ${expected?.join(' ') ?? 'nothing'}`, () => {
      const entry = listedEntry({ kind: 'file', path, target: undefined });
      assert.deepEqual(entry === undefined ? undefined : [entry.kind, entry.path], expected);
    });
  }
});

describe('a packed listing', () => {
  function read(entries: readonly ListedEntry[]) {
    const packed = JSON.parse(JSON.stringify(packListing(entries)));
    const seen: unknown[] = [];
    readListing(packed, (...entry) => seen.push(entry));
    return { hiding: packed.hiding, seen };
  }

  it('shows the same entries in the same order, folder by folder, and apart from them what hides', () => {
    const { hiding, seen } = read([
      { kind: 'file', path: 'a' },
      { kind: 'directory', path: 'usr' },
      { kind: 'symlink', path: 'usr/l\n', target: '//x//y' },
      { kind: 'whiteout', path: 'usr/w' },
      { kind: 'file', path: 'usr/c' },
      { kind: 'file', path: 'usr/lib/c' },
      { kind: 'file', path: 'usrlib/c' },
      { kind: 'hardlink', path: 'h', target: '' },
      { kind: 'opaque', path: '' },
      { kind: 'other', path: 'c/c' },
      { kind: 'directory', path: '' },
    ]);
    assert.deepEqual(seen, [
      ['file', '', 'a', undefined],
      ['directory', '', 'usr', undefined],
      ['symlink', 'usr', 'l\n', '//x//y'],
      ['file', 'usr', 'c', undefined],
      ['file', 'usr/lib', 'c', undefined],
      ['file', 'usrlib', 'c', undefined],
      ['hardlink', '', 'h', ''],
      ['other', 'c', 'c', undefined],
      ['directory', '', '', undefined],
    ]);
    assert.deepEqual(hiding, [
      { kind: 'whiteout', path: 'usr/w' },
      { kind: 'opaque', path: '' },
    ]);
  });

  it('may be empty', () => assert.deepEqual(read([]), { hiding: [], seen: [] }));
});
