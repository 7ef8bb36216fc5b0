import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { goMod } from './go-mod.ts';

function catalog(text: string, path = 'src/app/go.mod') {
  const { components, unread } = catalogFiles(goMod, { [path]: text });
  return { components, unread, named: components.map(({ name, version }) => [name, version]) };
}

const module = 'module example.com/app\n\ngo 1.22\n\ntoolchain go1.22.3\n';

describe('go.mod', () => {
  it('names the modules that are required, direct or not, alone or in blocks, and no standard library', () => {
    const { named } = catalog(`${module}
require golang.org/x/text v0.14.0
require ( // direct
	github.com/BurntSushi/toml v1.3.2
	"github.com/docker/docker" v20.10.7+incompatible // indirect
	\`gopkg.in/yaml.v3\` v3.0.1//close
)
require (
	golang.org/x/sys v0.0.0-20220715151400-c0bba94af5f8 // indirect
)
tool example.com/tool
retract [v1.0.0, v1.1.0]
godebug default=go1.21
`);
    assert.deepEqual(named, [
      ['golang.org/x/text', 'v0.14.0'],
      ['github.com/BurntSushi/toml', 'v1.3.2'],
      ['github.com/docker/docker', 'v20.10.7+incompatible'],
      ['gopkg.in/yaml.v3', 'v3.0.1'],
      ['golang.org/x/sys', 'v0.0.0-20220715151400-c0bba94af5f8'],
    ]);
  });

  it('gives components with a place, and without a scope: what is only for tests is not stated', () => {
    const { components } = catalog(`${module}require golang.org/x/text v0.14.0\r\n`);
    assert.deepEqual(components, [
      {
        id: 'pkg:golang/golang.org/x/text@v0.14.0',
        name: 'golang.org/x/text',
        version: 'v0.14.0',
        scope: undefined,
        type: 'golang',
        licenses: [],
        hashes: [],
        dependsOn: [],
        locations: [{ path: 'src/app/go.mod', layer: 0 }],
      },
    ]);
  });

  const used: readonly (readonly [string, string, readonly [string, string | undefined]])[] = [
    ['another module', 'replace example.com/a => example.com/fork v1.5.0', ['example.com/fork', 'v1.5.0']],
    ['this version by another', 'replace example.com/a v1.0.0 => example.com/a v1.0.1', ['example.com/a', 'v1.0.1']],
    ['another version only', 'replace example.com/a v1.2.0 => example.com/fork v1.5.0', ['example.com/a', 'v1.0.0']],
    [
      'this version before all versions',
      'replace (\n\texample.com/a => ../x\n\texample.com/a v1.0.0 => example.com/a v1.0.2\n)',
      ['example.com/a', 'v1.0.2'],
    ],
    ['a folder', 'replace example.com/a => ./a', ['example.com/a', undefined]],
    ['nothing, but excluded', 'exclude example.com/a v1.0.0', ['example.com/a', undefined]],
    ['nothing, another version being excluded', 'exclude example.com/a v1.0.1', ['example.com/a', 'v1.0.0']],
  ];
  for (const [title, line, answer] of used) {
    it(`says what takes the place of a requirement: ${title}`, () => {
      assert.deepEqual(catalog(`${module}require example.com/a v1.0.0\n${line}\n`).named, [answer]);
    });
  }

  it('leaves the version of a branch that was not resolved unknown', () => {
    assert.deepEqual(catalog(`${module}require example.com/a main\n`).named, [['example.com/a', undefined]]);
  });

  for (const [line, isReported] of [
    ['', true],
    ['go 1.9', true],
    ['go 1.16', true],
    ['go 1.17', false],
    ['go 1.21rc2', false],
    ['go 1.23.4', false],
    ['go 2.0', false],
  ] as const) {
    it(`is ${isReported ? '' : 'not '}reported as incomplete with ${line === '' ? 'no go line' : `"${line}"`}, before 1.17 only`, () => {
      const { named, unread } = catalog(`module example.com/app\n${line}\nrequire example.com/a v1.0.0\n`);
      assert.deepEqual([named, unread.length], [[['example.com/a', 'v1.0.0']], isReported ? 1 : 0]);
      assert.deepEqual(catalog(`module example.com/app\n${line}\n`).unread, []);
    });
  }

  for (const path of [
    'root/go/pkg/mod/golang.org/x/text@v0.14.0/go.mod',
    'src/app/vendor/golang.org/x/text/go.mod',
    'src/app/testdata/go.mod',
    'usr/local/go/src/crypto/_asm/go.mod',
    'srv/node_modules/flatted/golang/go.mod',
  ]) {
    it(`says nothing at ${path}`, () => {
      assert.deepEqual(catalog(`${module}require example.com/a v1.0.0\n`, path).components, []);
    });
  }

  it('says nothing in the Go distribution itself, nor when it requires nothing', () => {
    assert.deepEqual(catalog('module std\nrequire golang.org/x/net v0.20.0\n').named, []);
    assert.deepEqual([catalog('').named, catalog('').unread], [[], []]);
  });

  for (const line of [
    'require example.com/a',
    'require example.com/a v1.0.0 v2.0.0',
    'replace example.com/a',
    'replace => x v1.0.0',
    'exclude x',
    'replace a => b v1.0.0 c',
    'require "" v1.0.0',
    `require ${'x'.repeat(20_000)}`,
  ]) {
    it(`is reported as unread with the line "${line.slice(0, 40)}"`, () => {
      const { named, unread } = catalog(`${module}${line}\n`);
      assert.deepEqual([named, unread.length], [[], 1]);
    });
  }

  for (const text of [
    'no go.mod at all\n',
    'require example.com/a v1.0.0\n',
    `${module}require (\n\texample.com/a v1.0.0\n`,
  ]) {
    it(`is reported as unread when it is ${JSON.stringify(text)}`, () => {
      const { named, unread } = catalog(text);
      assert.deepEqual([named, unread.length], [[], 1]);
    });
  }

  it('never fails otherwise, whatever it holds', () => {
    const word = fc.oneof(
      fc.constantFrom('require', 'replace', 'exclude', '(', ')', '=>', '"', '`', '//', 'v1.0.0', '\n', ' '),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => void catalog(words.join(' '))),
      { numRuns: 500 },
    );
  });
});
