import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { purlFor } from './purl.ts';
import { toSpdx } from './spdx.ts';
import { component, inventoriesWith, oddText, shuffled, spdxMistakes, webImage } from './testing.ts';

const options = { toolVersion: '1.2.3' };
const write = (inventory: Parameters<typeof toSpdx>[0], more: Partial<typeof options & { author: string }> = {}) =>
  JSON.parse(toSpdx(inventory, { ...options, ...more }));
const document = write(webImage);

interface Package {
  readonly SPDXID: string;
  readonly name: string;
}

const packageNamed = (name: string) => document.packages.find((each: Package) => each.name === name);
const names = new Map<string, string>(document.packages.map((each: Package) => [each.SPDXID, each.name]));
const relations: readonly string[] = document.relationships.map(
  (each: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }) =>
    [
      names.get(each.spdxElementId) ?? each.spdxElementId,
      each.relationshipType,
      names.get(each.relatedSpdxElement) ?? each.relatedSpdxElement,
    ].join(' '),
);

test('the document holds to the schema of SPDX 2.3', () => {
  assert.equal(spdxMistakes(document), '');
  assert.equal(document.spdxVersion, 'SPDX-2.3');
  assert.notEqual(spdxMistakes({ ...document, packages: [{ name: 'without an id' }] }), '');
});

test('any inventory, however odd its names, gives a valid document whose ids are unique and well formed', () => {
  fc.assert(
    fc.property(inventoriesWith(oddText), (inventory) => {
      const written = write(inventory);
      assert.equal(spdxMistakes(written), '');
      const ids: string[] = written.packages.map((each: Package) => each.SPDXID);
      assert.equal(new Set(ids).size, ids.length);
      for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
      for (const { licenseId } of written.hasExtractedLicensingInfos ?? []) {
        assert.match(licenseId, /^LicenseRef-[A-Za-z0-9.-]+$/);
      }
      assert.match(written.documentNamespace, /^https:\/\/spdx\.org\/spdxdocs\/[A-Za-z0-9.-]+$/);
    }),
  );
});

test('the document describes the image, which contains the components', () => {
  const image = webImage.artifact.reference;
  assert.ok(relations.includes(`SPDXRef-DOCUMENT DESCRIBES ${image}`));
  for (const { name } of webImage.components) assert.ok(relations.includes(`${image} CONTAINS ${name}`), name);
  assert.ok(relations.includes(`${image} CONTAINS debian`));
  assert.equal(packageNamed('debian').primaryPackagePurpose, 'OPERATING_SYSTEM');
});

test('who needs whom points from the one that needs, and the owner contains what it owns', () => {
  assert.ok(relations.includes('org.apache.logging.log4j:log4j-core DEPENDS_ON libssl3'));
  assert.ok(!relations.includes('libssl3 DEPENDS_ON org.apache.logging.log4j:log4j-core'));
  assert.ok(relations.includes('openssl CONTAINS @scope/library'));
});

test('what is for development or optional is so to the artifact', () => {
  assert.ok(relations.includes(`@scope/library DEV_DEPENDENCY_OF ${webImage.artifact.reference}`));
  assert.ok(
    relations.includes(`org.apache.logging.log4j:log4j-core OPTIONAL_DEPENDENCY_OF ${webImage.artifact.reference}`),
  );
  assert.ok(!relations.some((relation) => relation.startsWith('openssl DEV_')));
});

test('licences are one expression, and texts in it are defined', () => {
  assert.match(
    packageNamed('openssl').licenseDeclared,
    /^Apache-2\.0 AND \(Artistic-2\.0 OR GPL-1\.0-or-later\) AND LicenseRef-see-copyright-file-[0-9a-f]{12}$/,
  );
  const defined = document.hasExtractedLicensingInfos.map((each: { extractedText: string }) => each.extractedText);
  assert.deepEqual(defined.toSorted(), ['Apache License', 'LicenseRef-special', 'see copyright file']);
  assert.equal(packageNamed('busybox').licenseDeclared, 'NOASSERTION');
  assert.equal(packageNamed('libssl3').licenseConcluded, 'NOASSERTION');
});

test('a package has its purl, checksums, supplier, homepage and a sentence on where it comes from', () => {
  const libssl = packageNamed('libssl3');
  assert.deepEqual(libssl.externalRefs, [
    {
      referenceCategory: 'PACKAGE-MANAGER',
      referenceType: 'purl',
      referenceLocator: webImage.components.find(({ name }) => name === 'libssl3')?.id,
    },
  ]);
  assert.deepEqual(libssl.checksums, [
    { algorithm: 'MD5', checksumValue: 'a'.repeat(32) },
    { algorithm: 'SHA256', checksumValue: 'b'.repeat(64) },
  ]);
  assert.equal(libssl.versionInfo, '1:3.0.11-1~deb12u2');
  assert.equal(libssl.supplier, 'Person: Jane Doe (jane@example.org)');
  assert.equal(
    libssl.sourceInfo,
    'built from source package openssl 3.0.11-1~deb12u2; found by dpkg in var/lib/dpkg/status',
  );
  assert.equal(libssl.filesAnalyzed, false);
  assert.equal(packageNamed('openssl').homepage, 'https://www.openssl.org/');
  assert.equal(packageNamed('@scope/library').homepage, undefined);
});

test('what could not be found out is annotated', () => {
  const comments: string[] = document.annotations.map((each: { comment: string }) => each.comment);
  assert.equal(comments.length, webImage.unknown.length);
  assert.ok(comments.some((comment) => comment.includes('app/broken.jar')));
  assert.equal(write({ ...webImage, unknown: [] }).annotations, undefined);
});

test('the order of lists does not show, the content does', () => {
  assert.equal(toSpdx(shuffled(webImage), options), toSpdx(webImage, options));
  const other = write({ ...webImage, components: webImage.components.slice(1) });
  assert.notEqual(other.documentNamespace, document.documentNamespace);
});

test('author and tool are the creators', () => {
  assert.deepEqual(document.creationInfo.creators, ['Organization: Plimsoll', 'Tool: plimsoll-1.2.3']);
  assert.equal(write(webImage, { author: 'Example Ltd' }).creationInfo.creators[0], 'Organization: Example Ltd');
  assert.equal(document.creationInfo.created, '2024-05-06T07:08:09Z');
});

test('ten thousand components are written in seconds, not in minutes: nothing is looked up in a list', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `package-${index}`);
  const components = many.map((name, index) =>
    component({
      type: 'npm',
      name,
      version: '1.0.0',
      licenses: ['MIT', `licence ${index}`],
      dependsOn: many
        .slice(index + 1, index + 5)
        .map((other) => purlFor({ type: 'npm', name: other, version: '1.0.0' })),
    }),
  );
  const start = performance.now();
  toSpdx({ ...webImage, components }, options);
  assert.ok(performance.now() - start < 20_000);
});
