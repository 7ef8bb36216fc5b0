import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAgent, writeAgent } from './spdx-agent.ts';

test('a supplier is a person or an organisation, and is read back as it was', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['Jane Doe <jane@example.org>', 'Person: Jane Doe (jane@example.org)'],
    [
      'Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>',
      'Organization: Debian OpenSSL Team (pkg-openssl-devel@alioth-lists.debian.net)',
    ],
    [
      'GNU Libc Maintainers <debian-glibc@lists.debian.org>',
      'Organization: GNU Libc Maintainers (debian-glibc@lists.debian.org)',
    ],
    ['Red Hat, Inc.', 'Organization: Red Hat, Inc.'],
  ];
  for (const [supplier, agent] of cases) {
    assert.equal(writeAgent(supplier), agent);
    assert.equal(readAgent(agent), supplier);
  }
});

test('no supplier is no assertion, and no assertion is no supplier', () => {
  assert.equal(writeAgent(undefined), 'NOASSERTION');
  for (const agent of ['NOASSERTION', 'NONE', 'Organization: ', 'Person: NOASSERTION']) {
    assert.equal(readAgent(agent), undefined);
  }
});

test('what other tools write is understood', () => {
  assert.equal(
    readAgent('Organization: Natanael Copa <ncopa@alpinelinux.org>'),
    'Natanael Copa <ncopa@alpinelinux.org>',
  );
  assert.equal(readAgent('Person: Isaac ()'), 'Isaac');
  assert.equal(readAgent('Google'), 'Google');
});
