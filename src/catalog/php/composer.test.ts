import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { composerInstalled } from './composer-installed.ts';
import { composerLock } from './composer-lock.ts';

const sha1 = 'ABCDEF0123456789abcdef0123456789abcdef01';

const console_ = {
  name: 'symfony/console',
  version: 'v5.4.21',
  version_normalized: '5.4.21.0',
  dist: { type: 'zip', url: 'https://example.org/x.zip', reference: '0123', shasum: sha1 },
  require: {
    php: '>=7.2.5',
    'ext-mbstring': '*',
    'composer-runtime-api': '^2',
    'psr/log': '^1|^2',
    'psr/Log-Implementation': '*',
    'symfony/polyfill-php80': '*',
  },
  'require-dev': { 'phpunit/phpunit': '*' },
  license: ['MIT'],
  authors: [{ name: 'Fabien Potencier' }, { name: 'Symfony Community', homepage: 'https://symfony.com/contributors' }],
  homepage: 'https://symfony.com',
};
const monolog = {
  name: 'monolog/monolog',
  version: '2.9.1',
  provide: { 'psr/log-implementation': '1.0.0' },
  license: ['LGPL-2.1-only', 'GPL-3.0-or-later'],
};
const log = { name: 'psr/log', version: '1.1.4', license: 'MIT', dist: { shasum: '' } };
const polyfill = {
  name: 'symfony/polyfill',
  version: 'v1.27.0',
  replace: { 'symfony/polyfill-php80': 'self.version' },
  license: [],
};
const phpunit = { name: 'phpunit/phpunit', version: 'dev-main', license: ['BSD-3-Clause'] };
const runtime = [console_, monolog, log, polyfill];

const composer2 = { packages: [...runtime, phpunit], dev: true, 'dev-package-names': ['phpunit/phpunit'] };
const locked = {
  packages: runtime,
  'packages-dev': [phpunit],
  platform: { php: '>=8.1', 'ext-json': '*' },
  'platform-dev': [],
};

const path = { installed: 'srv/vendor/composer/installed.json', lock: 'srv/composer.lock' };

function installed(document: unknown, at = path.installed, others: Readonly<Record<string, string>> = {}) {
  return catalogFiles(composerInstalled, {
    [at]: typeof document === 'string' ? document : JSON.stringify(document),
    ...others,
  });
}

function lock(document: unknown, at = path.lock, others: Readonly<Record<string, string>> = {}) {
  return catalogFiles(composerLock, {
    [at]: typeof document === 'string' ? document : JSON.stringify(document),
    ...others,
  });
}

const forms = [
  ['installed by Composer 2', () => installed(composer2).components, path.installed],
  ['locked', () => lock(locked).components, path.lock],
] as const;

describe('Composer packages', () => {
  for (const [title, components, at] of forms) {
    it(`that are ${title} have licences, hashes, authors, and what they require by name, by replacement or by provision`, () => {
      assert.deepEqual(components()[0], {
        id: 'pkg:composer/symfony/console@5.4.21',
        name: 'symfony/console',
        version: '5.4.21',
        scope: undefined,
        type: 'composer',
        licenses: ['MIT'],
        hashes: [{ algorithm: 'SHA-1', value: sha1.toLowerCase() }],
        supplier: 'Fabien Potencier, Symfony Community',
        homepage: 'https://symfony.com',
        dependsOn: [
          'pkg:composer/monolog/monolog@2.9.1',
          'pkg:composer/psr/log@1.1.4',
          'pkg:composer/symfony/polyfill@1.27.0',
        ],
        locations: [{ path: at, layer: 0 }],
      });
    });

    it(`that are ${title} are told apart from those for development, the platform being none`, () => {
      assert.deepEqual(
        components().map(({ id, scope, hashes }) => [id, scope, hashes.length]),
        [
          ['pkg:composer/symfony/console@5.4.21', undefined, 1],
          ['pkg:composer/monolog/monolog@2.9.1', undefined, 0],
          ['pkg:composer/psr/log@1.1.4', undefined, 0],
          ['pkg:composer/symfony/polyfill@1.27.0', undefined, 0],
          ['pkg:composer/phpunit/phpunit@dev-main', 'development', 0],
        ],
      );
    });

    it(`that are ${title} under several licences leave the choice, and without any have none`, () => {
      const [, second, , fourth] = components();
      assert.deepEqual([second?.licenses, fourth?.licenses], [['LGPL-2.1-only OR GPL-3.0-or-later'], []]);
    });
  }

  it('keep licences as they are written where one is not known', () => {
    const { components } = installed([{ name: 'a/b', version: '1.0.0', license: ['MIT', 'our own'] }]);
    assert.deepEqual(components[0]?.licenses, ['MIT', 'our own']);
  });

  it('are read from the list of Composer 1, which does not tell development apart', () => {
    const { components } = installed([console_, phpunit]);
    assert.deepEqual(
      components.map(({ id, scope }) => [id, scope]),
      [
        ['pkg:composer/symfony/console@5.4.21', undefined],
        ['pkg:composer/phpunit/phpunit@dev-main', undefined],
      ],
    );
  });

  it('are read wherever the folder of packages is', () => {
    assert.equal(installed(composer2, 'app/lib/composer/installed.json').components.length, 5);
    assert.equal(installed(composer2, 'app/installed.json').components.length, 0);
  });

  const versions = [
    ['v1.2.3', '1.2.3'],
    ['V2.0.0-RC1', '2.0.0-RC1'],
    ['1.x-dev', '1.x-dev'],
    ['dev-master', 'dev-master'],
    ['vNext', 'vNext'],
  ] as const;
  for (const [written, version] of versions) {
    it(`of version ${written} are of version ${version}`, () => {
      assert.equal(installed([{ name: 'a/b', version: written }]).components[0]?.version, version);
    });
  }

  it('are not read from the lock file of an installed package, unlike one of the project', () => {
    const beside = { 'srv/vendor/composer/installed.json': '[]' };
    assert.equal(lock(locked, 'srv/vendor/a/b/composer.lock', beside).components.length, 0);
    assert.equal(lock(locked, 'srv/composer.lock', beside).components.length, 5);
    assert.equal(lock(locked, 'srv/a/b/composer.lock').components.length, 5);
    assert.equal(lock(locked, 'srv/node_modules/x/composer.lock').components.length, 0);
  });

  const broken: readonly unknown[] = [
    '{',
    '{}',
    '"x"',
    'null',
    { packages: {} },
    [1],
    [{ name: 'a/b' }],
    [{ version: '1' }],
    [{ name: '\ud800/x', version: '1' }],
    { packages: [], 'dev-package-names': 'x' },
  ];
  for (const document of broken) {
    it(`are reported as unread when the list is ${JSON.stringify(document)}`, () => {
      const { components, unread } = installed(document);
      assert.deepEqual([components, unread.map(({ path }) => path)], [[], [path.installed]]);
    });
  }
  for (const document of [
    '{',
    '[]',
    'null',
    { packages: {} },
    { packages: [], 'packages-dev': 'x' },
    { packages: [{ name: 'a/b' }] },
  ]) {
    it(`are reported as unread when the lock file is ${JSON.stringify(document)}`, () => {
      const { components, unread } = lock(document);
      assert.deepEqual([components, unread.map(({ path }) => path)], [[], [path.lock]]);
    });
  }
  it('are none in a lock file without any', () =>
    assert.deepEqual(lock({ packages: [] }), { components: [], unread: [] }));

  it('never make the reader fail otherwise', () => {
    const part = fc.record(
      {
        name: fc.oneof(fc.constant('a/b'), fc.string()),
        version: fc.string(),
        require: fc.jsonValue(),
        replace: fc.jsonValue(),
        license: fc.jsonValue(),
        dist: fc.jsonValue(),
        authors: fc.jsonValue(),
        homepage: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(part),
          fc.record({ packages: fc.array(part), 'packages-dev': fc.array(part) }),
          fc.jsonValue(),
        ),
        (document) => {
          installed(document);
          lock(document);
        },
      ),
      { numRuns: 500 },
    );
  });
});
