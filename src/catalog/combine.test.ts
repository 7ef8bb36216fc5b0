import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { squash } from '../image/index.ts';
import type { Cataloged } from './cataloger.ts';
import { combine } from './combine.ts';

function component(id: string, more: Partial<Cataloged> = {}): Cataloged {
  return { id, type: 'npm', name: id, version: '1', licenses: [], hashes: [], locations: [], dependsOn: [], ...more };
}

const tree = squash([
  [
    { kind: 'file', path: 'usr/lib/js/a/package.json' },
    { kind: 'symlink', path: 'lib', target: 'usr/lib' },
    { kind: 'file', path: 'srv/a/package.json' },
  ],
]);

describe('combine', () => {
  it('makes one component of two finds of one package, and says all that either says', () => {
    const [merged, other] = combine(
      [
        {
          foundBy: 'first',
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

  it('keeps a package in development scope only when every find says so, and drops layer numbers outside images', () => {
    const dev = component('a', { scope: 'development', locations: [{ path: 'x', layer: 0 }] });
    const [both] = combine([{ foundBy: 'f', components: [dev, dev] }], tree, false);
    assert.equal(both?.scope, 'development');
    assert.deepEqual(both?.locations, [{ path: 'x' }]);
  });

  it('gives a component to the distribution package that lists its file, by whatever name', () => {
    const deb = component('deb', { type: 'deb', owns: ['lib/js/a/package.json', 'usr/share/doc/a'] });
    const at = (path: string) => ({ locations: [{ path }] });
    const found = combine(
      [
        { foundBy: 'dpkg', components: [deb] },
        {
          foundBy: 'npm',
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
});
