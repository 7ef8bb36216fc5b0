import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import currentIds from 'spdx-license-ids/index.json' with { type: 'json' };
import { toCycloneDx } from './cyclonedx.ts';
import { purlFor } from './purl.ts';
import { component, cyclonedxMistakes, finding, inventoriesWith, oddText, shuffled, webImage } from './testing.ts';

const options = { toolVersion: '1.2.3' };
const write = (inventory: Parameters<typeof toCycloneDx>[0], more: Partial<Parameters<typeof toCycloneDx>[1]> = {}) =>
  JSON.parse(toCycloneDx(inventory, { ...options, ...more }));
const document = write(webImage, { findings: [finding] });
const componentNamed = (name: string) => document.components.find((each: { name: string }) => each.name === name);
const propertiesOf = (given: { properties?: { name: string; value: string }[] }) =>
  Object.fromEntries((given.properties ?? []).map(({ name, value }) => [name, value]));

test('the document holds to the schema of CycloneDX 1.6', () => {
  assert.equal(cyclonedxMistakes(document), '');
  assert.equal(document.specVersion, '1.6');
  assert.notEqual(cyclonedxMistakes({ ...document, components: [{ name: 'without a type' }] }), '');
});

test('any inventory, however odd its names, gives a valid document', () => {
  fc.assert(
    fc.property(inventoriesWith(oddText), (inventory) => {
      assert.equal(cyclonedxMistakes(write(inventory)), '');
    }),
  );
});

test('every licence of the list that the expression parser knows is one that the schema knows', () => {
  const licenses = [...currentIds, ...deprecatedIds];
  const written = write({ ...webImage, components: [component({ type: 'npm', name: 'a', licenses })] });
  assert.equal(written.components.at(-1).licenses.length, licenses.length);
  assert.equal(cyclonedxMistakes(written), '');
});

test('licences are ids and names, or one expression', () => {
  assert.deepEqual(componentNamed('openssl').licenses, [
    { license: { id: 'Apache-2.0', acknowledgement: 'declared' } },
    { license: { name: 'Artistic-2.0 OR GPL-1.0-or-later', acknowledgement: 'declared' } },
    { license: { name: 'see copyright file', acknowledgement: 'declared' } },
  ]);
  assert.deepEqual(componentNamed('libssl3').licenses, [
    { expression: '(MIT AND ISC) AND Zlib', acknowledgement: 'declared' },
  ]);
  assert.equal(componentNamed('busybox').licenses, undefined);
});

test('names are split as users of CycloneDX expect', () => {
  const { group, name, version, purl } = componentNamed('library');
  assert.deepEqual(
    { group, name, version, purl },
    { group: '@scope', name: 'library', version: '1.0.0', purl: 'pkg:npm/%40scope/library@1.0.0' },
  );
  assert.equal(componentNamed('log4j-core').group, 'org.apache.logging.log4j');
  assert.equal(componentNamed('github.com/BurntSushi/toml/v2').group, undefined);
});

test('development is excluded, optional is optional, and what is needed says nothing', () => {
  assert.equal(componentNamed('library').scope, 'excluded');
  assert.equal(componentNamed('log4j-core').scope, 'optional');
  assert.equal(componentNamed('openssl').scope, undefined);
});

test('a component says where it was found, and what the format has no field for', () => {
  assert.deepEqual(componentNamed('library').evidence.occurrences, [
    { location: 'app/node_modules/@scope/library/package.json', additionalContext: 'layer 1' },
    { location: 'srv/app.war!/WEB-INF/library', additionalContext: 'layer 1' },
  ]);
  const library = propertiesOf(componentNamed('library'));
  assert.match(library['plimsoll:ownedBy'] ?? '', /^pkg:deb\/debian\/openssl@/);
  assert.equal(library['plimsoll:homepage'], 'ask in the office');
  assert.equal(propertiesOf(componentNamed('libssl3'))['plimsoll:source:name'], 'openssl');
  assert.equal(propertiesOf(componentNamed('github.com/BurntSushi/toml/v2'))['plimsoll:embedded'], 'true');
  assert.deepEqual(componentNamed('openssl').externalReferences, [
    { type: 'website', url: 'https://www.openssl.org/' },
  ]);
});

test('the image is the subject, with its digest, layers and labels', () => {
  const { component: subject } = document.metadata;
  assert.equal(subject.type, 'container');
  assert.match(subject.purl, /^pkg:oci\/web@sha256:1{64}\?/);
  assert.deepEqual(subject.hashes, [{ alg: 'SHA-256', content: '1'.repeat(64) }]);
  const properties = propertiesOf(subject);
  assert.equal(properties['plimsoll:layer:0:createdBy'], 'ADD rootfs /');
  assert.equal(properties['plimsoll:label:maintainer'], 'team');
});

test('every component stands in the graph, and the subject leads to those that nobody else needs', () => {
  const graph = new Map<string, string[]>(
    document.dependencies.map((each: { ref: string; dependsOn?: string[] }) => [each.ref, each.dependsOn ?? []]),
  );
  const ids = webImage.components.map(({ id }) => id);
  for (const id of ids) assert.ok(graph.has(id), id);
  const needed = new Set(ids.flatMap((id) => graph.get(id) ?? []));
  assert.deepEqual(
    graph.get('subject')?.filter((ref) => ref.startsWith('pkg:')),
    ids.filter((id) => !needed.has(id)),
  );
});

test('an inventory with something unread is incomplete; without, it is not called complete', () => {
  const aggregate = (unknown: (typeof webImage.unknown)[number][]) =>
    write({ ...webImage, unknown }).compositions.map((each: { aggregate: string }) => each.aggregate);
  const [file, , noVersion] = webImage.unknown;
  assert.deepEqual(aggregate([file]), ['incomplete', 'unknown']);
  assert.deepEqual(aggregate([noVersion]), ['unknown', 'unknown']);
  assert.deepEqual(aggregate([]), ['unknown', 'unknown']);
});

test('what could not be found out stands in the document', () => {
  const values = document.metadata.properties.map((each: { value: string }) => JSON.parse(each.value).kind);
  assert.deepEqual(values, ['no-advisories', 'no-version', 'unread-file', 'unread-layer']);
});

test('the order of lists does not show, the content does', () => {
  const first = toCycloneDx(webImage, { ...options, findings: [finding] });
  assert.equal(toCycloneDx(shuffled(webImage), { ...options, findings: [finding] }), first);
  const other = { ...webImage, components: webImage.components.slice(1) };
  assert.notEqual(write(other).serialNumber, write(webImage).serialNumber);
  assert.equal(write(webImage).serialNumber, write(webImage).serialNumber);
});

test('the given time, number and author are in it', () => {
  const serialNumber = '3e671687-395b-41f5-a30f-a58921a69b79';
  const given = write(webImage, { timestamp: '2020-01-01T00:00:00Z', serialNumber, author: 'Example Ltd' });
  assert.equal(given.metadata.timestamp, '2020-01-01T00:00:00Z');
  assert.equal(given.serialNumber, `urn:uuid:${serialNumber}`);
  assert.deepEqual(given.metadata.authors, [{ name: 'Example Ltd' }]);
});

test('a finding is a vulnerability, with all that is known of it', () => {
  const [vulnerability] = document.vulnerabilities;
  assert.equal(vulnerability.id, 'CVE-2021-44228');
  assert.deepEqual(vulnerability.source, { name: 'NVD', url: 'https://nvd.nist.gov/vuln/detail/CVE-2021-44228' });
  assert.equal(vulnerability.references[0].id, 'GHSA-jfh8-c2jp-5v3q');
  assert.deepEqual(vulnerability.ratings, [
    {
      source: { name: 'GHSA-jfh8-c2jp-5v3q' },
      score: 10,
      severity: 'critical',
      method: 'CVSSv31',
      vector: finding.severity.vector,
    },
  ]);
  assert.equal(vulnerability.recommendation, 'Update org.apache.logging.log4j:log4j-core to 2.15.0 or later.');
  assert.deepEqual(vulnerability.affects, [
    { ref: finding.component, versions: [{ version: '2.14.1', status: 'affected' }] },
  ]);
  const properties = propertiesOf(vulnerability);
  assert.equal(properties['plimsoll:exploited:ransomware'], 'true');
  assert.equal(properties['plimsoll:epss:score'], '0.97');
});

test('one vulnerability names all components with the same facts; other facts are another entry', () => {
  const other = { ...finding, component: 'pkg:generic/busybox' };
  const unfixed = { ...finding, fix: { state: 'wont-fix', reason: 'end of life' } } as const;
  const { vulnerabilities } = write(webImage, { findings: [unfixed, other, finding] });
  assert.equal(vulnerabilities.length, 2);
  assert.equal(new Set(vulnerabilities.map((each: { 'bom-ref': string }) => each['bom-ref'])).size, 2);
  const affected = vulnerabilities.map((each: { affects: unknown[] }) => each.affects.length);
  assert.deepEqual(affected.toSorted(), [1, 2]);
});

test('no findings are said to be none, and without a search the document is silent', () => {
  assert.deepEqual(write(webImage, { findings: [] }).vulnerabilities, []);
  assert.equal(write(webImage).vulnerabilities, undefined);
});

test('a finding without data is rated unknown, and stays valid with odd vectors and pages', () => {
  const odd = {
    ...finding,
    severity: { level: 'unknown', vector: 'nonsense' },
    fix: { state: 'unknown' },
    published: 'soon',
    advisories: [{ id: 'X-1', url: 'not an address' }],
  } as const;
  const written = write(webImage, { findings: [odd] });
  assert.equal(cyclonedxMistakes(written), '');
  assert.equal(written.vulnerabilities[0].ratings[0].severity, 'unknown');
  assert.equal(written.vulnerabilities[0].ratings[0].method, 'other');
  assert.equal(written.vulnerabilities[0].published, undefined);
});

test('ten thousand components are written in seconds, not in minutes: nothing is looked up in a list', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `package-${index}`);
  const components = names.map((name, index) =>
    component({
      type: 'npm',
      name,
      version: '1.0.0',
      licenses: ['MIT', `licence ${index}`],
      locations: [{ path: `app/${name}`, layer: 0 }],
      dependsOn: names
        .slice(index + 1, index + 5)
        .map((other) => purlFor({ type: 'npm', name: other, version: '1.0.0' })),
    }),
  );
  const start = performance.now();
  toCycloneDx({ ...webImage, components }, options);
  assert.ok(performance.now() - start < 20_000);
});
