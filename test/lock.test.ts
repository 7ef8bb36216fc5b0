import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('the lock file knows every package by its content, for any system, and none by an address', () => {
  const lock: { readonly packages: Readonly<Record<string, { integrity?: string; resolved?: string }>> } = JSON.parse(
    readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
  );
  const { '': root, ...packages } = lock.packages;
  assert.ok(root !== undefined && Object.keys(packages).length > 0);
  const inexact = Object.entries(packages).filter(
    ([, { integrity, resolved }]) => integrity?.startsWith('sha512-') !== true || resolved !== undefined,
  );
  assert.deepEqual(inexact, []);
});
