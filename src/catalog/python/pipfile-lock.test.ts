import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { pipfileLock } from './pipfile-lock.ts';

const hex = '07'.repeat(32);
const lock = {
  _meta: { hash: { sha256: hex }, 'pipfile-spec': 6, requires: {}, sources: [] },
  default: {
    requests: {
      extras: ['socks'],
      hashes: [`sha256:${hex}`, 'sha256:short', 'blake2b:07', 5],
      index: 'pypi',
      markers: "python_version >= '3.7'",
      version: '==2.31.0',
    },
    'Zope.Interface': { version: '==5.0' },
    commit: { git: 'https://x.example/x.git', ref: '0123456' },
    archive: { file: 'https://x.example/archive-1.0.tar.gz' },
    wheel: { path: './wheel-2.0-py3-none-any.whl' },
    any: { version: '*' },
    ours: { editable: true, path: '.' },
  },
  develop: { pytest: { version: '==8.0.0' } },
  docs: { sphinx: { version: '==7.0.0' } },
};

function read(document: unknown, path = 'app/Pipfile.lock') {
  return catalogFiles(pipfileLock, { [path]: typeof document === 'string' ? document : JSON.stringify(document) });
}

describe('Pipenv lock files', () => {
  it('reads versions, hashes and what is for development; folders of the project are no packages', () => {
    const { components, unread } = read(lock);
    assert.deepEqual(unread, []);
    assert.deepEqual(
      components.map(({ id, version, scope, hashes }) => [id, version, scope, hashes]),
      [
        ['pkg:pypi/requests@2.31.0', '2.31.0', undefined, [{ algorithm: 'SHA-256', value: hex }]],
        ['pkg:pypi/zope-interface@5.0', '5.0', undefined, []],
        ['pkg:pypi/commit', undefined, undefined, []],
        ['pkg:pypi/archive@1.0', '1.0', undefined, []],
        ['pkg:pypi/wheel@2.0', '2.0', undefined, []],
        ['pkg:pypi/any', undefined, undefined, []],
        ['pkg:pypi/pytest@8.0.0', '8.0.0', 'development', []],
        ['pkg:pypi/sphinx@7.0.0', '7.0.0', undefined, []],
      ],
    );
  });

  it('leaves alone the lock files that packages bring along', () => {
    assert.deepEqual(read(lock, 'lib/python3.9/site-packages/x/Pipfile.lock'), { components: [], unread: [] });
  });

  const broken: readonly (readonly [what: string, document: unknown])[] = [
    ['no JSON', '{"default": '],
    ['no object', '[]'],
    ['a category that is no object', { default: [] }],
    ['a package that is no object', { default: { x: '==1.0' } }],
    ['a name that is none', { default: { '../x': { version: '==1.0' } } }],
    ['a version that is none', { default: { x: { version: '==1 0' } } }],
  ];
  for (const [what, document] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read(document);
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reads anything or refuses it', () => {
    holdsAgainstHostileInput(pipfileLock, 'Pipfile.lock', [JSON.stringify(lock, undefined, 4)]);
  });
});
