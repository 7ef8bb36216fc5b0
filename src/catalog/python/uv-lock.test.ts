import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { uvLock } from './uv-lock.ts';

const hex = '07'.repeat(32);
const registry = 'source = { registry = "https://x.example/simple" }';

const lock = `version = 1
revision = 3
requires-python = ">=3.9"

[manifest]
members = ["app", "ours"]

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "commit" },
    { name = "numpy", version = "1.0", source = { registry = "https://x.example/simple" }, marker = "python_full_version < '3.10'" },
    { name = "ours" },
    { name = "requests", extra = ["socks"] },
]

[package.optional-dependencies]
more = [
    { name = "optional-one" },
]

[package.dev-dependencies]
dev = [
    { name = "numpy", version = "2.0", source = { registry = "https://x.example/simple" } },
    { name = "pytest" },
]

[package.metadata]
requires-dist = [{ name = "requests", extras = ["socks"] }]

[[package]]
name = "commit"
version = "3.0"
source = { git = "https://x.example/x.git?rev=main#0123456" }

[[package]]
name = "iniconfig"
version = "2.0"
${registry}

[[package]]
name = "numpy"
version = "1.0"
${registry}

[[package]]
name = "numpy"
version = "2.0"
${registry}

[[package]]
name = "optional-one"
version = "1.0"
${registry}

[[package]]
name = "ours"
source = { virtual = "packages/ours" }
dependencies = [{ name = "local-folder" }]

[[package]]
name = "local-folder"
version = "0.1"
source = { directory = "../folder" }

[[package]]
name = "pysocks"
version = "1.7.1"
${registry}

[[package]]
name = "pytest"
version = "8.0.0"
${registry}
dependencies = [
    { name = "iniconfig" },
    { name = "requests", extra = ["security"] },
]

[[package]]
name = "pyopenssl"
version = "24.0"
${registry}

[[package]]
name = "requests"
version = "2.31.0"
${registry}
sdist = { url = "https://x.example/requests-2.31.0.tar.gz", hash = "sha256:${hex}", size = 110794 }
wheels = [
    { url = "https://x.example/requests-2.31.0-py3-none-any.whl", hash = "sha256:${hex.replaceAll('7', '8')}", size = 62574 },
]

[package.optional-dependencies]
security = [{ name = "pyopenssl" }]
socks = [{ name = "pysocks" }]
`;

function read(content: string, path = 'app/uv.lock') {
  return catalogFiles(uvLock, { [path]: content });
}

describe('uv lock files', () => {
  it('reads what is needed, optional and for development, over extras too; the project and its folders are no packages', () => {
    const { components, unread } = read(lock);
    assert.deepEqual(unread, []);
    assert.deepEqual(
      components.map(({ id, scope, dependsOn }) => [id, scope, dependsOn]),
      [
        ['pkg:pypi/commit@3.0', undefined, []],
        ['pkg:pypi/iniconfig@2.0', 'development', []],
        ['pkg:pypi/numpy@1.0', undefined, []],
        ['pkg:pypi/numpy@2.0', 'development', []],
        ['pkg:pypi/optional-one@1.0', 'optional', []],
        ['pkg:pypi/pysocks@1.7.1', undefined, []],
        ['pkg:pypi/pytest@8.0.0', 'development', ['pkg:pypi/iniconfig@2.0', 'pkg:pypi/requests@2.31.0']],
        ['pkg:pypi/pyopenssl@24.0', 'development', []],
        ['pkg:pypi/requests@2.31.0', undefined, ['pkg:pypi/pyopenssl@24.0', 'pkg:pypi/pysocks@1.7.1']],
      ],
    );
  });

  it('takes the hashes of all files of a package', () => {
    const requests = read(lock).components.find(({ name }) => name === 'requests');
    assert.deepEqual(requests?.hashes, [
      { algorithm: 'SHA-256', value: hex },
      { algorithm: 'SHA-256', value: hex.replaceAll('7', '8') },
    ]);
  });

  it('starts from what a script asks for, and from groups without a project', () => {
    const script = `version = 1
[manifest]
requirements = [{ name = "x", specifier = ">=1" }]
[manifest.dependency-groups]
dev = [{ name = "y" }]
[[package]]
name = "x"
version = "1.0"
${registry}
[[package]]
name = "y"
version = "1.0"
${registry}
`;
    assert.deepEqual(
      read(script, 'tools/report.py.lock').components.map(({ name, scope }) => [name, scope]),
      [
        ['x', undefined],
        ['y', 'development'],
      ],
    );
  });

  it('leaves alone the lock files that packages bring along', () => {
    assert.deepEqual(read(lock, 'lib/python3.9/site-packages/x/uv.lock'), { components: [], unread: [] });
  });

  const broken: readonly (readonly [what: string, content: string])[] = [
    ['no TOML', '[[package]\nname = '],
    ['packages that are no list', 'package = "x"\n'],
    ['a package that is no table', 'package = ["x"]\n'],
    ['a package without a name', '[[package]]\nversion = "1.0"\n'],
    ['a name that is none', '[[package]]\nname = "../x"\nversion = "1.0"\n'],
    ['one package in versions without end', '[[package]]\nname = "x"\n'.repeat(101)],
    ['a version that is none', '[[package]]\nname = "x"\nversion = "1 0"\n'],
  ];
  for (const [what, content] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read(content);
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reads anything or refuses it', () => {
    holdsAgainstHostileInput(uvLock, 'uv.lock', [lock]);
  });
});
