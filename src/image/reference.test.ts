import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { formatReference, parseReference, splitHost } from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test('references are read by the distribution grammar, with the defaults of Docker Hub', () => {
  const cases: Record<string, string> = {
    alpine: 'docker.io/library/alpine:latest',
    'alpine:3.20': 'docker.io/library/alpine:3.20',
    'team/app': 'docker.io/team/app:latest',
    'docker.io/alpine': 'docker.io/library/alpine:latest',
    'index.docker.io/team/app': 'docker.io/team/app:latest',
    'registry-1.docker.io/library/alpine': 'docker.io/library/alpine:latest',
    'ghcr.io/owner/name:1.2': 'ghcr.io/owner/name:1.2',
    [`alpine@${digest}`]: `docker.io/library/alpine@${digest}`,
    [`quay.io/a/b:1@${digest}`]: `quay.io/a/b:1@${digest}`,
    'localhost/app': 'localhost/app:latest',
    'localhost:5000/app:v1': 'localhost:5000/app:v1',
    'REGISTRY.example.com/app': 'registry.example.com/app:latest',
    'LOCALHOST/app': 'localhost/app:latest',
    'host:5000/a/b/c': 'host:5000/a/b/c:latest',
    '127.0.0.1:5000/a': '127.0.0.1:5000/a:latest',
    '[::1]/a': '[::1]/a:latest',
    '[2001:db8::1]:5000/a:x': '[2001:db8::1]:5000/a:x',
    'a__b/c-d/e.f/g---h': 'docker.io/a__b/c-d/e.f/g---h:latest',
    'alpine:_under.and-dash': 'docker.io/library/alpine:_under.and-dash',
  };
  for (const [text, full] of Object.entries(cases)) assert.equal(formatReference(parseReference(text)), full, text);
});

test('what the grammar does not allow is refused with the reason', () => {
  const cases = [
    '',
    'Alpine',
    'A/a',
    'alpine:',
    'alpine: x',
    'alpine@sha256:12',
    `alpine@md5:${'a'.repeat(32)}`,
    `alpine@SHA256:${'a'.repeat(64)}`,
    'a//b',
    '/a',
    'a/',
    'a___b',
    'a..b',
    'a.-b',
    '-a',
    'localhost:99999/a',
    'localhost:0/a',
    'localhost:port/a',
    '-bad.example.com/a',
    '[::1/a',
    '[::1]x/a',
    '[fe80::1%25eth0]/a',
    '[1.2.3.4]/a',
    'https://example.com/a',
    'user:secret@example.com/a',
    `alpine:${'t'.repeat(129)}`,
    `${'a'.repeat(300)}`,
    'a'.repeat(64),
    '../a',
    'example.com/../a',
    'example.com/a%2f',
  ];
  for (const text of cases) {
    assert.throws(
      () => parseReference(text),
      { name: 'PlimsollError', code: 'image/bad-reference', kind: 'input' },
      text,
    );
  }
});

test('a host is told from its port', () => {
  assert.deepEqual(splitHost('[::1]:5000'), { host: '::1', port: '5000' });
  assert.deepEqual(splitHost('[::1]'), { host: '::1', port: undefined });
  assert.deepEqual(splitHost('example.com:5000'), { host: 'example.com', port: '5000' });
});

test('any text is a reference whose full name means the same, or a PlimsollError', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9.:/@_[\]-]{0,40}$/));
  fc.assert(
    fc.property(text, (input) => {
      try {
        const reference = parseReference(input);
        assert.deepEqual(parseReference(formatReference(reference)), reference);
      } catch (thrown) {
        assert.ok(thrown instanceof PlimsollError, String(thrown));
      }
    }),
  );
});
