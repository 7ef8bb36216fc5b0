import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { catalogFiles } from '../testing.ts';
import { debianAutoloader } from './debian-autoloader.ts';

const folder = 'usr/share/pkg-php-tools/autoloaders';
const catalog = (files: Readonly<Record<string, string>>) => catalogFiles(debianAutoloader, files);

describe('Composer packages in Debian packages', () => {
  it('are named by the table of autoloaders, each once, at a file that the Debian package owns; versions are not stated', () => {
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
      {
        id: 'pkg:composer/ocramius/proxy-manager',
        name: 'ocramius/proxy-manager',
        ...common,
        ...at('php-proxy-manager'),
      },
      { id: 'pkg:composer/symfony/console', name: 'symfony/console', ...common, ...at('php-symfony-console') },
    ]);
    assert.deepEqual(unread, []);
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
