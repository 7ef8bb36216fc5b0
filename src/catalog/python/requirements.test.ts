import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { pythonRequirements } from './requirements.ts';

function read(content: string | Uint8Array, path = 'app/requirements.txt') {
  return catalogFiles(pythonRequirements, { [path]: content });
}

function told(content: string): readonly (readonly [string, string | undefined])[] {
  return read(content).components.map(({ name, version }) => [name, version] as const);
}

describe('Python requirements files', () => {
  const requirements: readonly (readonly [
    line: string,
    expected: readonly [string, string | undefined] | undefined,
  ])[] = [
    ['x==1.0', ['x', '1.0']],
    ['x == 1.0', ['x', '1.0']],
    ['x===1.0+local', ['x', '1.0+local']],
    ['X.Y_z==1.0', ['X.Y_z', '1.0']],
    ['x[extra1, extra2]==1.0', ['x', '1.0']],
    ['x (==1.0)', ['x', '1.0']],
    ['x==1.0 ; python_version < "3" and extra == "y"', ['x', '1.0']],
    ['x==1.0  # y==2.0', ['x', '1.0']],
    ['x>=0.9,==1.0', ['x', '1.0']],
    [`x==1.0 --hash=sha256:${'07'.repeat(32)}`, ['x', '1.0']],
    ['x==1.0 --global-option="y==2"', ['x', '1.0']],
    ['x==1.*', ['x', undefined]],
    ['x>=1.0,<2', ['x', undefined]],
    ['x~=1.0', ['x', undefined]],
    ['x!=1.0', ['x', undefined]],
    ['x', ['x', undefined]],
    ['x @ https://x.example/x-1.0-py3-none-any.whl ; os_name == "nt"', ['x', '1.0']],
    ['x.y @ file:///wheels/X_Y-1.0%2Bcpu-1-cp39-cp39-linux_x86_64.whl#sha256=07', ['x.y', '1.0+cpu']],
    ['x @ https://x.example/y-1.0-py3-none-any.whl', ['x', undefined]],
    ['x @ git+https://x.example/x.git@v1.0', ['x', undefined]],
    ['https://x.example/x-1.0.tar.gz ; os_name == "nt"', ['x', '1.0']],
    ['https://x.example/a-x-1.0.zip?a=b', ['a-x', '1.0']],
    ['./wheels/x-1.0-py3-none-any.whl', ['x', '1.0']],
    ['git+https://x.example/x.git@v1.0#subdirectory=x&egg=x', ['x', undefined]],
    ['-e git+ssh://git@x.example/x.git#egg=x[extra]&a=b', ['x', undefined]],
    ['# x==1.0', undefined],
    ['   # x==1.0 \\', undefined],
    ['-i https://x.example/simple', undefined],
    ['--index-url=https://x.example/simple', undefined],
    ['--no-binary :all:', undefined],
    ['-c constraints.txt', undefined],
    ['-e .', undefined],
    ['--editable ./x', undefined],
    ['-e x', undefined],
    ['--find-links=wheels/x-1.0.zip', undefined],
    ['.', undefined],
    ['./x[extra]', undefined],
    ['', undefined],
  ];
  for (const [line, expected] of requirements) {
    it(`reads "${line.slice(0, 60)}" as ${expected === undefined ? 'no package' : JSON.stringify(expected)}`, () => {
      const { unread } = read(`${line}\nlast==9\n`);
      assert.deepEqual(told(`${line}\nlast==9\n`), [...(expected === undefined ? [] : [expected]), ['last', '9']]);
      assert.deepEqual(unread, []);
    });
  }

  it('joins lines that go on, and takes every hash', () => {
    const [one, two] = ['07'.repeat(32), '08'.repeat(32)];
    const { components } = read(`x==1.0 \\\n    --hash=sha256:${one} \\\r\n    --hash sha256:${two}\ny==2.0\n`);
    assert.deepEqual(
      components.map(({ id, hashes }) => [id, hashes.map(({ value }) => value)]),
      [
        ['pkg:pypi/x@1.0', [one, two]],
        ['pkg:pypi/y@2.0', []],
      ],
    );
  });

  it('takes the hash of a file that is asked for by its address', () => {
    const [x] = read(`https://x.example/x-1.0.tar.gz --hash=sha256:${'07'.repeat(32)}\n`).components;
    assert.deepEqual([x?.id, x?.hashes], ['pkg:pypi/x@1.0', [{ algorithm: 'SHA-256', value: '07'.repeat(32) }]]);
  });

  it('takes one package in several versions for several', () => {
    assert.deepEqual(told('x==1.0; python_version < "3"\nx==2.0; python_version >= "3"\n'), [
      ['x', '1.0'],
      ['x', '2.0'],
    ]);
  });

  it('reads the files that are called so', () => {
    const paths = ['requirements-dev.txt', 'a/dev-requirements.txt', 'requirements/prod.txt', 'requirements.txt'];
    for (const path of paths) assert.equal(read('x==1.0', path).components.length, 1, path);
    for (const path of ['constraints.txt', 'requirements.md', `usr/lib/python3/dist-packages/x/requirements.txt`])
      assert.deepEqual(read('x==1.0', path), { components: [], unread: [] }, path);
  });

  it('reads UTF-16, as Windows shells write it', () => {
    const utf16 = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from('x==1.0\r\n', 'utf16le')]);
    assert.deepEqual(
      read(utf16).components.map(({ id }) => id),
      ['pkg:pypi/x@1.0'],
    );
  });

  const partly: readonly (readonly [line: string, reason: RegExp])[] = [
    ['https://x.example/a/x/archive/x-1.0.tar.gz', /^line 2: an address/],
    ['https://x.example/latest.zip', /^line 2: an address/],
    ['git+https://x.example/x.git', /^line 2: an address/],
    ['-e git+https://x.example/x-1.0.zip', /^line 2: an address/],
    ['./x.whl', /^line 2: an address/],
    ['<<<<<<< HEAD', /^line 2: not a requirement/],
    ['x=1.0', /^line 2: not a requirement/],
    ['please install x', /^line 2: not a requirement/],
    ['-r base.txt', /"base.txt"/],
    ['--requirement https://x.example/requirements.txt', /is not read/],
  ];
  for (const [line, reason] of partly) {
    it(`reports "${line}", and reads the rest`, () => {
      const { components, unread } = read(`first==1\n${line}\nlast==9\n`);
      assert.deepEqual(
        components.map(({ name }) => name),
        ['first', 'last'],
      );
      assert.equal(unread.length, 1);
      assert.match(unread[0]?.message ?? '', reason);
    });
  }

  it('says nothing of an included file that is read for its own name', () => {
    assert.deepEqual(read('-r requirements-base.txt\n-r ../requirements/dev.txt\n').unread, []);
  });

  it('reports a file that has nothing to do with requirements', () => {
    const { components, unread } = read('Minimum requirements\n\nA computer and a chair.\n');
    assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
  });

  it('finds nothing in an empty file', () => {
    assert.deepEqual(read('\n# none\n'), { components: [], unread: [] });
  });

  it('reads anything or refuses it', () => {
    const sample = `x==1.0 \\\n  --hash=sha256:${'07'.repeat(32)}\n-r y.txt\nz[a,b]>=1,<2; c == "d" # e\nf @ https://g\n`;
    holdsAgainstHostileInput(pythonRequirements, 'requirements.txt', [sample]);
  });
});
