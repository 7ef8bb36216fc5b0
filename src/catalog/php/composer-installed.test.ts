import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { composerInstalled } from './composer-installed.ts';

/** As Composer 2.5 writes it. */
const shortList = String.raw`<?php return array(
    'root' => array(
        'name' => 'acme/app',
        'pretty_version' => '1.0.0+no-version-set',
        'version' => '1.0.0.0',
        'reference' => null,
        'type' => 'library',
        'install_path' => __DIR__ . '/../../',
        'aliases' => array(),
        'dev' => true,
    ),
    'versions' => array(
        'acme/app' => array(
            'pretty_version' => '1.0.0+no-version-set',
            'version' => '1.0.0.0',
            'install_path' => __DIR__ . '/../../',
            'aliases' => array(),
            'dev_requirement' => false,
        ),
        'acme/console' => array(
            'pretty_version' => 'v5.4.21',
            'version' => '5.4.21.0',
            'reference' => 'it\'s a \\ reference',
            'type' => 'library',
            'install_path' => __DIR__ . '/../acme/console',
            'aliases' => array(
                0 => '5.x-dev',
            ),
            'dev_requirement' => false,
        ),
        'acme/polyfill-php80' => array(
            'dev_requirement' => false,
            'replaced' => array(
                0 => 'v1.27.0',
            ),
        ),
        'acme/unit' => array(
            'pretty_version' => 'dev-main',
            'version' => 'dev-main',
            'dev_requirement' => true,
        ),
    ),
);
`;
const fullList = JSON.stringify({
  packages: [
    { name: 'acme/console', version: 'v5.4.21', version_normalized: '5.4.21.0', 'install-path': '../acme/console' },
  ],
  dev: true,
  'dev-package-names': [],
});

const php = 'srv/vendor/composer/installed.php';
const json = 'srv/vendor/composer/installed.json';

const found = (files: Readonly<Record<string, string>>) => {
  const { components, unread } = catalogFiles(composerInstalled, files);
  return [
    ...components.map(({ id, scope }) => (scope === undefined ? id : `${id} ${scope}`)),
    ...unread.map(({ path }) => path),
  ];
};

describe('installed.php', () => {
  const packages = ['pkg:composer/acme/console@5.4.21', 'pkg:composer/acme/unit@dev-main development'];

  it('tells what is installed where installed.json was taken away, without the project and names that others stand in for', () => {
    assert.deepEqual(found({ [php]: shortList }), packages);
  });

  it('adds nothing to installed.json, which says more', () => {
    assert.deepEqual(found({ [php]: shortList, [json]: fullList }), ['pkg:composer/acme/console@5.4.21']);
    assert.deepEqual(found({ [php]: shortList, 'srv/lib/composer/installed.json': '[]' }), packages);
  });

  for (const [writer, text] of [
    ['var_export', shortList.replaceAll('array(', 'array (\n  ').replaceAll('null', 'NULL')],
    [
      'php-scoper',
      shortList
        .replace('<?php return', '<?php\n\nnamespace _Scoped\\Vendor;\n\nreturn')
        .replaceAll('array(', '[')
        .replaceAll(')', ']')
        .replace(/\b(?:true|false|null)\b/g, String.raw`\$&`),
    ],
  ] as const) {
    it(`is read as ${writer} writes it`, () => assert.deepEqual(found({ [php]: text }), packages));
  }

  it('is left alone when it is no list, and never run', () => {
    assert.deepEqual(found({ [php]: '<?php class Installed {}' }), []);
    assert.deepEqual(found({ [php]: '' }), []);
  });

  for (const text of [
    '<?php return 1;',
    '<?php return array();',
    "<?php return array('versions' => array());  system('x');",
    "<?php return array('versions' => system('x'));",
    "<?php return array('versions' => array('a/b' => array('pretty_version' => '1.0' . x())));",
    "<?php return array('versions' => array('a/b' 'c'));",
    "<?php return array('versions' => array('a/b' => array('pretty_version' => '1",
    "<?php return array('versions' => array('a b/c' => array('pretty_version' => '1.0')));",
    "<?php return array('versions' => array('a/b' => array('pretty_version' => '1 0')));",
    `<?php return ${'array('.repeat(20_000)}`,
  ]) {
    it(`is reported as unread when it holds ${text.slice(0, 100)}`, () =>
      assert.deepEqual(found({ [php]: text }), [php]));
  }

  it('may name packages like what every object has', () => {
    const text =
      "<?php return array('__proto__' => array('polluted' => 1), 'versions' => array('__proto__' => array('pretty_version' => '1.0'), 'constructor' => array('x' => 1)));";
    assert.deepEqual(found({ [php]: text }), ['pkg:composer/__proto__@1.0']);
    assert.deepEqual(Object.keys(Object.prototype), []);
  });

  it('never makes the reader fail otherwise', () => holdsAgainstHostileInput(composerInstalled, php, [shortList]));
});

describe('installed.json', () => {
  it('is not read where it is made up for the tests of a package', () => {
    for (const path of [
      'srv/vendor/acme/x/tests/Fixtures/composer/installed.json',
      'srv/vendor/acme/x/Tests/vendor/composer/installed.json',
    ])
      assert.deepEqual(found({ [path]: fullList }), [], path);
  });

  it('is read where a package brings its own packages, and whatever the packages and the project are called', () => {
    for (const path of [
      'srv/vendor/acme/x/vendor/composer/installed.json',
      'srv/tests/vendor/composer/installed.json',
      'srv/vendor/acme/tests/vendor/composer/installed.json',
      'vendor/composer/installed.json',
    ])
      assert.deepEqual(found({ [path]: fullList }), ['pkg:composer/acme/console@5.4.21'], path);
  });

  it('never makes the reader fail otherwise', () => holdsAgainstHostileInput(composerInstalled, json, [fullList]));
});
