import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagePurl } from './image-purl.ts';
import { webImage } from './testing.ts';

const digest = webImage.artifact.digest;
const purl = (reference: string, platform = 'linux/amd64') => imagePurl({ ...webImage.artifact, reference, platform });

test('an image that a registry has is named with its repository', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['alpine:3.20', 'pkg:oci/alpine@D?arch=amd64&repository_url=docker.io%2Flibrary%2Falpine&tag=3.20'],
    ['bitnami/redis:7', 'pkg:oci/redis@D?arch=amd64&repository_url=docker.io%2Fbitnami%2Fredis&tag=7'],
    ['registry:bitnami/redis', 'pkg:oci/redis@D?arch=amd64&repository_url=docker.io%2Fbitnami%2Fredis'],
    ['ghcr.io/a/b/web:1', 'pkg:oci/web@D?arch=amd64&repository_url=ghcr.io%2Fa%2Fb%2Fweb&tag=1'],
    ['localhost:5000/web:1', 'pkg:oci/web@D?arch=amd64&repository_url=localhost%3A5000%2Fweb&tag=1'],
    [`ghcr.io/a/web@${digest}`, 'pkg:oci/web@D?arch=amd64&repository_url=ghcr.io%2Fa%2Fweb'],
  ];
  for (const [reference, expected] of cases) {
    assert.equal(
      decodeURIComponent(purl(reference) ?? ''),
      decodeURIComponent(expected.replace('D', digest)),
      reference,
    );
  }
});

test('a name that could also be a folder is given no repository', () => {
  assert.equal(decodeURIComponent(purl('build/web') ?? ''), `pkg:oci/web@${digest}?arch=amd64`);
});

test('a path, an archive or a layout has no purl', () => {
  for (const reference of [
    'oci:build/web:1',
    'docker-archive:web.tar',
    './web',
    '/srv/web',
    'Web',
    '',
    '-',
    'a'.repeat(700),
  ]) {
    assert.equal(purl(reference), undefined, reference);
  }
});

test('the platform is told, Linux being understood', () => {
  assert.match(purl('web:1', 'windows/amd64') ?? '', /arch=amd64&os=windows/);
  assert.match(purl('web:1', 'linux/arm64/v8') ?? '', /arch=arm64&repository_url/);
});
