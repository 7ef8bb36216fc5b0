import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { pnpmLock } from './pnpm-lock.ts';

const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;

/** One project, as pnpm writes it in the three versions of its format. */
const version5 = `lockfileVersion: 5.4

importers:

  .:
    specifiers:
      '@scope/a': ^1.0.0
      old-lodash: npm:lodash@4.17.20
    dependencies:
      '@scope/a': 1.0.5_react@18.2.0
      commit: github.com/a/b/0123456789012345678901234567890123456789
      old-lodash: /lodash/4.17.20
      ours: link:packages/ours
      folder: file:folder
    optionalDependencies:
      fsevents: 2.3.3
    devDependencies:
      mocha: 10.2.0

  packages/ours:
    dependencies:
      ms: 2.1.2

packages:

  /@scope/a/1.0.5_react@18.2.0:
    resolution: {integrity: ${integrity}}
    peerDependencies:
      react: ^18.2.0
    dependencies:
      react: 18.2.0
    optionalDependencies:
      fsevents: 2.3.3
    dev: false

  /fsevents/2.3.3:
    resolution: {integrity: ${integrity}}
    requiresBuild: true
    dev: false
    optional: true

  /lodash/4.17.20:
    resolution: {integrity: ${integrity}}
    dev: false

  /mocha/10.2.0:
    resolution: {integrity: ${integrity}}
    dependencies:
      ms: 2.1.3
    dev: true

  /ms/2.1.2:
    resolution: {integrity: ${integrity}}
    dev: false

  /ms/2.1.3:
    resolution: {integrity: ${integrity}}
    dev: true

  /react/18.2.0:
    resolution: {integrity: ${integrity}}
    dev: false

  file:folder:
    resolution: {directory: folder, type: directory}
    name: folder
    version: 9.0.0
    dev: false

  github.com/a/b/0123456789012345678901234567890123456789:
    resolution: {tarball: https://codeload.github.com/a/b/tar.gz/0123456789012345678901234567890123456789}
    name: commit
    version: 3.0.0
    dev: false
`;

const version6 = `lockfileVersion: '6.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      '@scope/a':
        specifier: ^1.0.0
        version: 1.0.5(react@18.2.0)
      commit:
        specifier: github:a/b
        version: github.com/a/b/0123456789012345678901234567890123456789
      old-lodash:
        specifier: npm:lodash@4.17.20
        version: /lodash@4.17.20
      ours:
        specifier: workspace:*
        version: link:packages/ours
    optionalDependencies:
      fsevents:
        specifier: 2.3.3
        version: 2.3.3
    devDependencies:
      mocha:
        specifier: 10.2.0
        version: 10.2.0

  packages/ours:
    dependencies:
      ms:
        specifier: 2.1.2
        version: 2.1.2

packages:

  /@scope/a@1.0.5(react@18.2.0):
    resolution: {integrity: ${integrity}}
    peerDependencies:
      react: ^18.2.0
    dependencies:
      react: 18.2.0
    optionalDependencies:
      fsevents: 2.3.3
    dev: false

  /fsevents@2.3.3:
    resolution: {integrity: ${integrity}}
    dev: false
    optional: true

  /lodash@4.17.20:
    resolution: {integrity: ${integrity}}
    dev: false

  /mocha@10.2.0:
    resolution: {integrity: ${integrity}}
    dependencies:
      ms: 2.1.3
    dev: true

  /ms@2.1.2:
    resolution: {integrity: ${integrity}}
    dev: false

  /ms@2.1.3:
    resolution: {integrity: ${integrity}}
    dev: true

  /react@18.2.0:
    resolution: {integrity: ${integrity}}
    dev: false

  github.com/a/b/0123456789012345678901234567890123456789:
    resolution: {tarball: https://codeload.github.com/a/b/tar.gz/0123456789012345678901234567890123456789}
    name: commit
    version: 3.0.0
    dev: false
`;

const version9 = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      '@scope/a':
        specifier: ^1.0.0
        version: 1.0.5(react@18.2.0)
      commit:
        specifier: github:a/b
        version: https://codeload.github.com/a/b/tar.gz/0123456789012345678901234567890123456789
      folder:
        specifier: file:folder
        version: file:folder
      old-lodash:
        specifier: npm:lodash@4.17.20
        version: lodash@4.17.20
      ours:
        specifier: workspace:*
        version: link:packages/ours
    optionalDependencies:
      fsevents:
        specifier: 2.3.3
        version: 2.3.3
    devDependencies:
      mocha:
        specifier: 10.2.0
        version: 10.2.0

  packages/ours:
    dependencies:
      ms:
        specifier: 2.1.2
        version: 2.1.2

packages:

  '@scope/a@1.0.5':
    resolution: {integrity: ${integrity}}
    peerDependencies:
      react: ^18.2.0

  commit@https://codeload.github.com/a/b/tar.gz/0123456789012345678901234567890123456789:
    resolution: {tarball: https://codeload.github.com/a/b/tar.gz/0123456789012345678901234567890123456789}
    version: 3.0.0

  folder@file:folder:
    resolution: {directory: folder, type: directory}

  fsevents@2.3.3:
    resolution: {integrity: ${integrity}}

  lodash@4.17.20:
    resolution: {integrity: ${integrity}}

  mocha@10.2.0:
    resolution: {integrity: ${integrity}}

  ms@2.1.2:
    resolution: {integrity: ${integrity}}

  ms@2.1.3:
    resolution: {integrity: ${integrity}}

  react@18.2.0:
    resolution: {integrity: ${integrity}}

snapshots:

  '@scope/a@1.0.5(react@18.2.0)':
    dependencies:
      react: 18.2.0
    optionalDependencies:
      fsevents: 2.3.3

  commit@https://codeload.github.com/a/b/tar.gz/0123456789012345678901234567890123456789: {}

  folder@file:folder: {}

  fsevents@2.3.3:
    optional: true

  lodash@4.17.20: {}

  mocha@10.2.0:
    dependencies:
      ms: 2.1.3

  ms@2.1.2: {}

  ms@2.1.3: {}

  react@18.2.0: {}
`;

const versions: readonly (readonly [string, string])[] = [
  ['5.4', version5],
  ['6.0', version6],
  ['9.0', version9],
];

function read(content: string, path = 'app/pnpm-lock.yaml') {
  return catalogFiles(pnpmLock, { [path]: content });
}

function idsIn(content: string): readonly string[] {
  return read(content).components.map(({ id }) => id);
}

describe('pnpm lock files', () => {
  for (const [version, content] of versions) {
    it(`reads lockfileVersion ${version}: scopes, aliases, peers, commits, edges, hashes, several importers`, () => {
      const { components, unread } = read(content);
      const told = components.map(({ id, scope, dependsOn, hashes }) => [id, scope, dependsOn, hashes.length]);
      assert.deepEqual(unread, []);
      assert.deepEqual(told.sort(), [
        ['pkg:npm/%40scope/a@1.0.5', undefined, ['pkg:npm/fsevents@2.3.3', 'pkg:npm/react@18.2.0'], 1],
        ['pkg:npm/commit@3.0.0', undefined, [], 0],
        ['pkg:npm/fsevents@2.3.3', 'optional', [], 1],
        ['pkg:npm/lodash@4.17.20', undefined, [], 1],
        ['pkg:npm/mocha@10.2.0', 'development', ['pkg:npm/ms@2.1.3'], 1],
        ['pkg:npm/ms@2.1.2', undefined, [], 1],
        ['pkg:npm/ms@2.1.3', 'development', [], 1],
        ['pkg:npm/react@18.2.0', undefined, [], 1],
      ]);
    });
  }

  it('reads the only importer that versions 5 and 6 write at the top', () => {
    const lock = `lockfileVersion: 5.3
specifiers: {x: ^1.0.0}
devDependencies: {x: 1.0.0}
packages:
  /x/1.0.0: {resolution: {integrity: ${integrity}}}
`;
    assert.deepEqual(
      read(lock).components.map(({ id, scope }) => [id, scope]),
      [['pkg:npm/x@1.0.0', 'development']],
    );
  });

  it('calls a package needed that one importer needs and another one develops with', () => {
    const lock = `lockfileVersion: '9.0'
importers:
  a: {devDependencies: {x: {specifier: '1', version: 1.0.0}}}
  b: {dependencies: {y: {specifier: '1', version: 1.0.0}}}
packages: {x@1.0.0: {}, y@1.0.0: {}}
snapshots: {x@1.0.0: {}, y@1.0.0: {dependencies: {x: 1.0.0}}}
`;
    assert.deepEqual(
      read(lock).components.map(({ name, scope }) => [name, scope]),
      [
        ['x', undefined],
        ['y', undefined],
      ],
    );
  });

  const keys: readonly (readonly [key: string, id: string])[] = [
    ['/x/1.0.0', 'pkg:npm/x@1.0.0'],
    ['/@s/x/1.0.0', 'pkg:npm/%40s/x@1.0.0'],
    ['/x/1.0.0_0123abcd', 'pkg:npm/x@1.0.0'],
    ['/@s/x/1.0.0_@babel+core@7.1.0+y@2.0.0', 'pkg:npm/%40s/x@1.0.0'],
    ['registry.example/x/1.0.0', 'pkg:npm/x@1.0.0'],
    ['registry.example/@s/x/1.0.0-beta.1', 'pkg:npm/%40s/x@1.0.0-beta.1'],
    ['registry.example/x@1.0.0', 'pkg:npm/x@1.0.0'],
    ['registry.example/@s/x_y@1.0.0(@babel/core@7.1.0)', 'pkg:npm/%40s/x_y@1.0.0'],
    ['registry.example/x/1.0.0_y@2.0.0', 'pkg:npm/x@1.0.0'],
    ['/x@1.0.0', 'pkg:npm/x@1.0.0'],
    ['/@s/x@1.0.0(@babel/core@7.1.0)(y@2.0.0(z@1.0.0))', 'pkg:npm/%40s/x@1.0.0'],
    ['x@1.0.0', 'pkg:npm/x@1.0.0'],
    ['@s/x@1.0.0(patch_hash=0123)(@babel/core@7.1.0)', 'pkg:npm/%40s/x@1.0.0'],
    ['x@https://example.org/x.tgz', 'pkg:npm/x'],
    ['x@file:x-1.0.0.tgz', 'pkg:npm/x'],
  ];
  for (const [key, id] of keys) {
    it(`reads ${key} as ${id}`, () => {
      assert.deepEqual(idsIn(`lockfileVersion: 6\npackages:\n  '${key}': {resolution: {integrity: x}}\n`), [id]);
    });
  }

  it('reads all documents of a file', () => {
    const first = "---\nlockfileVersion: '9.0'\npackages: {pnpm@11.0.0: {}}\nsnapshots: {pnpm@11.0.0: {}}\n---\n";
    assert.deepEqual(idsIn(first + version9), ['pkg:npm/pnpm@11.0.0', ...idsIn(version9)]);
  });

  it('finds nothing in the lock file of a project without dependencies, and leaves alone those of packages', () => {
    assert.deepEqual(read("lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n"), { components: [], unread: [] });
    assert.deepEqual(read(version9, 'node_modules/x/pnpm-lock.yaml'), { components: [], unread: [] });
  });

  it('takes names that objects have of themselves for names', () => {
    const lock = "lockfileVersion: '9.0'\npackages: {__proto__@1.0.0: {}, constructor@1.0.0: {}}\n";
    assert.deepEqual(idsIn(lock), ['pkg:npm/__proto__@1.0.0', 'pkg:npm/constructor@1.0.0']);
  });

  const broken: readonly (readonly [what: string, content: string])[] = [
    ['no YAML', 'lockfileVersion: 6\npackages: {'],
    ['text', 'Hello, world'],
    ['no version', 'packages: {}'],
    ['a conflict', `<<<<<<< HEAD\n${version9}=======\n${version9}>>>>>>> main\n`],
    ['packages that are no mapping', 'lockfileVersion: 6\npackages: []\n'],
    ['a package that is no mapping', 'lockfileVersion: 6\npackages: {/x@1.0.0: 1}\n'],
    ['a name that is none', 'lockfileVersion: 6\npackages: {/../x: {}}\n'],
    ['more entries than a lock file has', `lockfileVersion: 6\nx: [${','.repeat(1_500_000)}]`],
    ['an alias of YAML', 'lockfileVersion: 6\npackages: &a {x@1.0.0: {}}\nsnapshots: *a\n'],
  ];
  for (const [what, content] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read(content);
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reports a file that is too large to parse', () => {
    const [unread] = read(`lockfileVersion: 6\n${'#'.repeat(8 * 1024 * 1024)}`).unread;
    assert.equal(unread?.code, 'catalog/file-too-large');
  });

  it('reads anything or refuses it', () => {
    holdsAgainstHostileInput(
      pnpmLock,
      'pnpm-lock.yaml',
      versions.map(([, content]) => content),
    );
  });
});
