/** NTIA, "The Minimum Elements For a Software Bill of Materials" (2021), "Data Fields". */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCycloneDx } from './cyclonedx.ts';
import { toSpdx } from './spdx.ts';
import { webImage } from './testing.ts';

const options = { toolVersion: '1.2.3' };

interface Elements {
  readonly supplier: unknown;
  readonly name: unknown;
  readonly version: unknown;
  readonly identifier: unknown;
  readonly related: boolean;
}

/** The data fields of each component, by purl, with those of the document. */
function fromCycloneDx(): { author: unknown; timestamp: unknown; components: Map<unknown, Elements> } {
  const { metadata, components, dependencies } = JSON.parse(toCycloneDx(webImage, options));
  const refs = new Set(dependencies.map((each: { ref: string }) => each.ref));
  const notStated = (each: { properties?: { name: string; value: string }[] }, field: string) =>
    each.properties?.some(({ name, value }) => name === 'plimsoll:notStated' && value === field)
      ? 'not stated'
      : undefined;
  return {
    author: metadata.authors[0].name,
    timestamp: metadata.timestamp,
    components: new Map(
      components.slice(1).map((each: Record<string, never>) => [
        each['purl'],
        {
          supplier: each['supplier']?.['name'] ?? notStated(each, 'supplier'),
          name: each['name'],
          version: each['version'] ?? notStated(each, 'version'),
          identifier: each['purl'],
          related: refs.has(each['bom-ref']),
        },
      ]),
    ),
  };
}

function fromSpdx(): ReturnType<typeof fromCycloneDx> {
  const { creationInfo, packages, relationships } = JSON.parse(toSpdx(webImage, options));
  const related = new Set(
    relationships.flatMap((each: { spdxElementId: string; relatedSpdxElement: string }) => [
      each.spdxElementId,
      each.relatedSpdxElement,
    ]),
  );
  return {
    author: creationInfo.creators[0],
    timestamp: creationInfo.created,
    components: new Map(
      packages.slice(2).map((each: Record<string, never>) => {
        const purl = each['externalRefs']?.[0]?.['referenceLocator'];
        const { supplier, name, versionInfo, SPDXID } = each;
        // SPDX 2.3, 7.3: a package without a version has no such field.
        const version = versionInfo ?? 'not stated';
        return [purl, { supplier, name, version, identifier: purl, related: related.has(SPDXID) }];
      }),
    ),
  };
}

for (const [format, read] of [
  ['CycloneDX', fromCycloneDx],
  ['SPDX', fromSpdx],
] as const) {
  test(`${format}: author, time, and of each component supplier, name, version, identifier and relationship`, () => {
    const { author, timestamp, components } = read();
    assert.match(String(author), /Plimsoll/);
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(components.size, webImage.components.length);
    for (const { id, supplier, version } of webImage.components) {
      const elements = components.get(id);
      assert.ok(elements !== undefined, id);
      assert.equal(elements.identifier, id);
      assert.ok(elements.related, id);
      assert.ok(typeof elements.name === 'string' && elements.name !== '', id);
      // What nobody stated is said to be that.
      if (supplier === undefined) assert.match(String(elements.supplier), /^(?:not stated|NOASSERTION)$/, id);
      else assert.ok(String(elements.supplier).includes(supplier.split(' <')[0] ?? ''), id);
      assert.equal(elements.version, version ?? 'not stated', id);
    }
  });
}
