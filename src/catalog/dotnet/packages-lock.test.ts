import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { nugetLock } from './packages-lock.ts';

const digest = createHash('sha512').update('package').digest();
function found(files: Record<string, string>) {
  const { components, unread } = catalogFiles(nugetLock, files);
  assert.deepEqual(unread, []);
  return components.map(({ id, scope }) => (scope === undefined ? id : `${id} ${scope}`));
}

test('a lock file gives the packages of every framework, with what they need', () => {
  const file = JSON.stringify({
    version: 2,
    dependencies: {
      'net8.0': {
        'Newtonsoft.Json': {
          type: 'Direct',
          requested: '[13.0.1, )',
          resolved: '13.0.1',
          contentHash: digest.toString('base64'),
        },
        'Serilog.Sinks.File': {
          type: 'Transitive',
          resolved: '5.0.0',
          contentHash: 'x',
          dependencies: { serilog: '2.10.0', library: '1.0' },
        },
        Serilog: { type: 'CentralTransitive', requested: '[2.10.0, )', resolved: '2.12.0', contentHash: 'x' },
        Pinned: { type: 'CentralTransitive', requested: '[3.0.0, )' },
        library: { type: 'Project', dependencies: { Serilog: '[2.12.0, )' } },
      },
      'net8.0/linux-x64': {
        'Native.Part': { type: 'Transitive', resolved: '1.0.0', contentHash: 'x', dependencies: { Serilog: '2.0.0' } },
      },
    },
  });
  assert.deepEqual(found({ 'src/packages.lock.json': file }), [
    'pkg:nuget/Newtonsoft.Json@13.0.1',
    'pkg:nuget/Serilog.Sinks.File@5.0.0',
    'pkg:nuget/Serilog@2.12.0',
    'pkg:nuget/Pinned',
    'pkg:nuget/Native.Part@1.0.0',
  ]);
  const { components } = catalogFiles(nugetLock, { 'packages.lock.json': file });
  const serilog = ['pkg:nuget/Serilog@2.12.0'];
  assert.deepEqual(
    components.map(({ dependsOn }) => dependsOn),
    [[], serilog, [], [], serilog],
  );
  assert.deepEqual(components[0]?.hashes, [{ algorithm: 'SHA-512', value: digest.toString('hex') }]);
});

for (const text of [
  '[]',
  '{"dependencies": []}',
  '{"dependencies": {"net8.0": 1}}',
  '{"dependencies": {"net8.0": {"a/b": {}}}}',
]) {
  test(`a file that holds ${text} is unread`, () => {
    const { components, unread } = catalogFiles(nugetLock, { 'packages.lock.json': text });
    assert.deepEqual([components, unread.length], [[], 1]);
  });
}

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
    fc.property(tree, tree, fc.string(), (a, b, text) => {
      catalogFiles(nugetLock, {
        'packages.lock.json': JSON.stringify({ dependencies: a }),
        'b/packages.lock.json': JSON.stringify({ dependencies: { 'net8.0': b } }),
        'c/packages.lock.json': text,
      });
    }),
    { numRuns: 400 },
  );
});
