import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { packagesConfig } from './packages-config.ts';

function found(files: Record<string, string>) {
  const { components, unread } = catalogFiles(packagesConfig, files);
  assert.deepEqual(unread, []);
  return components.map(({ id, scope }) => (scope === undefined ? id : `${id} ${scope}`));
}

test('packages.config lists packages in their exact versions, some for development', () => {
  const file = `<?xml version="1.0" encoding="utf-8"?><packages>
    <package id="jQuery" version="3.4.1" targetFramework="net48" />
    <package id="StyleCop" version="6.0.0" developmentDependency="true" /></packages>`;
  assert.deepEqual(found({ 'web/packages.config': `\uFEFF${file}` }), [
    'pkg:nuget/jQuery@3.4.1',
    'pkg:nuget/StyleCop@6.0.0 development',
  ]);
  assert.deepEqual(found({ 'packages.config': '<configuration/>' }), []);
});

for (const text of ['<packages><package id="a"/></packages>', '<packages>']) {
  test(`a file that holds ${text} is unread`, () => {
    const { components, unread } = catalogFiles(packagesConfig, { 'packages.config': text });
    assert.deepEqual([components, unread.length], [[], 1]);
  });
}

test('whatever the file holds, nothing but a PlimsollError is thrown', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, more) => {
      catalogFiles(packagesConfig, {
        'a/packages.config': `<packages>${text}<package id="${text}" version="1"/></packages>`,
        'packages.config': more,
      });
    }),
  );
});
