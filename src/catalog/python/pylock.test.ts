import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { pylock } from './pylock.ts';

const hex = '07'.repeat(32);
const other = '08'.repeat(64);

const lock = `lock-version = '1.0'
environments = ["sys_platform == 'linux'"]
requires-python = '>=3.9'
created-by = 'mousebender'

[[packages]]
name = 'Attrs_X'
version = '25.1.0'
dependencies = [{ name = 'numpy', version = '2.0' }, { name = 'archive' }]
wheels = [
  {name = 'attrs-25.1.0-py3-none-any.whl', url = 'https://x.example/attrs.whl', size = 63152, hashes = {sha256 = '${hex}'}},
]
[packages.sdist]
name = 'attrs-25.1.0.tar.gz'
hashes = { sha512 = '${other}', blake2b = 'x' }

[[packages]]
name = 'numpy'
version = '1.0'
marker = "python_version < '3.10'"

[[packages]]
name = 'numpy'
version = '2.0'
marker = "'dev' in dependency_groups"

[[packages]]
name = 'archive'
archive = { url = 'https://x.example/archive-1.0.tar.gz', hashes = { sha256 = '${hex}' } }

[[packages]]
name = 'commit'
vcs = { type = 'git', url = 'https://x.example/x.git', commit-id = '0123456' }

[[packages]]
name = 'ours'
directory = { path = '.', editable = true }
`;

function read(content: string, path = 'app/pylock.toml') {
  return catalogFiles(pylock, { [path]: content });
}

describe('pylock.toml', () => {
  it('reads versions, dependencies and the hashes of all files; folders of the project are no packages', () => {
    const { components, unread } = read(lock);
    assert.deepEqual(unread, []);
    assert.deepEqual(
      components.map(({ id, name, dependsOn, hashes }) => [id, name, dependsOn, hashes]),
      [
        [
          'pkg:pypi/attrs-x@25.1.0',
          'Attrs_X',
          ['pkg:pypi/archive@1.0', 'pkg:pypi/numpy@2.0'],
          [
            { algorithm: 'SHA-512', value: other },
            { algorithm: 'SHA-256', value: hex },
          ],
        ],
        ['pkg:pypi/numpy@1.0', 'numpy', [], []],
        ['pkg:pypi/numpy@2.0', 'numpy', [], []],
        ['pkg:pypi/archive@1.0', 'archive', [], [{ algorithm: 'SHA-256', value: hex }]],
        ['pkg:pypi/commit', 'commit', [], []],
      ],
    );
  });

  it('reads files that are named for what they lock, and leaves alone those of packages', () => {
    assert.equal(read(lock, 'pylock.production.toml').components.length, 5);
    assert.deepEqual(read(lock, 'lib/python3.9/site-packages/x/pylock.toml'), { components: [], unread: [] });
  });

  const broken: readonly (readonly [what: string, content: string])[] = [
    ['no TOML', "lock-version = '1.0'\n[[packages]\n"],
    ['no version of the format', 'packages = []\n'],
    ['a version of the format that is not known', "lock-version = '2.0'\npackages = []\n"],
    ['packages that are no list', "lock-version = '1.0'\npackages = 5\n"],
    ['a package without a name', "lock-version = '1.0'\n[[packages]]\nversion = '1.0'\n"],
    ['a name that is none', "lock-version = '1.0'\n[[packages]]\nname = '../x'\n"],
  ];
  for (const [what, content] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read(content);
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reads anything or refuses it', () => {
    holdsAgainstHostileInput(pylock, 'pylock.toml', [lock]);
  });
});
