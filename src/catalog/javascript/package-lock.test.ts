import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { packageLock } from './package-lock.ts';

const sha512 = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
const sha512Hex = '07'.repeat(64);

/** One project, as npm writes it in the three versions of its format. */
const v1 = {
  name: 'app',
  version: '1.0.0',
  lockfileVersion: 1,
  requires: true,
  dependencies: {
    '@scope/a': { version: '1.0.0', integrity: sha512, requires: { ms: '^2.0.0', b: '*' } },
    b: {
      version: '2.0.0',
      dev: true,
      requires: { ms: '1.0.0' },
      dependencies: { ms: { version: '1.0.0', dev: true, bundled: true } },
    },
    ms: { version: '2.1.3', integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${sha512}?opt` },
    'old-lodash': { version: 'npm:lodash@4.17.20' },
    fsevents: { version: '2.3.3', optional: true },
    ours: { version: 'file:packages/ours', requires: { ms: '*' } },
  },
};
const packages = {
  '': { name: 'app', version: '1.0.0', dependencies: { '@scope/a': '1' } },
  'node_modules/@scope/a': {
    version: '1.0.0',
    integrity: sha512,
    dependencies: { ms: '^2.0.0' },
    peerDependencies: { b: '*' },
  },
  'node_modules/b': { version: '2.0.0', dev: true, dependencies: { ms: '1.0.0' } },
  'node_modules/b/node_modules/ms': { version: '1.0.0', dev: true, inBundle: true },
  'node_modules/ms': { version: '2.1.3', integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${sha512}?opt` },
  'node_modules/old-lodash': { name: 'lodash', version: '4.17.20' },
  'node_modules/fsevents': { version: '2.3.3', optional: true },
  'node_modules/ours': { resolved: 'packages/ours', link: true },
  'packages/ours': { name: 'ours', version: '0.1.0', dependencies: { ms: '*' } },
};
const versions: readonly (readonly [number, object])[] = [
  [1, v1],
  [2, { ...v1, lockfileVersion: 2, packages }],
  [3, { name: 'app', version: '1.0.0', lockfileVersion: 3, requires: true, packages }],
];

/** One package that needs all others. */
function crowd(size: number): object {
  const names = Array.from({ length: size }, (_, index) => `x${index}`);
  const others = names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]);
  const dependencies = Object.fromEntries(names.map((name) => [name, '*']));
  return Object.fromEntries([['node_modules/all', { version: '1.0.0', dependencies }], ...others]);
}

function read(document: unknown, path = 'app/package-lock.json') {
  return catalogFiles(packageLock, { [path]: typeof document === 'string' ? document : JSON.stringify(document) });
}

describe('npm lock files', () => {
  for (const [version, document] of versions) {
    it(`reads lockfileVersion ${version}: scopes, aliases, nested and bundled packages, edges, hashes`, () => {
      const { components, unread } = read(document);
      const told = components.map(({ id, scope, dependsOn, hashes }) => [id, scope, dependsOn, hashes.length]);
      assert.deepEqual(unread, []);
      assert.deepEqual(told.sort(), [
        ['pkg:npm/%40scope/a@1.0.0', undefined, ['pkg:npm/b@2.0.0', 'pkg:npm/ms@2.1.3'], 1],
        ['pkg:npm/b@2.0.0', 'development', ['pkg:npm/ms@1.0.0'], 0],
        ['pkg:npm/fsevents@2.3.3', 'optional', [], 0],
        ['pkg:npm/lodash@4.17.20', undefined, [], 0],
        ['pkg:npm/ms@1.0.0', 'development', [], 0],
        ['pkg:npm/ms@2.1.3', undefined, [], 2],
      ]);
    });

    it(`takes neither the project nor its workspaces for packages in lockfileVersion ${version}`, () => {
      const names = read(document).components.map(({ name }) => name);
      assert.ok(!names.includes('app') && !names.includes('ours'), String(names));
    });
  }

  it('writes integrity as hashes in hexadecimal, and leaves out what is none', () => {
    const integrity = `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${sha512}?opt sha512-AAAA md9-AAAA sha256-`;
    const [component] = read({ packages: { 'node_modules/x': { version: '1.0.0', integrity } } }).components;
    assert.deepEqual(component?.hashes, [
      { algorithm: 'SHA-1', value: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
      { algorithm: 'SHA-512', value: sha512Hex },
    ]);
  });

  it('tells licences and places', () => {
    const lock = { packages: { 'node_modules/x': { version: '1.0.0', license: 'mit' } } };
    const [component] = read(lock).components;
    assert.deepEqual(component, {
      id: 'pkg:npm/x@1.0.0',
      type: 'npm',
      name: 'x',
      version: '1.0.0',
      scope: undefined,
      licenses: ['MIT'],
      hashes: [],
      dependsOn: [],
      locations: [{ path: 'app/package-lock.json', layer: 0 }],
    });
  });

  it('calls optional what development needs and something else can do without', () => {
    const [component] = read({ packages: { 'node_modules/x': { version: '1.0.0', devOptional: true } } }).components;
    assert.equal(component?.scope, 'optional');
  });

  it('knows no version of a commit or an archive that version 1 locks', () => {
    const dependencies = {
      commit: { version: 'git+ssh://git@github.com/a/b.git#0123456789012345678901234567890123456789' },
      short: { version: 'github:a/b#0123456' },
      url: { version: 'https://example.org/x.tgz' },
      archive: { version: 'file:x-1.0.0.tgz' },
      folder: { version: 'file:../x' },
    };
    assert.deepEqual(
      read({ lockfileVersion: 1, dependencies }).components.map(({ id, version }) => [id, version]),
      ['commit', 'short', 'url', 'archive'].map((name) => [`pkg:npm/${name}`, undefined]),
    );
  });

  it('resolves from the folder of a workspace too', () => {
    const lock = {
      packages: {
        'packages/a': { version: '1.0.0' },
        'packages/a/node_modules/x': { version: '2.0.0', dependencies: { y: '*' } },
        'packages/a/node_modules/y': { version: '2.0.0' },
        'node_modules/y': { version: '1.0.0' },
      },
    };
    const [x] = read(lock).components;
    assert.deepEqual(x?.dependsOn, ['pkg:npm/y@2.0.0']);
  });

  it('lists what lies at the address that npm installs from', () => {
    const entry = { version: '9.9.9', resolved: 'https://registry.example/lodash/-/lodash-4.17.4.tgz' };
    const lock = JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/safe': entry } });
    assert.deepEqual(
      catalogFiles(packageLock, { 'package-lock.json': lock }).components.map(({ id }) => id),
      ['pkg:npm/lodash@4.17.4'],
    );
  });

  it('reads npm-shrinkwrap.json', () => {
    assert.equal(read({ packages }, 'npm-shrinkwrap.json').components.length, 6);
  });

  it('keeps of what npm notes in node_modules only what is still there', () => {
    const note = { packages: { 'node_modules/x': { version: '1.0.0' }, 'node_modules/gone': { version: '1.0.0' } } };
    const { components } = catalogFiles(packageLock, {
      'app/node_modules/.package-lock.json': JSON.stringify(note),
      'app/node_modules/x/index.js': '',
    });
    assert.deepEqual(
      components.map(({ id }) => id),
      ['pkg:npm/x@1.0.0'],
    );
    assert.ok(!Object.keys(components[0] ?? {}).includes('folder'));
  });

  it('leaves alone the lock files that packages bring along', () => {
    assert.deepEqual(read({ packages }, 'node_modules/x/package-lock.json'), { components: [], unread: [] });
  });

  it('finds nothing in the lock file of a project without dependencies', () => {
    for (const empty of [{ lockfileVersion: 1 }, { lockfileVersion: 3, packages: { '': { name: 'app' } } }])
      assert.deepEqual(read(empty), { components: [], unread: [] });
  });

  const broken: readonly (readonly [what: string, document: unknown])[] = [
    ['no JSON', '{"packages": '],
    ['no object', '[]'],
    ['packages that are no object', { packages: [] }],
    ['a package that is no object', { packages: { 'node_modules/x': 'x' } }],
    ['dependencies that are no object', { dependencies: 'x' }],
    ['a dependency that is no object', { dependencies: { x: '1.0.0' } }],
    ['a name that is none', { packages: { 'node_modules/x': { name: '../../x', version: '1.0.0' } } }],
    ['a version that is none', { packages: { 'node_modules/x': { version: '1 0' } } }],
    ['more dependencies than a package has', { packages: crowd(10_002) }],
    ['folders without end', { packages: { [`${'node_modules/a/'.repeat(300)}node_modules/x`]: { version: '1.0.0' } } }],
  ];
  for (const [what, document] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read(document);
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reports a tree of packages that spells out more folders than are read', () => {
    const leaves = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`x${index}`, {}]));
    let dependencies: object = leaves;
    for (let depth = 0; depth < 90; depth++) dependencies = { [`${'y'.repeat(25)}${depth}`]: { dependencies } };
    assert.match(read({ dependencies }).unread[0]?.message ?? '', /nests too many packages too deeply/);
  });

  it('takes names that objects have of themselves for names', () => {
    const lock = '{"packages":{"node_modules/__proto__":{"version":"1.0.0","dependencies":{"constructor":"*"}}}}';
    assert.deepEqual(
      read(lock).components.map(({ id, dependsOn }) => [id, dependsOn]),
      [['pkg:npm/__proto__@1.0.0', []]],
    );
  });

  it('reads anything or refuses it', () => {
    const samples = versions.map(([, document]) => JSON.stringify(document, undefined, 2));
    holdsAgainstHostileInput(packageLock, 'package-lock.json', samples);
  });
});
