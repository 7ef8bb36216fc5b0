import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUriPattern, repositoryMatches, uriMatches } from './uri-pattern.ts';

const uris: readonly (readonly [pattern: string, fits: readonly string[], others: readonly string[]])[] = [
  [
    'https://github.com/actions/runner/*',
    ['https://github.com/actions/runner/github-hosted'],
    [
      'https://github.com/actions/runner',
      'https://github.com/actions/runner/a/b',
      'https://github.com/actions/runner-x/a',
      'http://github.com/actions/runner/a',
      'x https://github.com/actions/runner/a',
      'https://evil.example/https://github.com/actions/runner/a',
    ],
  ],
  ['refs/tags/v*', ['refs/tags/v1', 'refs/tags/v'], ['refs/tags/1', 'refs/tags/v1/x', 'refs/heads/v1', 'refs/tags']],
  ['refs/heads/**', ['refs/heads/main', 'refs/heads/a/b'], ['refs/tags/a', 'refs/headsman/a']],
  ['urn:plimsoll:gate:*', ['urn:plimsoll:gate:admission'], ['urn:plimsoll:gates', 'urn:plimsoll:gate:a/b']],
  [
    'https://a.example/b',
    ['https://a.example/b'],
    ['https://a.example/b/', 'https://a.example/bc', 'https://axexample/b'],
  ],
];

for (const [pattern, fits, others] of uris) {
  test(`${pattern} fits all of a text or none of it`, () => {
    for (const uri of fits) assert.equal(uriMatches({ text: pattern }, uri), true, uri);
    for (const uri of others) assert.equal(uriMatches({ text: pattern }, uri), false, uri);
  });
}

const repositories: readonly (readonly [pattern: string, fits: readonly string[], others: readonly string[]])[] = [
  [
    'github.com/acme/app',
    [
      'https://github.com/acme/app',
      'git+https://github.com/acme/app.git',
      'https://github.com/Acme/App',
      'github.com/acme/app/',
    ],
    [
      'https://github.com/acme/app2',
      'https://github.com/acme/ap',
      'https://github.com/acme',
      'https://github.com/acme/app/fork',
      'http://github.com/acme/app',
      'https://github.com.evil.example/acme/app',
      'https://evil.example/github.com/acme/app',
      'https://gitlab.com/acme/app',
    ],
  ],
  [
    'https://github.com/acme/*',
    ['https://github.com/acme/app'],
    ['https://github.com/acmes/app', 'https://github.com/acme'],
  ],
  ['git.example/Acme/app', ['https://git.example/Acme/app.git'], ['https://git.example/acme/app']],
];

for (const [pattern, fits, others] of repositories) {
  test(`${pattern} is the same repository however it is written, and no other`, () => {
    for (const uri of fits) assert.equal(repositoryMatches({ text: pattern }, uri), true, uri);
    for (const uri of others) assert.equal(repositoryMatches({ text: pattern }, uri), false, uri);
  });
}

test('a pattern for anything, or for nothing, is refused', () => {
  for (const text of ['*', '**', '**/*', 'https://**', 'refs/heads/', 'a//b', 'refs/../tags/a', 'refs/a**']) {
    assert.equal(readUriPattern(text).ok, false, text);
  }
  for (const text of ['https://a.example', 'https://github.com/acme/*', 'pkg:npm/plimsoll@*', 'refs/tags/**']) {
    assert.equal(readUriPattern(text).ok, true, text);
  }
});
