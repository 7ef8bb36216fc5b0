import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ListedEntry, packListing } from './listing.ts';
import { squash, type Tree, type TreeBounds, type TreeFile } from './tree.ts';

type Line = readonly [kind: ListedEntry['kind'], path: string, target?: string];

function tree(...layers: readonly (readonly Line[])[]): Tree {
  return treeWithin(undefined, ...layers);
}

function treeWithin(bounds: TreeBounds | undefined, ...layers: readonly (readonly Line[])[]): Tree {
  return squash(
    layers.map((lines) => packListing(lines.map(([kind, path, target]) => ({ kind, path, target })))),
    bounds,
  );
}

function files(view: Tree): TreeFile[] {
  const all: TreeFile[] = [];
  view.visit((folder) => (name, layer, source) => {
    all.push({ path: folder + name, layer, source: source ?? folder + name });
  });
  return all;
}

/** `path@layer` of each file, `path>folder` of each symbolic link. */
function shown(view: Tree): string[] {
  return [
    ...files(view).map(({ path, layer }) => `${path}@${layer}`),
    ...view.symlinks().map((path) => `${path}>${view.folder(path) ?? ''}`),
  ].sort();
}

describe('squash', () => {
  const cases: readonly (readonly [what: string, layers: readonly (readonly Line[])[], expected: readonly string[]])[] =
    [
      [
        'a later layer hides a file',
        [
          [
            ['file', 'a'],
            ['file', 'b'],
          ],
          [['file', 'a']],
        ],
        ['a@1', 'b@0'],
      ],
      [
        'a whiteout hides a file of a lower layer',
        [
          [
            ['file', 'd/a'],
            ['file', 'd/b'],
          ],
          [['whiteout', 'd/a']],
        ],
        ['d/b@0'],
      ],
      [
        'a whiteout hides a folder with all in it',
        [
          [
            ['file', 'd/e/a'],
            ['file', 'x'],
          ],
          [['whiteout', 'd']],
        ],
        ['x@0'],
      ],
      [
        'a whiteout does not hide its own layer, whatever the order',
        [
          [['file', 'a']],
          [
            ['file', 'a'],
            ['whiteout', 'a'],
          ],
        ],
        ['a@1'],
      ],
      ['a whiteout of nothing is nothing', [[['file', 'a']], [['whiteout', 'b/c']]], ['a@0']],
      [
        'an opaque folder hides what was below it, not what comes with it',
        [
          [
            ['file', 'd/a'],
            ['file', 'd/e/b'],
          ],
          [
            ['file', 'd/c'],
            ['opaque', 'd'],
          ],
        ],
        ['d/c@1'],
      ],
      [
        'an opaque root hides nothing: overlayfs shows what lies below it',
        [
          [['file', 'a']],
          [
            ['opaque', ''],
            ['file', 'b'],
          ],
        ],
        ['a@0', 'b@1'],
      ],
      [
        'a whiteout of what the layer has as a folder hides nothing: overlayfs merges the folder',
        [
          [
            ['file', 'd/e/a'],
            ['file', 'x/f'],
          ],
          [
            ['whiteout', 'd/e'],
            ['whiteout', 'x/f'],
            ['file', 'd/e/b'],
          ],
        ],
        ['d/e/a@0', 'd/e/b@1', 'x/f@0'],
      ],
      [
        'a folder in place of a file in place of a folder shows the first one',
        [
          [['file', 'd/a']],
          [
            ['file', 'd'],
            ['directory', 'd'],
          ],
        ],
        ['d/a@0'],
      ],
      [
        'a folder that a layer makes anew is not opaque any more',
        [
          [
            ['file', 'd/e/f/a'],
            ['file', 'd/g'],
          ],
          [
            ['opaque', 'd/e'],
            ['whiteout', 'd/g'],
            ['file', 'd/e/f/b'],
            ['symlink', 'd', 'elsewhere'],
            ['directory', 'd'],
          ],
        ],
        ['d/e/f/a@0', 'd/e/f/b@1', 'd/g@0'],
      ],
      ['a hidden file can come back', [[['file', 'a']], [['whiteout', 'a']], [['file', 'a']]], ['a@2']],
      ['a file in place of a folder hides what was in it', [[['file', 'd/a']], [['file', 'd']]], ['d@1']],
      [
        'a folder in place of a file',
        [
          [['file', 'd']],
          [
            ['directory', 'd'],
            ['file', 'd/a'],
          ],
        ],
        ['d/a@1'],
      ],
      [
        'a folder that comes again keeps its files',
        [
          [
            ['directory', 'd'],
            ['file', 'd/a'],
          ],
          [['directory', 'd']],
        ],
        ['d/a@0'],
      ],
      [
        'a folder in place of a link to one starts empty',
        [
          [
            ['file', 'usr/lib/a'],
            ['symlink', 'lib', 'usr/lib'],
          ],
          [['directory', 'lib']],
        ],
        ['usr/lib/a@0'],
      ],
      [
        'files below a linked folder land where the link leads',
        [
          [
            ['directory', 'usr/lib'],
            ['symlink', 'lib', 'usr/lib'],
          ],
          [['file', 'lib/a']],
        ],
        ['lib>usr/lib', 'usr/lib/a@1'],
      ],
      [
        'absolute links start at the root',
        [
          [
            ['directory', 'usr/lib'],
            ['symlink', 'x/lib', '/usr/lib'],
          ],
          [['file', 'x/lib/a']],
        ],
        ['usr/lib/a@1', 'x/lib>usr/lib'],
      ],
      [
        'through a link of a lower layer nothing is hidden or replaced: to overlayfs it is a folder of its own',
        [
          [
            ['file', 'usr/lib/a'],
            ['file', 'usr/lib/b'],
            ['file', 'usr/lib/c/d'],
            ['symlink', 'lib', 'usr/lib'],
          ],
          [
            ['whiteout', 'lib/a'],
            ['opaque', 'lib/c'],
            ['file', 'lib/b'],
            ['file', 'lib/c'],
            ['file', 'lib/a/e'],
            ['file', 'lib/f'],
          ],
        ],
        ['lib>usr/lib', 'usr/lib/a@0', 'usr/lib/b@0', 'usr/lib/c/d@0', 'usr/lib/f@1'],
      ],
      [
        'through a link of its own a layer replaces what lies below it',
        [
          [['file', 'usr/lib/a']],
          [
            ['symlink', 'lib', 'usr/lib'],
            ['file', 'lib/a'],
          ],
        ],
        ['lib>usr/lib', 'usr/lib/a@1'],
      ],
      [
        'links cannot lead out of the root',
        [
          [
            ['directory', 'etc'],
            ['symlink', 'up', '../../../etc'],
          ],
          [['file', 'up/a']],
        ],
        ['etc/a@1', 'up>etc'],
      ],
      [
        'files after a folder took the place of a link lie in the folder, even when files below the link came before',
        [
          [
            ['directory', 'usr/lib'],
            ['symlink', 'lib', 'usr/lib'],
            ['file', 'lib/a'],
            ['directory', 'lib'],
            ['file', 'lib/b'],
          ],
        ],
        ['lib/b@0', 'usr/lib/a@0'],
      ],
      [
        'a folder that a layer makes where it hides a link is not the one the link led to',
        [
          [
            ['directory', 'usr/lib'],
            ['symlink', 'lib', 'usr/lib'],
            ['file', 'lib/a'],
          ],
          [
            ['whiteout', 'lib'],
            ['file', 'lib/b'],
          ],
        ],
        ['lib/b@1', 'usr/lib/a@0'],
      ],
      [
        'a link that is led elsewhere takes what follows with it',
        [
          [
            ['directory', 'one'],
            ['directory', 'two'],
            ['symlink', 'at', 'one'],
            ['file', 'at/a'],
            ['symlink', 'at', 'two'],
            ['file', 'at/b'],
          ],
        ],
        ['at>two', 'one/a@0', 'two/b@0'],
      ],
      ['a device hides a file', [[['file', 'a']], [['other', 'a']]], []],
    ];
  for (const [what, layers, expected] of cases) it(what, () => assert.deepEqual(shown(tree(...layers)), expected));

  it('gives a hard link the bytes of its target, from the layer and path that hold them', () => {
    const view = tree(
      [['file', 'store/1']],
      [
        ['hardlink', 'app/package.json', 'store/1'],
        ['whiteout', 'store'],
      ],
    );
    // A whiteout is for lower layers and is applied before the link, whose target is then gone.
    assert.deepEqual(shown(view), []);
    assert.match(view.misplaced[0]?.reason ?? '', /hard link to "store\/1"/);
    const kept = tree(
      [
        ['file', 'store/1'],
        ['hardlink', 'app/x', 'store/1'],
      ],
      [['whiteout', 'store/1']],
    );
    assert.deepEqual(files(kept), [{ path: 'app/x', layer: 0, source: 'store/1' }]);
  });

  it('says so when a hard link has content that the same layer replaces, and is content when a later layer does', () => {
    const replaced = tree([
      ['file', 'store/1'],
      ['hardlink', 'app/x', 'store/1'],
      ['file', 'store/1'],
    ]);
    assert.deepEqual(
      replaced.misplaced.map(({ path, layer }) => [path, layer]),
      [['app/x', 0]],
    );
    assert.match(replaced.misplaced[0]?.reason ?? '', /as it was before the layer replaced it/);
    const later = tree(
      [
        ['file', 'store/1'],
        ['hardlink', 'app/x', 'store/1'],
      ],
      [['file', 'store/1']],
    );
    assert.deepEqual(later.misplaced, []);
    assert.deepEqual(shown(later), ['app/x@0', 'store/1@1']);
  });

  it('says once for each layer that a link of a lower one may be a folder instead', () => {
    const lower: readonly Line[] = [
      ['directory', 'usr/lib'],
      ['symlink', 'lib', 'usr/lib'],
    ];
    const view = tree(
      lower,
      [
        ['file', 'lib/a'],
        ['file', 'lib/x/b'],
        ['symlink', 'own', 'lib'],
        ['file', 'own/c'],
      ],
      [['file', 'usr/lib/d']],
      [['file', 'lib/a']],
    );
    assert.deepEqual(
      view.misplaced.map(({ layer, path }) => [layer, path]),
      [
        [1, 'lib'],
        [1, 'own'],
        [3, 'lib'],
      ],
    );
    assert.match(view.misplaced[0]?.reason ?? '', /symbolic link of a lower layer/);
    assert.deepEqual(tree([...lower, ['file', 'lib/a']]).misplaced, []);
  });

  it('tells the one name of a folder', () => {
    const view = tree([
      ['directory', 'data/lib'],
      ['symlink', 'var', 'data'],
      ['symlink', 'round', 'round'],
      ['file', 'data/file'],
    ]);
    assert.equal(view.folder('var/lib'), 'data/lib');
    assert.equal(view.folder('data/lib'), 'data/lib');
    for (const none of ['var/none', 'round', 'var/file']) assert.equal(view.folder(none), undefined, none);
  });

  it('follows links to a file by its one true name', () => {
    const view = tree([
      ['file', 'usr/lib/os-release'],
      ['symlink', 'etc/os-release', '../usr/lib/os-release'],
      ['symlink', 'lib', 'usr/lib'],
    ]);
    assert.equal(view.file('etc/os-release')?.path, 'usr/lib/os-release');
    assert.equal(view.file('lib/os-release')?.path, 'usr/lib/os-release');
    assert.equal(view.canonical('lib/os-release'), 'usr/lib/os-release');
    assert.equal(view.canonical('etc/os-release'), 'etc/os-release', 'the last name is not followed');
    assert.equal(view.file('usr/lib'), undefined);
    assert.ok(view.exists('lib') && view.exists('usr') && !view.exists('usr/share'));
  });

  it('says where links go round in a circle, and does not follow them for ever', () => {
    const view = tree(
      [
        ['symlink', 'a', 'b'],
        ['symlink', 'b', 'a'],
        ['symlink', 'self', 'self/self/self'],
      ],
      [
        ['file', 'a/x'],
        ['file', 'self/y'],
        ['file', 'fine'],
      ],
    );
    assert.equal(view.exists('a'), false);
    assert.equal(view.file('self'), undefined);
    assert.deepEqual(
      view.misplaced.map(({ layer, path }) => [layer, path]),
      [
        [1, 'a/x'],
        [1, 'self/y'],
      ],
    );
    assert.ok(shown(view).includes('fine@1'));
  });

  it('stands names that mean something to JavaScript', () => {
    const view = tree([
      ['file', '__proto__/constructor'],
      ['symlink', 'x', '__proto__/constructor'],
    ]);
    assert.equal(view.file('x')?.path, '__proto__/constructor');
    assert.equal(view.exists('constructor'), false);
  });
});

describe('squash, within bounds', () => {
  const bounds = { entriesPerImage: 2_500, pathSteps: 1_000_000 };

  it('refuses paths that name millions of folders', () => {
    const deep = (from: number): Line => ['file', `${from}/${'a/'.repeat(1_000)}b`];
    assert.equal(files(treeWithin(bounds, [deep(1), deep(2)])).length, 2);
    assert.throws(() => treeWithin(bounds, [deep(1), deep(2), deep(3)]), { code: 'image/too-many-entries' });
  });

  it('refuses links that lead on and on', () => {
    const round = '/x/..'.repeat(800);
    const chain = Array.from({ length: 39 }, (_, at): Line => ['symlink', `l${at}`, `${round}/l${at + 1}`]);
    const lines: readonly Line[] = [['file', 'x/a'], ...chain, ['file', 'l39']];
    const view = treeWithin(bounds, lines);
    assert.equal(view.file('l0')?.path, 'l39');
    assert.throws(
      () => {
        for (let at = 0; at < 100; at++) view.file('l0');
      },
      { code: 'image/endless-links' },
    );
  });

  it('does not count a file again that every layer replaces', () => {
    const layer = Array.from({ length: 1_000 }, (_, at): Line => ['file', `a/${at}`]);
    assert.equal(files(treeWithin(bounds, layer, layer, layer, layer)).length, 1_000);
  });
});
