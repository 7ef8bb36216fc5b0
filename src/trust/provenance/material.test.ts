import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Component } from '../../sbom/index.ts';
import { baseImageMaterial, baseImageOf, labelsInSbom, lockFileMaterial, lockFilesIn } from './material.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

function at(...paths: readonly string[]): { readonly components: readonly Component[] } {
  const locations = paths.map((path) => ({ path }));
  return {
    components: [
      {
        id: 'pkg:npm/a@1',
        type: 'npm',
        name: 'a',
        licenses: [],
        hashes: [],
        dependsOn: [],
        foundBy: 'package-lock',
        locations,
      },
    ],
  };
}

test('lock files of the source are found by where components were found, those of what is installed are not', () => {
  const inventory = at(
    'web/pnpm-lock.yaml',
    'go.sum',
    'package-lock.json',
    'node_modules/.package-lock.json',
    'node_modules/x/package-lock.json',
    'vendor/composer/Cargo.lock',
    'app.jar!/go.mod',
    '../package-lock.json',
    'usr/lib/package.json',
    'package-lock.json',
  );
  assert.deepEqual(lockFilesIn(inventory), ['go.sum', 'package-lock.json', 'web/pnpm-lock.yaml']);
});

test('a lock file is a place in the source, and the hash of what it held', () => {
  const hash = { sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' };
  const source = { repository: 'https://github.com/acme/app', ref: 'refs/heads/main' };
  assert.deepEqual(lockFileMaterial('a b/go.sum', Buffer.from('x'), source), {
    name: 'a b/go.sum',
    uri: 'git+https://github.com/acme/app@refs/heads/main#a%20b/go.sum',
    digest: hash,
  });
  assert.deepEqual(lockFileMaterial('go.sum', Buffer.from('x'), undefined), { name: 'go.sum', digest: hash });
});

test('a base image is named in full, with its digest', () => {
  const hex = digest.slice('sha256:'.length);
  assert.deepEqual(baseImageMaterial(`node:22@${digest}`), {
    name: 'base image',
    uri: `pkg:oci/node@${digest}?repository_url=docker.io%2Flibrary%2Fnode&tag=22`,
    digest: { sha256: hex },
  });
  assert.equal(
    baseImageMaterial(`reg.example:5000/base/app@${digest}`).uri,
    `pkg:oci/app@${digest}?repository_url=reg.example:5000%2Fbase%2Fapp`,
  );
  assert.throws(() => baseImageMaterial('node:22'), { code: 'trust/base-image' });
  assert.throws(() => baseImageMaterial('node:22@sha256:x'), { code: 'image/bad-reference' });
});

test('the base image stands in labels, however an SBOM tool calls them', () => {
  const labels = (prefix: string) => [
    { name: `${prefix}org.opencontainers.image.base.name`, value: 'docker.io/library/node:22' },
    { name: `${prefix}org.opencontainers.image.base.digest`, value: digest },
    { name: `${prefix}maintainer`, value: 'acme' },
  ];
  for (const prefix of ['plimsoll:label:', 'syft:image:labels:', 'aquasecurity:trivy:Labels:', '']) {
    const sbom = JSON.stringify({ metadata: { component: { properties: labels(prefix) } } });
    for (const bytes of [Buffer.from(sbom), Buffer.from(`\uFEFF${sbom}`), Buffer.from(`\uFEFF${sbom}`, 'utf16le')]) {
      assert.equal(baseImageOf(labelsInSbom(bytes)), `docker.io/library/node:22@${digest}`, prefix);
    }
  }
});

test('without a name or a digest no base image is known', () => {
  const name = 'org.opencontainers.image.base.name';
  assert.equal(baseImageOf([]), undefined);
  assert.equal(baseImageOf([[name, 'node:22']]), undefined);
  assert.equal(baseImageOf([['org.opencontainers.image.base.digest', digest]]), undefined);
  assert.equal(
    baseImageOf([
      [`not-${name}`, 'node:22'],
      ['org.opencontainers.image.base.digest', digest],
    ]),
    undefined,
  );
  for (const text of ['', '{', '[]', '{"metadata":{"component":{"properties":[1,null,{"name":1}]}}}']) {
    assert.equal(baseImageOf(labelsInSbom(Buffer.from(text))), undefined, text);
  }
});
