import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../cataloger.ts';
import { catalogFiles } from '../testing.ts';
import { dotnetDeps } from './deps-json.ts';

const digest = createHash('sha512').update('package').digest();
const target = '.NETCoreApp,Version=v8.0/linux-x64';

function depsJson(targets: Json, libraries: Json, runtimeTarget: Json = { name: target, signature: '' }): string {
  return JSON.stringify({ runtimeTarget, compilationOptions: {}, targets, libraries });
}

function found(files: Record<string, string>) {
  const { components, unread } = catalogFiles(dotnetDeps, files);
  assert.deepEqual(unread, []);
  return components.map(({ id, scope }) => (scope === undefined ? id : `${id} ${scope}`));
}

const runtime = { 'lib/x.dll': {} };
const program = depsJson(
  {
    '.NETCoreApp,Version=v8.0': {},
    [target]: {
      'App/1.0.0': { dependencies: { 'Newtonsoft.Json': '13.0.1', 'System.Net.Http': '4.3.0' }, runtime },
      'Newtonsoft.Json/13.0.1': { runtime: { 'lib/net6.0/Newtonsoft.Json.dll': { assemblyVersion: '13.0.0.0' } } },
      'System.Net.Http/4.3.0': { dependencies: { 'Native.Part': '4.3.0' } },
      'Native.Part/4.3.0': {
        native: { 'runtimes/linux/native/a.so': {} },
        dependencies: { 'System.Net.Http': '4.3.0' },
      },
      'Logging/2.0.0': {
        dependencies: { 'System.Net.Http': '4.3.0', 'Newtonsoft.Json': '13.0.1', Absent: '1' },
        runtime,
      },
      'Analyzer/1.0.0': { compileOnly: true, runtime },
      'Placeholder/1.0.0': { runtime: { 'lib/netstandard1.0/_._': {} } },
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { runtime, native: {} },
    },
  },
  {
    'App/1.0.0': { type: 'project', serviceable: false, sha512: '' },
    'Newtonsoft.Json/13.0.1': {
      type: 'package',
      serviceable: true,
      sha512: `sha512-${digest.toString('base64')}`,
      path: 'x',
    },
    'System.Net.Http/4.3.0': { type: 'package', serviceable: true, sha512: 'sha512-short' },
    'Native.Part/4.3.0': { type: 'package', serviceable: true, sha512: 'sha512-short' },
    'Logging/2.0.0': { type: 'package', serviceable: false, sha512: '' },
    'Analyzer/1.0.0': { type: 'package', serviceable: false, sha512: '' },
    'Placeholder/1.0.0': { type: 'package', serviceable: false, sha512: '' },
    'Local/1.0.0': { type: 'reference', serviceable: false, sha512: '' },
    'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': {
      type: 'runtimepack',
      serviceable: false,
      sha512: '',
    },
  },
);

test('a program consists of the packages it was deployed with, its runtime pack among them', () => {
  assert.deepEqual(found({ 'app/App.deps.json': program }), [
    'pkg:nuget/Newtonsoft.Json@13.0.1',
    'pkg:nuget/Native.Part@4.3.0',
    'pkg:nuget/Logging@2.0.0',
    'pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1',
  ]);
});

test('what a package needs is found through packages of which nothing was deployed', () => {
  const { components } = catalogFiles(dotnetDeps, { 'App.deps.json': program });
  const needs = new Map(components.map(({ name, dependsOn }) => [name, dependsOn]));
  assert.deepEqual(needs.get('Logging'), ['pkg:nuget/Native.Part@4.3.0', 'pkg:nuget/Newtonsoft.Json@13.0.1']);
  assert.deepEqual(needs.get('Native.Part'), []);
});

test('a package has the SHA-512 that is a SHA-512, in hexadecimal', () => {
  const { components } = catalogFiles(dotnetDeps, { 'App.deps.json': program });
  assert.deepEqual(
    components.map(({ hashes }) => hashes),
    [[{ algorithm: 'SHA-512', value: digest.toString('hex') }], [], [], []],
  );
});

test('a shared framework is a package, also in the first form of the file and without targets', () => {
  const name = 'Microsoft.NETCore.App/2.1.30';
  const libraries = { [name]: { type: 'Package', serviceable: true, sha512: '' } };
  for (const file of [
    depsJson({ [target]: { [name]: { runtime } } }, libraries, target),
    JSON.stringify({ libraries }),
  ]) {
    assert.deepEqual(found({ 'shared/Microsoft.NETCore.App.deps.json': file }), [
      'pkg:nuget/Microsoft.NETCore.App@2.1.30',
    ]);
  }
});

for (const text of [
  '{"libraries": {',
  '{"libraries": {"NoVersion": {"type": "package"}}}',
  '{"libraries": {"A B/1.0": {"type": "package"}}}',
]) {
  test(`a file that holds ${text} is unread`, () => {
    const { components, unread } = catalogFiles(dotnetDeps, { 'a.deps.json': text });
    assert.deepEqual([components, unread.length], [[], 1]);
  });
}

test('a file of another kind says nothing', () => {
  assert.deepEqual(found({ 'a.deps.json': '[]', 'b.deps.json': '{}' }), []);
});

test('whatever the file holds, nothing but a PlimsollError is thrown', () => {
  const name = fc.oneof(
    fc.constantFrom('A/1.0', 'B/2.0', '__proto__', 'constructor', 'libraries', 'type', 'dependencies'),
    fc.string(),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('package', '1.0.0', 'Project', null, 1, true),
      fc.string(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(tree, tree, tree, fc.string(), (a, b, c, text) => {
      catalogFiles(dotnetDeps, {
        'a.deps.json': JSON.stringify({ runtimeTarget: a, targets: b, libraries: c }),
        'b.deps.json': JSON.stringify({
          targets: { t: b },
          libraries: { 'A/1.0': { type: 'package', sha512: a }, 'B/2.0': c },
        }),
        'c.deps.json': text,
      });
    }),
    { numRuns: 400 },
  );
});
