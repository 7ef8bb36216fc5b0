import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { bunLock } from './bun-lock.ts';

const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;

const lock = `{
  // Written by bun.
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "app",
      "dependencies": {
        "@scope/a": "^1.0.0",
        "archive": "./x-1.0.0.tgz",
        "folder": "file:./folder",
        "commit": "github:a/b",
        "old-lodash": "npm:lodash@4.17.20", /* an alias, */
      },
      "devDependencies": { "mocha": "10.2.0", },
      "optionalDependencies": { "fsevents": "2.3.3", },
    },
    "packages/ours": {
      "name": "@t/ours",
      "dependencies": { "ms": "1.0.0", },
    },
  },
  "packages": {
    "@scope/a": ["@scope/a@1.0.5", "", { "dependencies": { "ms": "^2.0.0" }, "peerDependencies": { "react": "*", "vue": "*" }, "optionalPeers": ["vue"] }, "${integrity}"],

    "@t/ours": ["@t/ours@workspace:packages/ours"],

    "archive": ["archive@./x-1.0.0.tgz", { "dependencies": { "ms": "2.1.3" } }, "${integrity}"],

    "commit": ["commit@github:a/b#0123456", {}, "a-b-0123456"],

    "folder": ["folder@file:./folder", { "dependencies": { "ms": "2.1.3" } }],

    "fsevents": ["fsevents@2.3.3", "", { "os": "darwin" }, "${integrity}"],

    "mocha": ["mocha@10.2.0", "", { "dependencies": { "debug": "4.3.4", "ms": "2.1.3" } }, "${integrity}"],

    "ms": ["ms@2.1.3", "", {}, "${integrity}"],

    "old-lodash": ["lodash@4.17.20", "", {}, "${integrity}"],

    "react": ["react@18.2.0", "", {}, "${integrity}"],

    "vue": ["vue@3.0.0", "", {}, "${integrity}"],

    "@t/ours/ms": ["ms@1.0.0", "", {}, "${integrity}"],

    "mocha/debug": ["debug@4.3.4", "", { "dependencies": { "ms": "2.1.2" } }, "${integrity}"],

    "mocha/debug/ms": ["ms@2.1.2", "", {}, "${integrity}"],
  }
}
`;

function read(content: string, path = 'app/bun.lock') {
  return catalogFiles(bunLock, { [path]: content });
}

describe('bun lock files', () => {
  it('reads scopes, aliases, nested packages, archives, commits, edges and hashes', () => {
    const { components, unread } = read(lock);
    const told = components.map(({ id, scope, dependsOn, hashes }) => [id, scope, dependsOn, hashes.length]);
    assert.deepEqual(unread, []);
    assert.deepEqual(told, [
      ['pkg:npm/%40scope/a@1.0.5', undefined, ['pkg:npm/ms@2.1.3', 'pkg:npm/react@18.2.0'], 1],
      ['pkg:npm/archive', undefined, ['pkg:npm/ms@2.1.3'], 1],
      ['pkg:npm/commit', undefined, [], 0],
      ['pkg:npm/fsevents@2.3.3', 'optional', [], 1],
      ['pkg:npm/mocha@10.2.0', 'development', ['pkg:npm/debug@4.3.4', 'pkg:npm/ms@2.1.3'], 1],
      ['pkg:npm/ms@2.1.3', undefined, [], 1],
      ['pkg:npm/lodash@4.17.20', undefined, [], 1],
      ['pkg:npm/react@18.2.0', undefined, [], 1],
      ['pkg:npm/vue@3.0.0', undefined, [], 1],
      ['pkg:npm/ms@1.0.0', undefined, [], 1],
      ['pkg:npm/debug@4.3.4', 'development', ['pkg:npm/ms@2.1.2'], 1],
      ['pkg:npm/ms@2.1.2', 'development', [], 1],
    ]);
  });

  const strings: readonly (readonly [what: string, name: string])[] = [
    ['that look like comments', '//x.example/*a*/'],
    ['that look like trailing commas', ',]'],
    ['with quotes', '\\",}'],
  ];
  for (const [what, text] of strings) {
    it(`leaves texts alone ${what}`, () => {
      const content = `{"note": "${text}", "packages": {"x": ["x@1.0.0", "${text}", {}, ""],},}`;
      assert.deepEqual(
        read(content).components.map(({ id }) => id),
        ['pkg:npm/x@1.0.0'],
      );
    });
  }

  it('reports the binary format, with the way out of it', () => {
    const { unread } = read('#!/usr/bin/env bun\nbun-lockfile-format-v0\n\0', 'app/bun.lockb');
    assert.deepEqual(
      unread.map(({ path, code }) => [path, code]),
      [['app/bun.lockb', 'catalog/binary-lock-file']],
    );
  });

  it('leaves alone the lock files that packages bring along', () => {
    for (const name of ['bun.lock', 'bun.lockb'])
      assert.deepEqual(read(lock, `node_modules/x/${name}`), { components: [], unread: [] });
  });

  const broken: readonly (readonly [what: string, content: string])[] = [
    ['no JSON', '{"packages": {"x": ["x@1.0.0"'],
    ['words run together by a comment', '{"packages": tr/**/ue}'],
    ['a comment that does not end', '{"packages": {}} /* and so on'],
    ['a text that does not end', '{"packages'],
    ['a list', '[]'],
    ['packages that are no object', '{"packages": []}'],
    ['a package that is no list', '{"packages": {"x": "x@1.0.0"}}'],
    ['a package without a name', '{"packages": {"x": []}}'],
    ['a name that is none', '{"packages": {"x": ["../x@1.0.0"]}}'],
    ['packages nested without end', `{"packages": {"${'a/'.repeat(300)}x": ["x@1.0.0"]}}`],
  ];
  for (const [what, content] of broken) {
    it(`reports a file with ${what}`, () => {
      const { components, unread } = read(content);
      assert.deepEqual([components, unread.map(({ code }) => code)], [[], ['catalog/malformed-file']]);
    });
  }

  it('reads anything or refuses it', () => {
    holdsAgainstHostileInput(bunLock, 'bun.lock', [lock]);
  });
});
