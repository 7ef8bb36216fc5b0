import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { gemfileLock } from './gemfile-lock.ts';

const hash = (digit: string) => digit.repeat(64);

const lock = `GIT
  remote: https://github.com/example/fork.git
  revision: 0123456789abcdef0123456789abcdef01234567
  branch: main
  specs:
    fork (1.0.0.beta2)
      rack (>= 2.0, < 4)

PATH
  remote: engines/own
  specs:
    own (0.1.0)
      rack

PLUGIN SOURCE
  remote: https://example.org
  type: other
  specs:
    plugged (0.3)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.15.0)
      mini_portile2 (~> 2.8.2)
      racc (~> 1.4)
    nokogiri (1.15.0-x86_64-linux)
      racc (~> 1.4)
    mini_portile2 (2.8.2)
    racc (1.7.1)
    racc (1.7.1-java)
    rack (3.0.8)
    rails-html-sanitizer (1.6.0)
      nokogiri (~> 1.14)
      own

PLATFORMS
  java
  ruby
  x86_64-linux

DEPENDENCIES
  fork!
  own!
  nokogiri (~> 1.15)

CHECKSUMS
  fork (1.0.0.beta2)
  nokogiri (1.15.0) sha256=${hash('a')}
  nokogiri (1.15.0-x86_64-linux) sha256=${hash('B')}
  rack (3.0.8) sha512=${hash('c')}
  racc (1.7.1) sha256=${hash('d')},sha256=${hash('e')}
  stranger (1.0) sha256=${hash('f')}

RUBY VERSION
   ruby 3.2.2p53

BUNDLED WITH
   2.4.19
`;

function catalog(text: string, path = 'srv/Gemfile.lock') {
  const { components, unread } = catalogFiles(gemfileLock, { [path]: text });
  return { components, unread };
}

describe('Gemfile.lock', () => {
  it('names gems of every source with what they need, each once for all platforms; those from folders are the project itself', () => {
    assert.deepEqual(
      catalog(lock).components.map(({ id, dependsOn }) => [id, dependsOn]),
      [
        ['pkg:gem/fork@1.0.0.beta2', ['pkg:gem/rack@3.0.8']],
        ['pkg:gem/plugged@0.3', []],
        ['pkg:gem/nokogiri@1.15.0', ['pkg:gem/mini_portile2@2.8.2', 'pkg:gem/racc@1.7.1']],
        ['pkg:gem/mini_portile2@2.8.2', []],
        ['pkg:gem/racc@1.7.1', []],
        ['pkg:gem/rack@3.0.8', []],
        ['pkg:gem/rails-html-sanitizer@1.6.0', ['pkg:gem/nokogiri@1.15.0']],
      ],
    );
  });

  it("gives the SHA-256 of each platform's file", () => {
    const hashes = catalog(lock).components.map(({ name, hashes }) => [
      name,
      hashes.map(({ value }) => value[0]).join(''),
    ]);
    assert.deepEqual(
      hashes.filter(([, values]) => values !== ''),
      [
        ['nokogiri', 'ab'],
        ['racc', 'de'],
      ],
    );
    assert.deepEqual(catalog(lock).components[2], {
      id: 'pkg:gem/nokogiri@1.15.0',
      name: 'nokogiri',
      version: '1.15.0',
      scope: undefined,
      type: 'gem',
      licenses: [],
      hashes: [
        { algorithm: 'SHA-256', value: hash('a') },
        { algorithm: 'SHA-256', value: hash('b') },
      ],
      dependsOn: ['pkg:gem/mini_portile2@2.8.2', 'pkg:gem/racc@1.7.1'],
      locations: [{ path: 'srv/Gemfile.lock', layer: 0 }],
    });
  });

  it('reads the same with the line ends of Windows, and as gems.locked', () => {
    assert.equal(catalog(lock.replaceAll('\n', '\r\n'), 'gems.locked').components.length, 7);
  });

  it('keeps two versions that are locked for different platforms apart', () => {
    const { components } = catalog('GEM\n  specs:\n    a (1.0)\n    a (0.9-java)\n    b (1)\n      a\n');
    assert.deepEqual(
      components.map(({ id }) => id),
      ['pkg:gem/a@1.0', 'pkg:gem/a@0.9', 'pkg:gem/b@1'],
    );
    assert.deepEqual(components[2]?.dependsOn, ['pkg:gem/a@0.9', 'pkg:gem/a@1.0']);
  });

  for (const path of [
    'usr/lib/ruby/gems/3.1.0/gems/rbs-2.7.0/steep/Gemfile.lock',
    'srv/vendor/bundle/ruby/3.1.0/bundler/gems/fork-0123456789ab/Gemfile.lock',
    'srv/node_modules/x/Gemfile.lock',
  ]) {
    it(`says nothing inside an installed package: ${path}`, () =>
      assert.deepEqual(catalog(lock, path), { components: [], unread: [] }));
  }
  it('counts in a folder that is merely called gems', () =>
    assert.equal(catalog(lock, 'srv/gems/app/Gemfile.lock').components.length, 7));

  for (const text of [
    '<<<<<<< HEAD\n',
    'no lock file at all\n',
    '{"GEM": []}',
    'GEM\n  specs:\n    a\n',
    'GEM\n  specs:\n    a (1.0\n',
    'GEM\n  specs:\n    (1.0)\n',
    'GEM\n  specs:\n    / (1.0)\n    a b (1)\n',
  ]) {
    it(`is reported as unread when it is ${JSON.stringify(text)}`, () => {
      const { components, unread } = catalog(text);
      assert.deepEqual([components, unread.length], [[], 1]);
    });
  }

  it('has nothing to say when it is empty', () => assert.deepEqual(catalog(''), { components: [], unread: [] }));

  it('never fails otherwise, however it was changed', () => {
    fc.assert(
      fc.property(
        fc.nat(1400),
        fc.nat(40),
        fc.string(),
        (at, length, put) => void catalog(lock.slice(0, at) + put + lock.slice(at + length)),
      ),
      { numRuns: 500 },
    );
  });
});
