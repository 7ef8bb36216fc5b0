import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlimsollError } from '../error.ts';
import { squash } from '../image/index.ts';
import type { Cataloger } from './cataloger.ts';
import { type Alias, collectFacts, type Facts } from './facts.ts';
import { squashFacts } from './view.ts';

const tells = { licenses: false, dependencies: false, hashes: false, development: false, files: false };

/** Says what a file's text is; refuses `bad`, reports a part of `half`. */
const words: Cataloger<string> = {
  name: 'words',
  version: 1,
  title: 'Words',
  files: ['**/word', '**/box/part', '**/box/in/part', 'etc/release'],
  tells,
  read({ path, content, unread }) {
    const text = content.text();
    if (text === 'bad') throw new PlimsollError('test/bad', 'it is bad', { hint: 'none' });
    if (text === 'defect') throw new TypeError('a slip');
    if (text === 'half') unread(`${path}!/inner`, 'only half of it');
    return text === '' ? undefined : text;
  },
  assemble: () => [],
};

const executables: Cataloger<number> = {
  name: 'executables',
  version: 1,
  title: 'Executables',
  files: [],
  binaries: ['elf'],
  tells,
  read: ({ content }) => content.size,
  assemble: () => [],
};

type Entry = readonly [path: string, content: string | { readonly link: string } | { readonly hard: string }];

function factsOf(entries: readonly Entry[], aliases?: readonly Alias[]): Facts {
  const collector = collectFacts([words, executables], aliases);
  for (const [path, content] of entries) {
    if (typeof content !== 'string') {
      const target = 'link' in content ? content.link : content.hard;
      collector.onEntry({ path, kind: 'link' in content ? 'symlink' : 'hardlink', size: 0, target, sparse: false });
      continue;
    }
    const bytes = Buffer.from(content, 'latin1');
    const sink = collector.onEntry({ path, kind: 'file', size: bytes.length, sparse: path.includes('sparse') });
    if (sink === undefined) continue;
    const wants = [...bytes].every((byte) => sink.write(Buffer.of(byte)));
    if (wants) sink.end();
  }
  return JSON.parse(JSON.stringify(collector.facts()));
}

/** As the engine does: what is missing is read again under its other name. */
function squashed(...layers: readonly (readonly Entry[])[]) {
  const known = layers.map((entries) => ({ facts: factsOf(entries) }));
  const tree = squash(known.map(({ facts }) => facts.listing));
  const { missing } = squashFacts([words, executables], known, tree);
  const again = known.map((layer, index) => {
    const aliases = missing.filter((alias) => alias.layer === index);
    return aliases.length === 0 ? layer : { ...layer, reread: factsOf(layers[index] ?? [], aliases) };
  });
  const result = squashFacts([words, executables], again, tree);
  assert.deepEqual(result.missing, [], 'one more look is enough');
  return {
    ...result,
    missing,
    found: result.view(words).found.map(({ path, layer, fragment }) => `${path}@${layer}=${fragment}`),
  };
}

describe('squashFacts', () => {
  it('counts the visible version of a file, and remembers the hidden ones', () => {
    const { found, view } = squashed(
      [
        ['a/word', 'one'],
        ['b/word', 'gone'],
      ],
      [
        ['a/word', 'two'],
        ['b/.wh.word', ''],
      ],
    );
    assert.deepEqual(found, ['a/word@1=two']);
    assert.deepEqual(
      view(words)
        .history('a/word')
        .map(({ layer, fragment }) => [layer, fragment]),
      [
        [0, 'one'],
        [1, 'two'],
      ],
    );
  });

  it('does not count a file that something else now hides', () => {
    assert.deepEqual(squashed([['a/word', 'one']], [['a', 'a file where the folder was']]).found, []);
    assert.deepEqual(squashed([['a/word', 'one']], [['a/word', '']]).found, []);
  });

  it('reads a file again when only a link gives it a name that counts', () => {
    const soft = squashed([
      ['store/17', 'linked'],
      ['x/word', { link: '../store/17' }],
    ]);
    assert.deepEqual(soft.found, ['x/word@0=linked']);
    assert.deepEqual(soft.missing, [{ layer: 0, file: 'store/17', as: 'x/word' }]);
    assert.deepEqual(
      squashed([
        ['store/17', 'linked'],
        ['x/word', { hard: 'store/17' }],
      ]).found,
      ['x/word@0=linked'],
    );
    assert.deepEqual(squashed([['store/17', 'low']], [['x/word', { link: '/store/17' }]]).found, ['x/word@0=low']);
  });

  it('does not count a file twice for a link to it', () => {
    const { found, missing, view } = squashed([
      ['a/word', 'one'],
      ['b/word', { link: '../a/word' }],
      ['c/word', { link: 'word' }],
    ]);
    assert.deepEqual(found, ['a/word@0=one']);
    assert.deepEqual(missing, []);
    assert.equal(view(words).get('b/word')?.fragment, 'one');
  });

  it('reads files again that only a link to their folder gives a name that counts', () => {
    const entries: readonly Entry[] = [
      ['store/17/part', 'linked'],
      ['store/17/in/part', 'deep'],
      ['x/box', { link: '../store/17' }],
      ['y/box', { link: '/x/box' }],
      ['z/other', { link: '/store/17' }],
    ];
    assert.deepEqual(squashed(entries).found, ['y/box/in/part@0=deep', 'y/box/part@0=linked']);
    assert.deepEqual(squashed(entries.slice(0, 2), entries.slice(2)).found, [
      'y/box/in/part@0=deep',
      'y/box/part@0=linked',
    ]);
  });

  it('places files below linked folders where they are, once', () => {
    const { found } = squashed(
      [
        ['usr/lib/x', ''],
        ['lib', { link: 'usr/lib' }],
      ],
      [['lib/word', 'moved']],
    );
    assert.deepEqual(found, ['usr/lib/word@1=moved']);
  });

  it('finds what counts only by its place when the folder of that place is a link, however the bytes came there', () => {
    const whole = ['etc/release@0=r'];
    assert.deepEqual(
      squashed([
        ['data/release', 'r'],
        ['etc', { link: 'data' }],
      ]).found,
      whole,
    );
    assert.deepEqual(
      squashed([
        ['data/x', ''],
        ['etc', { link: '/data' }],
        ['etc/release', 'r'],
      ]).found,
      whole,
    );
    assert.deepEqual(
      squashed([
        ['store', 'r'],
        ['data/release', { link: '../store' }],
        ['etc', { link: 'data' }],
      ]).found,
      whole,
    );
    assert.deepEqual(
      squashed([
        ['data/word', 'once'],
        ['etc', { link: 'data' }],
      ]).found,
      ['data/word@0=once'],
    );
  });

  it('tells executables by their bytes, under every name they have', () => {
    const elf = '\x7fELF-and-some-more';
    const { view } = squashed([
      ['bin/a', elf],
      ['bin/b', { hard: 'bin/a' }],
      ['bin/c', { link: 'a' }],
      ['bin/short', '\x7fELF'],
      ['bin/text', 'no executable'],
    ]);
    assert.deepEqual(
      view(executables).found.map(({ path }) => path),
      ['bin/a', 'bin/b'],
    );
  });

  it('reports what could not be read, where it is visible, and keeps the rest', () => {
    const { unread, found } = squashed(
      [
        ['a/word', 'bad'],
        ['b/word', 'half'],
        ['c/word', 'defect'],
        ['d/word', 'bad'],
        ['sparse/word', 'x'],
        ['sparse/program', 'x'.repeat(513)],
        ['sparse/holes', 'x'.repeat(512)],
        ['e/word', 'fine'],
      ],
      [['d/word', 'mended']],
    );
    assert.deepEqual(
      unread.map((item) => (item.kind === 'unread-file' ? [item.path, item.layer, item.reason] : item)),
      [
        ['a/word', 0, 'it is bad'],
        ['b/word!/inner', 0, 'only half of it'],
        ['c/word', 0, 'the reader failed on c/word: a slip'],
        ['sparse/program', 0, 'it is stored as a sparse file'],
        ['sparse/word', 0, 'it is stored as a sparse file'],
      ].sort(),
    );
    assert.deepEqual(found, ['b/word@0=half', 'd/word@1=mended', 'e/word@0=fine']);
  });

  it('takes the last of two entries for one file in one archive', () => {
    assert.deepEqual(
      squashed([
        ['a/word', 'first'],
        ['a/word', 'second'],
      ]).found,
      ['a/word@0=second'],
    );
    assert.deepEqual(
      squashed([
        ['a/word', 'first'],
        ['a/word', ''],
      ]).found,
      [],
    );
  });
});
