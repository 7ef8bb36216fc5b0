import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { debianAutoloader } from './debian-autoloader.ts';

const folder = 'usr/share/pkg-php-tools/autoloaders';
const catalog = (files: Readonly<Record<string, string>>) => catalogFiles(debianAutoloader, files);

describe('Composer packages in Debian packages', () => {
  it('are named by the table of autoloaders, not by names that they stand in for, at a file that the Debian package owns; without its entry the version is unknown', () => {
    const { components, unread } = catalog({
      [`${folder}/php-symfony-console`]: 'symfony console Symfony/Component/Console/autoload.php\n',
      [`${folder}/php-proxy-manager`]:
        'friendsofphp\tproxy-manager-lts\tProxyManager/autoload.php\nocramius\tproxy-manager\t\tProxyManager/autoload.php\n# a note\n\nocramius proxy-manager ProxyManager/autoload.php',
    });
    const common = { type: 'composer', version: undefined, licenses: [], hashes: [], dependsOn: [] };
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

  it('have the upstream version of their Debian package, where that plainly has one', () => {
    const stanza = (name: string, version: string, section = 'php') =>
      `Package: ${name}\nStatus: install ok installed\nSection: ${section}\nMaintainer: A <a@example.org>\nVersion: ${version}\nDescription: x\n Package: y\n\n`;
    const versionOf = (version: string, section?: string, table = 'symfony console x\n') =>
      catalog({
        [`${folder}/php-symfony-console`]: table,
        'var/lib/dpkg/status': `${stanza('other', '9')}${stanza('php-symfony-console', version, section)}${stanza('last', '8')}`,
      }).components.map(({ id }) => id.slice('pkg:composer/symfony/console'.length));
    const cases: readonly (readonly [debian: string, upstream: string])[] = [
      ['5.4.53+dfsg-0+deb12u1', '@5.4.53'],
      ['1:2.1.0-2', '@2.1.0'],
      ['4.8.0-1+deb12u1', '@4.8.0'],
      ['1.2.3.4', '@1.2.3.4'],
      ['1.2.3~ds1-1', '@1.2.3'],
      ['2.11.1+1.0.14-1', ''],
      ['5.0.0~beta2+dfsg-1', ''],
      ['2.0.0+really1.9.0-1', ''],
      ['0~20200101-1', ''],
      ['1.0.0+git20200101-1', ''],
      ['7-1', ''],
    ];
    for (const [debian, upstream] of cases) assert.deepEqual(versionOf(debian), [upstream], debian);
    assert.deepEqual(versionOf('5.4.53-1', 'universe/php'), ['@5.4.53']);
    assert.deepEqual(versionOf('5.4.53-1', 'libs'), ['']);
    const several = versionOf('5.4.53-1', 'php', 'symfony console x\nsymfony console-contracts y\n');
    assert.deepEqual(several, ['', '-contracts'], 'which of several the version is of is not said');
  });

  it('are at the version of the last layer, and not of a package that has another name', () => {
    const status = (name: string, version: string) =>
      `Package: ${name}\nSection: php\nVersion: ${version}\nStatus: install ok installed\n`;
    const table = { [`${folder}/php-a`]: 'v a x\n' };
    const ids = (...layers: readonly Readonly<Record<string, string>>[]) =>
      catalogFiles(debianAutoloader, layers).components.map(({ id }) => id);
    const path = 'var/lib/dpkg/status';
    assert.deepEqual(ids({ ...table, [path]: status('php-a', '1.0-1') }, { [path]: status('php-a', '1.1-1') }), [
      'pkg:composer/v/a@1.1',
    ]);
    assert.deepEqual(ids({ ...table, [path]: status('php-a-b', '1.0-1') }), ['pkg:composer/v/a']);
    assert.deepEqual(ids({ ...table, 'var/lib/dpkg/status.d/php-a': status('php-a', '1.0-1') }), [
      'pkg:composer/v/a@1.0',
    ]);
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
      fc.property(
        fc.string(),
        fc.string(),
        (text, status) => void catalog({ [`${folder}/x`]: text, 'var/lib/dpkg/status': status }),
      ),
      { numRuns: 300 },
    );
  });
});
