import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gitSource, isRepository, sameRepository } from './repository.ts';

const app = 'https://github.com/acme/app';

test('a repository is the same however it is written', () => {
  for (const other of [
    'github.com/acme/app',
    'https://github.com/acme/app/',
    'https://github.com/acme/app.git',
    'git+https://github.com/acme/app',
    'git+https://github.com/acme/app.git',
    'https://github.com:443/acme/app',
    'https://GitHub.com/Acme/App',
  ]) {
    assert.equal(sameRepository(app, other), true, other);
    assert.equal(sameRepository(other, app), true, other);
  }
});

test('a repository is another one when its host, owner or name differs in anything', () => {
  for (const other of [
    'https://github.com/acme/app-evil',
    'https://github.com/acme/ap',
    'https://github.com/acme',
    'https://github.com/acme/app/evil',
    'https://github.com/acme-evil/app',
    'https://github.com/evil/acme/app',
    'https://github.com.evil.example/acme/app',
    'https://evil.example/github.com/acme/app',
    'https://evil.example/https://github.com/acme/app',
    'https://github.com@evil.example/acme/app',
    'https://acme:app@github.com/acme/app',
    'https://github.com:8443/acme/app',
    'http://gitlab.com/acme/app',
    'https://gitlab.com/acme/app',
    'https://github.com/acme/../acme/app',
    'https://github.com/./acme/app',
    'https://github.com/acme//app',
    'https://github.com/acme/app?x=1',
    'https://github.com/acme/app#readme',
    'https://github.com/acme/app%2f',
    'https://github.com/acme/app ',
    'https://github.com/acme/app\n',
    'https://github.com/acme/аpp',
    'ssh://github.com/acme/app',
    'acme/app',
    '',
  ]) {
    assert.equal(sameRepository(app, other), false, other);
  }
});

test('what names no repository is not even the same as itself', () => {
  for (const text of ['', 'app', 'acme/app', 'https://', 'https://github.com', 'https://github.com/acme', 'a/b/c']) {
    assert.equal(isRepository(text), false, text);
    assert.equal(sameRepository(text, text), false, text);
  }
});

test('hosts other than GitHub tell upper from lower case, and have groups of groups', () => {
  assert.equal(sameRepository('https://gitlab.com/acme/tools/app', 'gitlab.com/acme/tools/app.git'), true);
  assert.equal(sameRepository('https://gitlab.com/acme/tools/app', 'https://gitlab.com/acme/app'), false);
  assert.equal(sameRepository('https://gitlab.com/acme/app', 'https://gitlab.com/acme/App'), false);
  assert.equal(sameRepository('https://git.example:8443/a/b', 'git.example:8443/a/b'), true);
  assert.equal(sameRepository('https://git.example:8443/a/b', 'https://git.example/a/b'), false);
});

test('the ref of a source is all that follows its first @', () => {
  const cases: readonly [string, ReturnType<typeof gitSource>][] = [
    [`git+${app}@refs/heads/main`, { repository: app, ref: 'refs/heads/main' }],
    [`git+${app}@refs/tags/@acme/app@1.0.0`, { repository: app, ref: 'refs/tags/@acme/app@1.0.0' }],
    [`git+${app}@refs/heads/fix#12`, { repository: app, ref: 'refs/heads/fix#12' }],
    [`git+${app}`, { repository: app, ref: undefined }],
    [`git+${app}@`, undefined],
    [app, undefined],
    ['git+ssh://git@github.com/acme/app', undefined],
    ['git+https://github.com@evil.example/acme/app@refs/heads/main', undefined],
    ['pkg:docker/node@22', undefined],
  ];
  for (const [uri, expected] of cases) assert.deepEqual(gitSource(uri), expected, uri);
});

test('no text takes long or throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), (text, times) => {
      sameRepository(`https://github.com/${text.repeat(times)}`, app);
      gitSource(`git+https://${text.repeat(times)}`);
    }),
  );
  for (const text of ['a'.repeat(100_000), '/a'.repeat(50_000), 'a.'.repeat(50_000), `https://${'a-'.repeat(499)}`]) {
    assert.equal(sameRepository(text, text), false);
  }
});
