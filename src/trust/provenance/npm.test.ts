import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAbout, npmPublication } from './npm.ts';
import { githubProvenance, npmProvenance, npmPublish } from './testing.ts';

const published = { name: '@acme/app', version: '1.4.3', registry: 'https://registry.npmjs.org' };

test('a publish attestation says what was published where, under the name of its subject', () => {
  assert.deepEqual(npmPublication(npmPublish()), published);
  assert.equal(npmPublication(npmPublish({ name: '@acme/other' })), undefined);
  assert.equal(npmPublication(npmPublish({ version: '1.4.30' })), undefined);
  assert.equal(npmPublication({ ...npmPublish(), predicate: { name: 1 } }), undefined);
  assert.equal(npmPublication(npmProvenance()), undefined);
});

test('provenance is of the published package when its subject names it, with its scope encoded or not', () => {
  const named = (...names: readonly (string | undefined)[]) => ({
    ...npmProvenance(),
    subjects: names.map((name) => ({ name, digest: {} })),
  });
  assert.equal(isAbout(npmProvenance(), published), true);
  assert.equal(isAbout(named('pkg:npm/@acme/app@1.4.3'), published), true);
  assert.equal(isAbout(named('pkg:npm/%40acme/app@1.4.3', 'pkg:npm/%40acme/other@1.4.3'), published), false);
  for (const name of ['pkg:npm/app@1.4.3', 'pkg:npm/%40acme/app@1.4.4', '@acme/app@1.4.3', undefined]) {
    assert.equal(isAbout(named(name), published), false, name);
  }
  assert.equal(isAbout(githubProvenance(), published), false);
});
