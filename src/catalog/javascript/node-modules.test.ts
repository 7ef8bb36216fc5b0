import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { nodeModules } from './node-modules.ts';

function manifest(name: string, version: string, more: object = {}): string {
  return JSON.stringify({ name, version, ...more });
}

function idsIn(files: Readonly<Record<string, string>>): readonly string[] {
  return catalogFiles(nodeModules, files).components.map(({ id }) => id);
}

describe('installed npm packages', () => {
  const packages: readonly (readonly [what: string, path: string])[] = [
    ['a package', 'app/node_modules/x/package.json'],
    ['a scoped package', 'node_modules/@scope/x/package.json'],
    ['a package inside another', 'node_modules/a/node_modules/x/package.json'],
    ['a package inside a scoped one', 'node_modules/@s/a/node_modules/@s/x/package.json'],
    ['a global package', 'usr/lib/node_modules/x/package.json'],
    ["a package in pnpm's store", 'node_modules/.pnpm/x@1.0.0/node_modules/x/package.json'],
    ['a Debian package', 'usr/share/nodejs/x/package.json'],
    ['a scoped Debian package', 'usr/share/nodejs/@s/x/package.json'],
    ['a package bundled by Debian', 'usr/share/nodejs/npm/node_modules/x/package.json'],
    ['a Debian package of one architecture', 'usr/lib/x86_64-linux-gnu/nodejs/x/package.json'],
    ['a package that is called like a folder of tests', 'node_modules/test/package.json'],
    ['a package of a package that is called so', 'node_modules/fixtures/node_modules/x/package.json'],
    ['what is installed for the tests of the project itself', 'test/app/node_modules/x/package.json'],
  ];
  for (const [what, path] of packages) {
    it(`finds ${what}`, () => {
      assert.deepEqual(idsIn({ [path]: manifest('x', '1.0.0') }), ['pkg:npm/x@1.0.0']);
    });
  }

  const others: readonly (readonly [what: string, path: string, content: string])[] = [
    ['a stub that says how to load a folder', 'node_modules/x/dist/esm/package.json', '{"type":"module"}'],
    ['a manifest inside a package', 'node_modules/x/sub/package.json', manifest('sub', '1.0.0')],
    ['a manifest inside a Debian package', 'usr/share/nodejs/terser/bin/package.json', manifest('bin', '1.0.0')],
    ['a fixture', 'node_modules/x/test/fixtures/y/package.json', manifest('y', '1.0.0')],
    ['an installation in a fixture', 'node_modules/x/test/app/node_modules/y/package.json', manifest('y', '1.0.0')],
    ['a package without a name', 'node_modules/x/package.json', '{"version":"1.0.0"}'],
    ['a package with a name that is none', 'node_modules/x/package.json', manifest('../x y', '1.0.0')],
    ['a cache', 'node_modules/.cache/package.json', manifest('x', '1.0.0')],
    ['a manifest among Python packages', 'usr/lib/python3/dist-packages/x/package.json', manifest('x', '1.0.0')],
    ['a broken fixture', 'node_modules/x/test/package.json', '{'],
  ];
  for (const [what, path, content] of others) {
    it(`does not take ${what} for one`, () => {
      const { components, unread } = catalogFiles(nodeModules, { [path]: content, 'yarn.lock': '' });
      assert.deepEqual({ components, unread }, { components: [], unread: [] });
    });
  }

  it('lists a package whose version is missing or none without it', () => {
    for (const version of ['', ',"version":"1 0"', ',"version":4'])
      assert.deepEqual(idsIn({ 'node_modules/x/package.json': `{"name":"x"${version}}` }), ['pkg:npm/x'], version);
  });

  const links: readonly (readonly [what: string, files: readonly string[], link: string, to: string])[] = [
    ['the folder with the packages', ['deps/@s/y', 'deps/x'], 'app/node_modules', 'deps'],
    ['a package elsewhere', ['src/x'], 'usr/lib/node_modules/x', 'src/x'],
    ['a scoped package elsewhere', ['src/x'], 'usr/lib/node_modules/@s/x', 'src/x'],
  ];
  for (const [what, folders, link, to] of links) {
    it(`finds what is installed by a link to ${what}, and not without it`, () => {
      const files = Object.fromEntries(folders.map((folder) => [`${folder}/package.json`, manifest('x', '1.0.0')]));
      const found = (links: Readonly<Record<string, string>>) =>
        catalogFiles(nodeModules, files, { links }).components.map(({ locations }) => locations[0]?.path);
      assert.deepEqual(found({ [link]: to }), Object.keys(files));
      assert.deepEqual(found({}), []);
    });
  }

  it('does not take a workspace for an installed package', () => {
    const files = { 'app/packages/x/package.json': manifest('x', '1.0.0') };
    const links = { 'app/node_modules/x': 'app/packages/x' };
    assert.deepEqual(catalogFiles(nodeModules, files, { links }).components, []);
  });

  it('names an alias by the package that it really is', () => {
    assert.deepEqual(idsIn({ 'node_modules/old-lodash/package.json': manifest('lodash', '4.17.20') }), [
      'pkg:npm/lodash@4.17.20',
    ]);
  });

  it('counts an application with its lock file or its dependencies, and no other manifest', () => {
    const files = {
      'locked/package.json': manifest('locked', '1.0.0'),
      'locked/package-lock.json': '{}',
      'installed/package.json': manifest('installed', '1.0.0'),
      'installed/node_modules/x/package.json': manifest('x', '2.0.0'),
      'bare/package.json': manifest('bare', '1.0.0'),
      'unversioned/package.json': '{"name":"unversioned"}',
      'unversioned/yarn.lock': '',
    };
    assert.deepEqual(idsIn(files), ['pkg:npm/x@2.0.0', 'pkg:npm/installed@1.0.0', 'pkg:npm/locked@1.0.0']);
  });

  it('resolves dependencies as node does, nearest folder first', () => {
    const files = {
      'node_modules/a/package.json': manifest('a', '1.0.0', {
        dependencies: { b: '*', c: '*', missing: '*' },
        optionalDependencies: { d: '*' },
        peerDependencies: { e: '*', f: '*' },
        peerDependenciesMeta: { f: { optional: true } },
        devDependencies: { g: '*' },
      }),
      'node_modules/a/node_modules/b/package.json': manifest('b', '2.0.0', { dependencies: { c: '*', b: '*' } }),
      ...Object.fromEntries(
        ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => [`node_modules/${name}/package.json`, manifest(name, '1.0.0')]),
      ),
    };
    const edges = catalogFiles(nodeModules, files).components.filter(({ dependsOn }) => dependsOn.length > 0);
    assert.deepEqual(
      edges.map(({ id, dependsOn }) => [id, dependsOn]),
      [
        ['pkg:npm/b@2.0.0', ['pkg:npm/c@1.0.0']],
        ['pkg:npm/a@1.0.0', ['pkg:npm/b@2.0.0', 'pkg:npm/c@1.0.0', 'pkg:npm/d@1.0.0', 'pkg:npm/e@1.0.0']],
      ],
    );
  });

  it("finds a Debian package's dependencies in all of Debian's folders", () => {
    const files = {
      'usr/share/nodejs/a/package.json': manifest('a', '1.0.0', { dependencies: { native: '*' } }),
      'usr/lib/x86_64-linux-gnu/nodejs/native/package.json': manifest('native', '1.0.0'),
      'app/node_modules/b/package.json': manifest('b', '1.0.0', { dependencies: { native: '*' } }),
    };
    const { components } = catalogFiles(nodeModules, files);
    const dependsOn = Object.fromEntries(components.map((component) => [component.name, component.dependsOn]));
    assert.deepEqual(dependsOn, { a: ['pkg:npm/native@1.0.0'], b: [], native: [] });
  });

  it('tells what a manifest tells, in each of its forms', () => {
    const fields: readonly (readonly [object, object])[] = [
      [{ license: 'MIT' }, { licenses: ['MIT'] }],
      [{ license: { type: 'Apache-2.0', url: 'x' } }, { licenses: ['Apache-2.0'] }],
      [{ licenses: [{ type: 'MIT' }, { type: 'ISC' }] }, { licenses: ['ISC', 'MIT'] }],
      [{ license: ['MIT', 'ISC', 'MIT'] }, { licenses: ['ISC', 'MIT'] }],
      [{ license: 'SEE LICENSE IN LICENSE.md' }, { licenses: ['SEE LICENSE IN LICENSE.md'] }],
      [{ license: 5 }, { licenses: [] }],
      [{ author: 'Ada L <ada@example.org> (https://ada.example)' }, { supplier: 'Ada L' }],
      [{ author: { name: 'Ada L' } }, { supplier: 'Ada L' }],
      [{ author: '<ada@example.org>' }, { supplier: undefined }],
      [{ homepage: 'https://x.example/', repository: 'a/b' }, { homepage: 'https://x.example/' }],
      [{ repository: { url: 'git+https://github.com/a/b.git' } }, { homepage: 'https://github.com/a/b' }],
      [{ repository: 'gitlab:a/b' }, { homepage: 'https://gitlab.com/a/b' }],
      [{ repository: 'a/b' }, { homepage: 'https://github.com/a/b' }],
      [{ repository: 'git@github.com:a/b.git' }, { homepage: 'https://github.com/a/b' }],
      [{ repository: 'git+ssh://git@github.com/a/b.git' }, { homepage: 'https://github.com/a/b' }],
      [{ homepage: 'javascript:alert(1)' }, { homepage: undefined }],
      [
        { _integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=', _shasum: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
        { hashes: Array(2).fill({ algorithm: 'SHA-1', value: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }) },
      ],
    ];
    for (const [more, expected] of fields) {
      const { components } = catalogFiles(nodeModules, { 'node_modules/x/package.json': manifest('x', '1.0.0', more) });
      assert.partialDeepStrictEqual({ supplier: undefined, homepage: undefined, ...components[0] }, expected);
    }
  });

  it('keeps the place and the layer of each copy', () => {
    const layers = [
      { 'a/node_modules/x/package.json': manifest('x', '1.0.0') },
      {
        'b/node_modules/x/package.json': manifest('x', '1.0.0'),
        'a/node_modules/x/package.json': manifest('x', '1.0.1'),
      },
    ];
    const { components } = catalogFiles(nodeModules, layers);
    assert.deepEqual(
      components.map(({ version, locations }) => [version, locations]),
      [
        ['1.0.1', [{ path: 'a/node_modules/x/package.json', layer: 1 }]],
        ['1.0.0', [{ path: 'b/node_modules/x/package.json', layer: 1 }]],
      ],
    );
  });

  it('reports a package whose manifest is broken', () => {
    const { unread } = catalogFiles(nodeModules, { 'node_modules/x/package.json': '{"name": "x", ' });
    assert.deepEqual(
      unread.map(({ path, code }) => [path, code]),
      [['node_modules/x/package.json', 'catalog/malformed-file']],
    );
  });

  it('reads anything or refuses it', () => {
    const full = manifest('x', '1.0.0', {
      license: 'MIT',
      dependencies: { y: '1', __proto__: '2' },
      author: { name: 'A' },
    });
    holdsAgainstHostileInput(nodeModules, 'node_modules/x/package.json', [full]);
  });
});
