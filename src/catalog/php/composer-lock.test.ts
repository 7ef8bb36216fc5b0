import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catalogFiles } from '../testing.ts';
import { holdsAgainstHostileInput } from '../testing-hostile-input.ts';
import { composerLock } from './composer-lock.ts';

/** As Composer 2.5 writes it. */
const sample = `{
    "_readme": ["This file locks the dependencies of your project to a known state"],
    "content-hash": "52f27a70ece60b2782e2e7685f726dc9",
    "packages": [
        {
            "name": "acme/console",
            "version": "v5.4.21",
            "dist": {
                "type": "tar",
                "url": "https://example.org/acme-console.tar",
                "shasum": "988b0d844f04da5ce0adca33bae2e022f5461133"
            },
            "require": { "acme/local": "*", "acme/polyfill-php80": "*", "php": ">=7.2" },
            "type": "library",
            "license": ["MIT"]
        },
        {
            "name": "acme/local",
            "version": "1.0.0",
            "dist": { "type": "path", "url": "../localpkg", "reference": "6911dd91095f44c005026daadebd3b39116a6a7d" },
            "type": "library",
            "transport-options": { "relative": true }
        },
        {
            "name": "acme/polyfill",
            "version": "v1.27.0",
            "dist": { "type": "tar", "url": "https://example.org/acme-polyfill.tar", "shasum": "" },
            "replace": { "acme/polyfill-php80": "self.version" },
            "type": "library"
        }
    ],
    "packages-dev": null,
    "aliases": [],
    "minimum-stability": "dev",
    "stability-flags": [],
    "platform": [],
    "platform-dev": []
}
`;

const found = (files: Readonly<Record<string, string>>) => {
  const { components, unread } = catalogFiles(composerLock, files);
  assert.deepEqual(unread, []);
  return components.map(({ id, dependsOn }) => [id, ...dependsOn].join(' > '));
};
const packages = [
  'pkg:composer/acme/console@5.4.21 > pkg:composer/acme/polyfill@1.27.0',
  'pkg:composer/acme/polyfill@1.27.0',
];

describe('composer.lock', () => {
  it('gives the packages from outside, not folders of the project, with or without a list for development', () => {
    assert.deepEqual(found({ 'composer.lock': sample }), packages);
    assert.deepEqual(found({ 'composer.lock': sample.replace('"packages-dev": null,', '') }), packages);
  });

  it('of a project is read, of a package that is installed it is not, however deep', () => {
    const beside = { 'srv/vendor/composer/installed.json': '{"packages":[]}' };
    assert.deepEqual(found({ ...beside, 'srv/composer.lock': sample }), packages);
    assert.deepEqual(found({ ...beside, 'srv/tools/lint/composer.lock': sample }), packages);
    assert.deepEqual(found({ ...beside, 'srv/vendor/acme/x/composer.lock': sample }), []);
    assert.deepEqual(found({ ...beside, 'srv/vendor/acme/x/tools/lint/composer.lock': sample }), []);
    assert.deepEqual(found({ 'lib/composer/installed.php': '', 'lib/acme/x/composer.lock': sample }), []);
    assert.deepEqual(found({ 'vendor/acme/x/tests/app/composer.lock': sample }), []);
  });

  it('never makes the reader fail otherwise', () => holdsAgainstHostileInput(composerLock, 'composer.lock', [sample]));
});
