import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedFrom } from './tarball.ts';

const facts = { name: 'a', version: '1.0.0' };
const told = (address: string, of: { name: string; version?: string } = facts) => {
  const { name, version } = installedFrom(of, address);
  return `${name}@${version}`;
};

test("what lies at a registry's address counts, whatever the entry says", () => {
  for (const [address, expected] of [
    ['https://registry.example/b/-/b-1.0.0.tgz', 'b@1.0.0'],
    ['https://registry.example/a/-/a-0.9.0-rc.1.tgz#abc', 'a@0.9.0-rc.1'],
    ['https://host.example/api/npm/npm/@s/b/-/b-2.0.0.tgz', '@s/b@2.0.0'],
    ['https://host.example/@s%2fb/-/@s/b-2.0.0.tgz?x=y', '@s/b@2.0.0'],
  ] as const)
    assert.equal(told(address), expected);
  assert.equal(told('https://registry.example/a/-/a-2.0.0.tgz', { name: 'a' }), 'a@2.0.0');
});

test('an entry keeps what it says where the address says the same, or nothing', () => {
  for (const address of [
    '',
    'https://registry.example/a/-/a-1.0.0.tgz',
    'https://codeload.example/x/b/tar.gz/v2.0.0',
    'https://npm.example/download/@s/b/2.0.0/0123',
    'https://registry.example/b/-/c-2.0.0.tgz',
    'https://registry.example/b/-/b-.tgz',
    'https://registry.example/b/-/b-%20.tgz',
    'https://registry.example/%ff/-/b-1.tgz',
    'file:b/-/b-2.0.0.tgz',
  ])
    assert.equal(told(address), 'a@1.0.0', address);
  const built = { name: 'a', version: '1.0.0+build.7' };
  assert.equal(told('https://registry.example/a/-/a-1.0.0.tgz', built), 'a@1.0.0+build.7');
});
