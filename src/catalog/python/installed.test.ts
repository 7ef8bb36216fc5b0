import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { pythonInstalled } from './installed.ts';

const site = 'usr/lib/python3/dist-packages';

function metadata(name: string, version: string, ...more: readonly string[]): string {
  return ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, ...more, '', 'Name: not-this', ''].join(
    '\n',
  );
}

function read(files: Readonly<Record<string, string>>) {
  return catalogFiles(pythonInstalled, files);
}

function idsIn(files: Readonly<Record<string, string>>): readonly string[] {
  return read(files).components.map(({ id }) => id);
}

function only(...more: readonly string[]) {
  const [component] = read({ [`${site}/x-1.0.dist-info/METADATA`]: metadata('x', '1.0', ...more) }).components;
  return component;
}

describe('installed Python packages', () => {
  const places: readonly (readonly [what: string, path: string])[] = [
    ['a wheel', 'usr/local/lib/python3.11/site-packages/x-1.0.dist-info/METADATA'],
    ['a package of Debian', `${site}/x-1.0.egg-info/PKG-INFO`],
    ['a package of distutils', `${site}/x-1.0.egg-info`],
    ['an egg', 'venv/lib/python3.8/site-packages/x-1.0-py3.8.egg/EGG-INFO/PKG-INFO'],
    ['a package for a function', 'var/task/x-1.0.dist-info/METADATA'],
    ['a package that setuptools put anywhere', 'opt/app/x-1.0-py3.8.egg-info/PKG-INFO'],
    ['a package that is developed in place', `${site}/x.egg-info/PKG-INFO`],
    ['a package inside another', `${site}/setuptools/_vendor/x-1.0.dist-info/METADATA`],
  ];
  for (const [what, path] of places) {
    it(`finds ${what}`, () => {
      assert.deepEqual(idsIn({ [path]: metadata('x', '1.0') }), ['pkg:pypi/x@1.0']);
    });
  }

  const others: readonly (readonly [what: string, path: string])[] = [
    ["the project's own sources", 'src/my_project.egg-info/PKG-INFO'],
    ["a package of a package's tests", `${site}/pip/tests/data/x-1.0.dist-info/METADATA`],
    ['a source archive, unpacked', 'src/x-1.0/PKG-INFO'],
  ];
  for (const [what, path] of others) {
    it(`does not take ${what} for one`, () => {
      assert.deepEqual(read({ [path]: metadata('x', '1.0') }), { components: [], unread: [] });
    });
  }

  it('keeps the spelling of a name, and gives all spellings of it one id', () => {
    const spellings = ['Zope.Interface', 'zope-interface', 'ZOPE__interface'];
    const files = Object.fromEntries(
      spellings.map((name, index) => [`${index}/x-1.dist-info/METADATA`, metadata(name, '5.0+local.1')]),
    );
    const { components } = read(files);
    assert.deepEqual(
      components.map(({ name }) => name),
      spellings,
    );
    assert.deepEqual([...new Set(components.map(({ id }) => id))], ['pkg:pypi/zope-interface@5.0+local.1']);
  });

  it('knows no version where none is given', () => {
    const [component] = read({ [`${site}/x.egg-info`]: 'Metadata-Version: 1.0\nName: x\n' }).components;
    assert.deepEqual([component?.id, component?.version], ['pkg:pypi/x', undefined]);
  });

  const licenses: readonly (readonly [what: string, fields: readonly string[], expected: readonly string[]])[] = [
    [
      'the expression before all else',
      ['License-Expression: MIT OR Apache-2.0', 'License: BSD'],
      ['MIT OR Apache-2.0'],
    ],
    [
      'a text that names a licence',
      ['License: Apache 2.0', 'Classifier: License :: OSI Approved :: BSD License'],
      ['Apache-2.0'],
    ],
    [
      'classifiers where the text names none',
      [
        'License: Dual License',
        'Classifier: License :: OSI Approved',
        'Classifier: License :: OSI Approved :: Apache Software License',
        'Classifier: License :: OSI Approved :: MIT License',
        'Classifier: Programming Language :: Python',
      ],
      ['Apache Software License', 'MIT'],
    ],
    [
      'classifiers where the text is a whole licence',
      ['License: Copyright', '        Permission is', 'Classifier: License :: OSI Approved :: MIT License'],
      ['MIT'],
    ],
    ['the text as it is, else', ['License: Ask the author', '  nicely'], ['Ask the author nicely']],
    ['nothing for UNKNOWN', ['License: UNKNOWN'], []],
    [
      'the classifier as it is where it is not exact',
      ['Classifier: License :: Free For Home Use'],
      ['Free For Home Use'],
    ],
  ];
  for (const [what, fields, expected] of licenses) {
    it(`takes as licence ${what}`, () => {
      assert.deepEqual(only(...fields)?.licenses, expected);
    });
  }

  const described: readonly (readonly [field: string, expected: object])[] = [
    ['Home-page: https://x.example', { homepage: 'https://x.example' }],
    ['Project-URL: Home Page, https://x.example', { homepage: 'https://x.example' }],
    ['Project-URL: Homepage, https://x.example', { homepage: 'https://x.example' }],
    ['Project-URL: Source Code, https://x.example/code', { homepage: 'https://x.example/code' }],
    ['Home-page: javascript:alert(1)', { homepage: undefined }],
    ['Author: Ada L', { supplier: 'Ada L' }],
    ['Author-email: "Ada L" <ada@example.org>', { supplier: 'Ada L' }],
    ['Maintainer-email: Ada L <ada@example.org>', { supplier: 'Ada L' }],
    ['Author-email: <ada@example.org>', { supplier: undefined }],
  ];
  for (const [field, expected] of described) {
    it(`reads "${field}"`, () => {
      assert.partialDeepStrictEqual({ supplier: undefined, homepage: undefined, ...only(field) }, expected);
    });
  }

  it('connects what is installed together: conditions aside, extras left out', () => {
    const requirements = [
      'Requires-Dist: Zope.Interface (>=5.0)',
      'Requires-Dist: b[extra1,extra2]>=1,<2; python_version < "3"',
      'Requires-Dist: c @ https://x.example/c.whl',
      'Requires-Dist: d ; extra == "more"',
      'Requires-Dist: missing',
      'Requires-Dist: x',
      'Requires-Dist: ???',
    ];
    const names = ['zope_interface', 'b', 'c', 'd', 'extra1'];
    const { components } = read({
      [`${site}/x-1.0.dist-info/METADATA`]: metadata('x', '1.0', ...requirements),
      ...Object.fromEntries(names.map((name) => [`${site}/${name}-1.dist-info/METADATA`, metadata(name, '1')])),
    });
    assert.deepEqual(components.find(({ name }) => name === 'x')?.dependsOn, [
      'pkg:pypi/b@1',
      'pkg:pypi/c@1',
      'pkg:pypi/zope-interface@1',
    ]);
  });

  it('looks for a dependency in the same environment, the same folder first', () => {
    const needsB = metadata('a', '1', 'Requires-Dist: b');
    const cases: readonly (readonly [asking: string, others: readonly string[], expected: readonly string[]])[] = [
      ['one/lib/python3.9/site-packages', ['two/lib/python3.9/site-packages'], []],
      ['usr/local/lib/python3.11/dist-packages', [site], ['pkg:pypi/b@0']],
      ['usr/lib64/python3.9/site-packages', ['usr/lib/python3.9/site-packages'], ['pkg:pypi/b@0']],
      ['usr/lib/python3/dist-packages', ['usr/lib/python2.7/dist-packages'], []],
      [site, [site, 'usr/local/lib/python3.11/dist-packages'], ['pkg:pypi/b@0']],
    ];
    for (const [asking, others, expected] of cases) {
      const files = {
        [`${asking}/a-1.dist-info/METADATA`]: needsB,
        ...Object.fromEntries(
          others.map((folder, index) => [`${folder}/b.dist-info/METADATA`, metadata('b', `${index}`)]),
        ),
      };
      assert.deepEqual(read(files).components.find(({ name }) => name === 'a')?.dependsOn, expected, asking);
    }
  });

  it("reads setuptools' own list of requirements", () => {
    const { components } = read({
      [`${site}/x-1.0.egg-info/PKG-INFO`]: metadata('x', '1.0'),
      [`${site}/x-1.0.egg-info/requires.txt`]: 'a>=1\n\n[:python_version < "3"]\nb\n\n[more]\nc\n',
      ...Object.fromEntries(['a', 'b', 'c'].map((name) => [`${site}/${name}-1.egg-info`, metadata(name, '1')])),
    });
    assert.deepEqual(components.find(({ name }) => name === 'x')?.dependsOn, ['pkg:pypi/a@1', 'pkg:pypi/b@1']);
  });

  it('knows the hash of an archive that was installed by its address', () => {
    const value = '07'.repeat(32);
    for (const archive of [{ hashes: { sha256: value, blake2b: 'x' } }, { hash: `sha256=${value}` }]) {
      const { components } = read({
        [`${site}/x-1.0.dist-info/METADATA`]: metadata('x', '1.0'),
        [`${site}/x-1.0.dist-info/direct_url.json`]: JSON.stringify({
          url: 'https://x.example',
          archive_info: archive,
        }),
      });
      assert.deepEqual(components[0]?.hashes, [{ algorithm: 'SHA-256', value }]);
    }
  });

  it('reads fields over several lines, with the line ends of Windows, and stops where the description starts', () => {
    const text = metadata('x', '1.0', 'Author: Ada', '        L', 'Requires-Dist: y', 'not a field', 'Author: Nobody');
    const { components, unread } = read({ [`${site}/x-1.0.dist-info/METADATA`]: text.replaceAll('\n', '\r\n') });
    assert.deepEqual(unread, []);
    assert.deepEqual(
      components.map(({ name, version, supplier }) => [name, version, supplier]),
      [['x', '1.0', 'Ada L']],
    );
  });

  const broken: readonly (readonly [what: string, path: string, content: string])[] = [
    ['no name', 'x-1.0.dist-info/METADATA', 'Version: 1.0\n'],
    ['nothing', 'x-1.0.dist-info/METADATA', ''],
    ['a name that is none', 'x-1.0.egg-info', 'Name: ../x\nVersion: 1.0\n'],
    ['a version that is none', 'x-1.0.egg-info', 'Name: x\nVersion: 1 0\n'],
    ['an origin that is no JSON', 'x-1.0.dist-info/direct_url.json', '{'],
  ];
  for (const [what, path, content] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read({ [`${site}/${path}`]: content });
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reads anything or refuses it', () => {
    const full = metadata('x', '1.0', 'License: MIT', 'Requires-Dist: y[z] (>=1); extra == "a"', 'Author: A', '  B');
    holdsAgainstHostileInput(pythonInstalled, `${site}/x-1.0.dist-info/METADATA`, [full]);
    holdsAgainstHostileInput(pythonInstalled, `${site}/x-1.0.egg-info/requires.txt`, ['a>=1\n[:b]\nc[d]~=1.0;e\n']);
  });
});
