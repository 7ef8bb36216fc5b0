import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Statement } from '../statement.ts';
import { checkPackage, type NpmPackage, type NpmPublication, npmPublication } from './npm.ts';
import { githubProvenance, npmProvenance, npmPublish } from './testing.ts';

const published = { name: '@acme/app', version: '1.4.3', registry: 'https://registry.example' };

test('a publish attestation says what was published where, under the name of its subject', () => {
  assert.deepEqual(npmPublication(npmPublish()), published);
  assert.equal(npmPublication(npmPublish({ name: '@acme/other' })), undefined);
  assert.equal(npmPublication(npmPublish({ version: '1.4.30' })), undefined);
  assert.equal(npmPublication({ ...npmPublish(), predicate: { name: 1 } }), undefined);
  assert.equal(npmPublication(npmProvenance()), undefined);
});

test('provenance has to be about the package that is asked for, its scope encoded or not, and about no other', () => {
  const named = (...names: readonly (string | undefined)[]) => ({
    ...npmProvenance(),
    subjects: names.map((name) => ({ name, digest: {} })),
  });
  const outcomes = (statement: Statement) => checkPackage(statement, published, []).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes(npmProvenance()), ['holds']);
  assert.deepEqual(outcomes(named('pkg:npm/@acme/app@1.4.3')), ['holds']);
  assert.deepEqual(outcomes(named('pkg:npm/%40acme/app@1.4.3', 'pkg:npm/%40acme/other@1.4.3')), ['fails']);
  for (const name of ['pkg:npm/app@1.4.3', 'pkg:npm/%40acme/app@1.4.4', '@acme/app@1.4.3', undefined]) {
    assert.deepEqual(outcomes(named(name)), ['fails'], name);
  }
  assert.deepEqual(outcomes(githubProvenance()), ['fails']);
});

test('a file that was published under another name than its provenance has fails', () => {
  const other = { ...published, name: '@evil/app' };
  const outcomes = (...[asked, list]: readonly [NpmPackage | undefined, readonly NpmPublication[]]) =>
    checkPackage(npmProvenance(), asked, list).map(({ outcome }) => outcome);
  assert.deepEqual(outcomes(undefined, []), []);
  assert.deepEqual(outcomes(undefined, [published]), ['holds']);
  assert.deepEqual(outcomes(undefined, [other]), ['fails']);
  assert.deepEqual(outcomes(published, [published]), ['holds', 'holds']);
  assert.deepEqual(outcomes(published, [published, other]), ['holds', 'holds', 'fails']);
  assert.deepEqual(outcomes(other, [published]), ['fails', 'fails']);
});
