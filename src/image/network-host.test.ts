import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInsideAddress, isLoopbackHost, leadsInside, listsHost } from './network-host.ts';

test('loopback is told by name and by address, and by nothing that only looks like it', () => {
  for (const host of [
    'localhost',
    'localhost:5000',
    'a.localhost',
    '127.0.0.1:5000',
    '127.9.9.9',
    '[::1]:5000',
    '[::ffff:127.0.0.1]',
  ]) {
    assert.equal(isLoopbackHost(host), true, host);
  }
  for (const host of [
    'localhost.example.com',
    'notlocalhost',
    '128.0.0.1',
    '10.0.0.1',
    '[::2]',
    '127.0.0.1.example.com',
  ]) {
    assert.equal(isLoopbackHost(host), false, host);
  }
});

test('addresses inside a network are told from public ones', () => {
  const inside = [
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::',
    '::1',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:10.0.0.1',
  ];
  for (const address of inside) assert.equal(isInsideAddress(address), true, address);
  for (const address of ['1.1.1.1', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1']) {
    assert.equal(isInsideAddress(address), false, address);
  }
});

test('a public registry may not lead inside, whatever name the inside has; a registry inside may', async () => {
  const addresses: Record<string, readonly string[]> = {
    'registry.example.com': ['93.184.215.14'],
    'public.example.net': ['1.1.1.1'],
    'metadata.evil.com': ['169.254.169.254'],
    'mixed.evil.com': ['1.1.1.1', '10.0.0.1'],
    'registry.corp': ['10.0.0.5'],
    'auth.corp': ['10.0.0.6'],
  };
  const resolve = async (host: string) => {
    const found = addresses[host];
    if (found === undefined) throw new Error('no such host');
    return found;
  };
  const cases: [string, string, boolean][] = [
    ['registry.example.com', 'public.example.net', false],
    ['registry.example.com', 'metadata.evil.com', true],
    ['registry.example.com', 'mixed.evil.com:8080', true],
    ['registry.example.com', 'localhost:9000', true],
    ['registry.example.com', '169.254.169.254', true],
    ['registry.example.com', '[::1]:80', true],
    ['registry.example.com:5000', 'registry.example.com:5001', false],
    ['registry.example.com', 'nowhere.example.com', false],
    ['registry.corp', 'auth.corp', false],
    ['registry.corp', 'public.example.net', false],
    ['127.0.0.1:5000', 'localhost:5001', false],
  ];
  for (const [registry, target, expected] of cases) {
    assert.equal(await leadsInside(registry, target, resolve), expected, `${registry} -> ${target}`);
  }
});

test('a list names a host with its port or with any', () => {
  assert.equal(listsHost(['registry.corp:5000'], 'registry.corp:5000'), true);
  assert.equal(listsHost(['Registry.corp'], 'registry.corp:5000'), true);
  assert.equal(listsHost(['registry.corp:5000'], 'registry.corp:5001'), false);
  assert.equal(listsHost(['registry.corp'], 'evil.registry.corp'), false);
});
