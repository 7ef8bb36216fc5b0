import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOwnRealm, parseChallenges } from './registry-auth.ts';

test('challenges are read as RFC 9110 writes them, several in one header', () => {
  const cases: [string, [string, Record<string, string>][]][] = [
    ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' },
        ],
      ],
    ],
    [
      'Negotiate, Basic realm=plain, Bearer REALM = "https://x" , a="q\\"d"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'plain' }],
        ['bearer', { realm: 'https://x', a: 'q"d' }],
      ],
    ],
    ['', []],
    ['=,;"', []],
  ];
  for (const [header, expected] of cases) {
    const found = parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
    assert.deepEqual(found, expected, header);
  }
});

test('what is malformed hides no challenge that follows, and no half value is taken', () => {
  assert.equal(parseChallenges('Negotiate YII=, Basic realm="b"').at(-1)?.parameters.get('realm'), 'b');
  assert.equal(parseChallenges('Bearer realm="unfinished')[0]?.parameters.has('realm'), false);
});

test('any header is read at once, without an exception', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ maxLength: 400 }), fc.stringMatching(/^[A-Za-z=", \\]{0,200}$/)),
      (header) => void parseChallenges(header),
    ),
  );
  const started = performance.now();
  parseChallenges(`Bearer ${'a="'.repeat(200_000)}`);
  parseChallenges(' ,'.repeat(1_000_000));
  assert.ok(performance.now() - started < 1000);
});

test('credentials go to the token service of the registry itself, and of nobody else', () => {
  const own: [string, string][] = [
    ['registry-1.docker.io', 'auth.docker.io'],
    ['ghcr.io', 'ghcr.io'],
    ['gcr.io', 'gcr.io'],
    ['quay.io', 'quay.io'],
    ['public.ecr.aws', 'public.ecr.aws'],
    ['registry.gitlab.com', 'gitlab.com'],
    ['gitlab.example.com:5050', 'gitlab.example.com'],
    ['registry.example.co.uk', 'auth.example.co.uk'],
    ['registry.digitalocean.com', 'api.digitalocean.com'],
    ['us-docker.pkg.dev', 'us-docker.pkg.dev'],
    ['example.com', 'auth.example.com'],
    ['team.azurecr.io', 'team.azurecr.io'],
    ['127.0.0.1:5000', '127.0.0.1:5001'],
    ['registry', 'registry:5001'],
  ];
  for (const [registry, realm] of own) assert.equal(isOwnRealm(registry, realm), true, `${registry} -> ${realm}`);
  const foreign: [string, string][] = [
    ['registry-1.docker.io', 'auth.docker.com'],
    ['registry-1.docker.io', 'evil-docker.io'],
    ['registry-1.docker.io', 'docker.io.evil.com'],
    ['ghcr.io', 'quay.io'],
    ['example.com', 'other.com'],
    ['good.co.uk', 'evil.co.uk'],
    ['good.com.au', 'evil.com.au'],
    ['team.azurecr.io', 'evil.azurecr.io'],
    ['owner.github.io', 'evil.github.io'],
    ['127.0.0.1:5000', '10.0.0.1'],
    ['127.0.0.1:5000', '1.0.0.1'],
    ['10.0.0.1', '11.0.0.1'],
    ['localhost:5000', '127.0.0.1:5000'],
    ['registry', 'auth'],
  ];
  for (const [registry, realm] of foreign) assert.equal(isOwnRealm(registry, realm), false, `${registry} -> ${realm}`);
});
