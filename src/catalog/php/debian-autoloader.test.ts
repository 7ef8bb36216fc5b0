import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { debianAutoloader } from './debian-autoloader.ts';

const folder = 'usr/share/pkg-php-tools/autoloaders';
const catalog = (files: Readonly<Record<string, string>>) => catalogFiles(debianAutoloader, files);

describe('Composer packages in Debian packages', () => {
  it('are named by the table of autoloaders, not by names that they stand in for, at a file that the Debian package owns; versions are not stated', () => {
    const { components, unread } = catalog({
      [`${folder}/php-symfony-console`]: 'symfony console Symfony/Component/Console/autoload.php\n',
      [`${folder}/php-proxy-manager`]:
        'friendsofphp\tproxy-manager-lts\tProxyManager/autoload.php\nocramius\tproxy-manager\t\tProxyManager/autoload.php\n# a note\n\nocramius proxy-manager ProxyManager/autoload.php',
    });
    const common = { type: 'composer', version: undefined, scope: undefined, licenses: [], hashes: [], dependsOn: [] };
    const at = (file: string) => ({ locations: [{ path: `${folder}/${file}`, layer: 0 }] });
    assert.deepEqual(components, [
      {
        id: 'pkg:composer/friendsofphp/proxy-manager-lts',
        name: 'friendsofphp/proxy-manager-lts',
        ...common,
        ...at('php-proxy-manager'),
      },
      { id: 'pkg:composer/symfony/console', name: 'symfony/console', ...common, ...at('php-symfony-console') },
    ]);
    assert.deepEqual(unread, []);
  });

  it('are named by overrides where there is no table of autoloaders', () => {
    const overrides = 'usr/share/pkg-php-tools/overrides';
    const { components, unread } = catalog({
      [`${overrides}/php-email-validator`]: 'egulias email-validator php-email-validator\n',
      [`${overrides}/php-proxy-manager`]: 'ocramius\tproxy-manager\tphp-proxy-manager\n',
      [`${folder}/php-proxy-manager`]: 'friendsofphp proxy-manager-lts ProxyManager/autoload.php\n',
      [`${overrides}/phpunit`]: 'pear.phpunit.de PHPUnit phpunit\nextension x phpunit\n',
    });
    assert.deepEqual(
      components.map(({ id }) => id),
      ['pkg:composer/friendsofphp/proxy-manager-lts', 'pkg:composer/egulias/email-validator'],
    );
    assert.deepEqual(unread, []);
  });

  it('are not those that a build only has to know: built into PHP, or in other Debian packages', () => {
    const { components, unread } = catalog({
      [`${folder}/common`]: 'symfony polyfill-php80 none\nsymfony polyfill-ctype none\n',
      'usr/share/pkg-php-tools/overrides/other':
        'symfony polyfill-apcu php-apcu none\nsymfony polyfill-ctype builtin\nextension com none\n',
    });
    assert.deepEqual([components, unread], [[], []]);
  });

  for (const text of ['symfony', 'symfony console']) {
    it(`are reported as unread with the line "${text}"`, () =>
      assert.equal(catalog({ [`${folder}/x`]: text }).unread.length, 1));
  }

  it('never make the reader fail otherwise', () => {
    fc.assert(
      fc.property(fc.string(), (text) => void catalog({ [`${folder}/x`]: text })),
      { numRuns: 300 },
    );
  });
});
