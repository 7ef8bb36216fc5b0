import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packListing, squash } from '../image/index.ts';
import type { Cataloged } from './cataloger.ts';
import { combine } from './combine.ts';

function component(id: string, more: Partial<Cataloged> = {}): Cataloged {
  return { id, type: 'npm', name: id, version: '1', licenses: [], hashes: [], locations: [], dependsOn: [], ...more };
}

const tree = squash([
  packListing([
    { kind: 'file', path: 'usr/lib/js/a/package.json' },
    { kind: 'symlink', path: 'lib', target: 'usr/lib' },
    { kind: 'file', path: 'srv/a/package.json' },
  ]),
]);

describe('combine', () => {
  it('makes one component of two finds of one package, and says all that either says', () => {
    const [merged, other] = combine(
      [
        {
          foundBy: 'first',
          tellsScope: true,
          components: [
            component('a', {
              licenses: ['MIT'],
              locations: [{ path: 'x', layer: 1 }],
              scope: 'development',
              dependsOn: ['b', 'nowhere', 'a'],
            }),
          ],
        },
        {
          foundBy: 'second',
          tellsScope: true,
          components: [
            component('a', {
              supplier: 'S',
              locations: [
                { path: 'w', layer: 0 },
                { path: 'x', layer: 1 },
              ],
            }),
            component('b'),
          ],
        },
      ],
      tree,
      true,
    );
    assert.equal(other?.id, 'b');
    assert.deepEqual(merged, {
      ...component('a', {
        licenses: ['MIT'],
        supplier: 'S',
        dependsOn: ['b'],
        homepage: undefined,
        source: undefined,
        embedded: undefined,
        scope: undefined,
      }),
      locations: [
        { path: 'w', layer: 0 },
        { path: 'x', layer: 1 },
      ],
      foundBy: 'first',

      ownedBy: undefined,
    });
  });

  const scopes: readonly (readonly [
    what: string,
    finds: readonly (readonly [tellsScope: boolean, scope: Cataloged['scope']])[],
    expected: Cataloged['scope'],
  ])[] = [
    [
      'only development everywhere',
      [
        [true, 'development'],
        [true, 'development'],
      ],
      'development',
    ],
    [
      'needed by one lock file',
      [
        [true, 'development'],
        [true, undefined],
      ],
      undefined,
    ],
    [
      'installed, and only development by the lock file',
      [
        [true, 'development'],
        [false, undefined],
      ],
      'development',
    ],
    [
      'installed, and needed by the lock file',
      [
        [false, undefined],
        [true, undefined],
      ],
      undefined,
    ],
    [
      'optional in one place, development in another',
      [
        [true, 'development'],
        [true, 'optional'],
      ],
      'optional',
    ],
    [
      'nobody says',
      [
        [false, undefined],
        [false, undefined],
      ],
      undefined,
    ],
  ];
  for (const [what, finds, expected] of scopes) {
    it(`tells the scope: ${what}`, () => {
      for (const order of [finds, finds.toReversed()]) {
        const found = order.map(([tellsScope, scope]) => ({
          foundBy: 'f',
          tellsScope,
          components: [component('a', { scope })],
        }));
        assert.equal(combine(found, tree, false)[0]?.scope, expected);
      }
    });
  }

  it('counts what is installed in an image as needed, whatever a lock file says', () => {
    const found = [
      { foundBy: 'lock', tellsScope: true, components: [component('a', { scope: 'development' })] },
      { foundBy: 'installed', tellsScope: false, components: [component('a')] },
    ];
    assert.equal(combine(found, tree, true)[0]?.scope, undefined);
    assert.equal(combine(found.slice(0, 1), tree, true)[0]?.scope, 'development');
  });

  it('drops layer numbers outside images', () => {
    const found = [
      { foundBy: 'f', tellsScope: false, components: [component('a', { locations: [{ path: 'x', layer: 0 }] })] },
    ];
    assert.deepEqual(combine(found, tree, false)[0]?.locations, [{ path: 'x' }]);
  });

  it('gives a component to the distribution package that lists its file, by whatever name', () => {
    const deb = component('deb', { type: 'deb', owns: ['lib/js/a/package.json', 'usr/share/doc/a'] });
    const at = (path: string) => ({ locations: [{ path }] });
    const found = combine(
      [
        { foundBy: 'dpkg', tellsScope: false, components: [deb] },
        {
          foundBy: 'npm',
          tellsScope: false,
          components: [
            component('owned', at('usr/lib/js/a/package.json')),
            component('nested', at('usr/lib/js/a/package.json!/inner.jar')),
            component('other', at('srv/a/package.json')),
            component('both', { locations: [{ path: 'usr/lib/js/a/package.json' }, { path: 'srv/a/package.json' }] }),
            component('nowhere'),
          ],
        },
      ],
      tree,
      true,
    );
    assert.deepEqual(
      found.flatMap(({ id, ownedBy }) => (ownedBy === undefined ? [] : [[id, ownedBy]])),
      [
        ['nested', 'deb'],
        ['owned', 'deb'],
      ],
    );
    assert.ok(!found.some((entry) => 'owns' in entry), 'file lists are not part of an SBOM');
  });

  it('gives nothing to a package of another vendor where no distribution installs, whatever its file list says', () => {
    const folders = ['app', 'opt/app', 'srv', 'home/me', 'usr/local/lib', 'var/www', 'usr/lib', 'usr/share', 'var/lib'];
    const places = folders.map((folder) => `${folder}/node_modules/a/package.json`);
    const owned = (type: 'deb' | 'apk') =>
      combine(
        [
          { foundBy: 'system', tellsScope: false, components: [component('system', { type, owns: places })] },
          {
            foundBy: 'npm',
            tellsScope: false,
            components: places.map((path) => component(path, { locations: [{ path }] })),
          },
        ],
        squash([packListing(places.map((path) => ({ kind: 'file', path })))]),
        true,
      ).flatMap(({ id, ownedBy }) => (ownedBy === undefined ? [] : [id.slice(0, id.indexOf('/node_modules'))]));
    assert.deepEqual(owned('apk'), ['usr/lib', 'usr/share', 'var/lib']);
    assert.deepEqual(owned('deb'), ['usr/share', 'var/lib']);
  });

  it('merges a package that is at very many places without looking at them again for each', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => component('a', { locations: [{ path: `p${at}` }] }));
    const started = performance.now();
    const [merged] = combine([{ foundBy: 'first', tellsScope: false, components: many }], tree, false);
    assert.equal(merged?.locations.length, many.length);
    assert.ok(performance.now() - started < 2_000);
  });
});
