import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePatterns, namedFolders, openFolders } from './pattern.ts';

describe('compilePatterns', () => {
  const cases: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
    ['etc/os-release', ['etc/os-release'], ['x/etc/os-release', 'etc/os-release/x', 'etc/os_release']],
    [
      '**/package.json',
      ['package.json', 'a/package.json', 'a/b/package.json'],
      ['a/xpackage.json', 'package.json5', 'package.json/x'],
    ],
    ['**/*.jar', ['a.jar', 'a/b.c.jar', 'a.JAR', 'A/b.Jar'], ['a.jarx', 'jar', '.jar/x']],
    [
      'var/lib/dpkg/info/*.list',
      ['var/lib/dpkg/info/a:amd64.list'],
      ['var/lib/dpkg/info/x/a.list', 'var/lib/dpkg/info/a.lists'],
    ],
    [
      'usr/share/doc/*/copyright',
      ['usr/share/doc/a/copyright'],
      ['usr/share/doc/copyright', 'usr/share/doc/a/b/copyright'],
    ],
    [
      'var/lib/dpkg/status.d/*',
      ['var/lib/dpkg/status.d/a', 'var/lib/dpkg/status.d/a.b'],
      ['var/lib/dpkg/status.d/a/b'],
    ],
    [
      '**/*.dist-info/METADATA',
      ['x/a-1.dist-info/METADATA', 'a.dist-info/METADATA'],
      ['a/METADATA', 'a.dist-info/x/METADATA'],
    ],
    [
      '**/requirements*.txt',
      ['requirements.txt', 'x/requirements-dev.TXT'],
      ['x/requirements/dev.txt', 'Requirements.txt'],
    ],
    ['**/*.deps.json', ['a/b.deps.json'], ['a/deps.json', 'a/b.deps.jsonx']],
    ['**/a+(b).txt', ['a+(b).txt'], ['aab.txt']],
  ];
  for (const [pattern, matching, others] of cases) {
    it(`${pattern}`, () => {
      const patterns = compilePatterns([['never/there'], [pattern]]);
      for (const path of matching) assert.deepEqual(patterns.match(path), [1], path);
      for (const path of others) assert.deepEqual(patterns.match(path), [], path);
    });
  }

  it('names each owner once, in order', () => {
    const patterns = compilePatterns([['**/*.json', '**/a.json'], ['**/a.json'], ['**/a.*']]);
    assert.deepEqual(patterns.match('x/a.json'), [0, 1, 2]);
    assert.deepEqual(patterns.match('x/b.json'), [0]);
  });
});

describe('namedFolders', () => {
  it('tells the folders that patterns name in full, each once', () => {
    const patterns = [
      'var/lib/dpkg/status',
      'var/lib/dpkg/*.d/status',
      'usr/share/doc/*/copyright',
      '**/package.json',
      'top',
    ];
    assert.deepEqual([...namedFolders(patterns)], ['var/lib/dpkg', 'usr/share/doc']);
  });
});

describe('openFolders', () => {
  it('tells the folders that patterns name at any depth, each once', () => {
    const folders = openFolders([
      '**/package.json',
      '**/META-INF/maven/*/x',
      '**/META-INF/y',
      'var/lib/*',
      '**/*.info/z',
    ]);
    const named = (path: string) => folders.filter((folder) => folder.test(path)).length;
    assert.equal(folders.length, 4);
    for (const path of ['META-INF', 'a/b/META-INF', 'META-INF/maven', 'a/META-INF/maven/g', 'a/b.info'])
      assert.equal(named(path), 1, path);
    for (const path of ['', 'a', 'var/lib', 'META-INF/x', 'META-INF/maven/g/x']) assert.equal(named(path), 0, path);
  });
});
