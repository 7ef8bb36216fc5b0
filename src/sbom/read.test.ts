import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { toCycloneDx } from './cyclonedx.ts';
import { inOrder } from './document.ts';
import type { Inventory } from './evidence.ts';
import { readSbom } from './read.ts';
import { toSpdx } from './spdx.ts';
import { inventoriesWith, oddText, webImage } from './testing.ts';

const options = { toolVersion: '1.2.3' };
const read = (text: string) => readSbom(Buffer.from(text), 'file.json');
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
const minimal = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ type: 'library', name: 'a' }] };

const writers = [
  ['CycloneDX', (inventory: Inventory) => toCycloneDx(inventory, options)],
  ['SPDX', (inventory: Inventory) => toSpdx(inventory, options)],
] as const;

for (const [format, write] of writers) {
  test(`${format}: what was written is read back: components, distribution, and what is unknown`, () => {
    const back = read(write(webImage));
    const { components, distro, unknown } = inOrder(webImage);
    assert.deepEqual(plain(back.components), plain(components));
    assert.deepEqual(plain(back.distro), plain(distro));
    assert.deepEqual(plain(back.unknown), plain(unknown));
  });

  test(`${format}: any component survives, with odd names too`, () => {
    // A text of nothing but blanks says nothing, and is not kept.
    const said = oddText.filter((text) => text.trim() === text && text !== '');
    fc.assert(
      fc.property(inventoriesWith(said), (inventory) => {
        const back = read(write(inventory));
        assert.deepEqual(plain(back.components), plain(inOrder(inventory).components));
        assert.deepEqual(plain(back.unknown), plain(inOrder(inventory).unknown));
        if (inventory.distro !== undefined) assert.deepEqual(plain(back.distro), plain(inventory.distro));
      }),
    );
  });

  test(`${format}: the document is what was inspected now, and says what it describes`, () => {
    const { artifact } = read(write(webImage));
    assert.equal(artifact.kind, 'sbom');
    assert.match(artifact.digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(artifact.subject, `${webImage.artifact.reference}@${webImage.artifact.digest}`);
  });

  test(`${format}: a document that was changed anywhere is read, or refused by a PlimsollError`, () => {
    const document = JSON.parse(write(webImage));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(fc.nat(40), { maxLength: 7 }), fc.jsonValue()), { maxLength: 6 }),
        (changes) => {
          const changed = changes.reduce((value, [path, other]) => replaced(value, path, other), document);
          orPlimsollError(() => read(JSON.stringify(changed)));
        },
      ),
    );
  });
}

test('any bytes are read, or refused by a PlimsollError', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => orPlimsollError(() => readSbom(bytes, 'x'))));
  fc.assert(fc.property(fc.json(), (json) => orPlimsollError(() => read(json))));
  const member = fc.constantFrom('components', 'packages', 'metadata', 'dependencies', 'relationships', 'annotations');
  fc.assert(
    fc.property(fc.dictionary(member, fc.jsonValue()), fc.boolean(), (members, spdx) => {
      const kind = spdx ? { spdxVersion: 'SPDX-2.3' } : { bomFormat: 'CycloneDX', specVersion: '1.5' };
      orPlimsollError(() => read(JSON.stringify({ ...kind, ...members })));
    }),
  );
});

test('what is no SBOM that can be read is named', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['', 'sbom/not-json', /is empty/],
    ['\n', 'sbom/not-json', /is empty/],
    ['{"bomFormat": "CycloneDX", "specVers', 'sbom/not-json', /not JSON/],
    ['[]', 'sbom/unsupported-format', /no JSON object/],
    [
      '{}',
      'sbom/unsupported-format',
      /^file\.json cannot be read as an SBOM: it is neither a CycloneDX nor an SPDX document$/,
    ],
    ['<?xml version="1.0"?><bom/>', 'sbom/unsupported-format', /XML/],
    ['SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0', 'sbom/unsupported-format', /tag-value/],
    ['{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}', 'sbom/unsupported-format', /SPDX 3/],
    ['{"spdxVersion": "SPDX-2.1"}', 'sbom/unsupported-format', /SPDX-2\.1/],
    ['{"bomFormat": "CycloneDX", "specVersion": "2.0"}', 'sbom/unsupported-format', /CycloneDX 2\.0/],
    ['{"bomFormat": "CycloneDX"}', 'sbom/unsupported-format', /without a version/],
    ['{"artifacts": [], "descriptor": {"name": "syft"}}', 'sbom/unsupported-format', /Syft/],
    ['{"SchemaVersion": 2, "Results": []}', 'sbom/unsupported-format', /Trivy/],
    ['{"payloadType": "application/vnd.in-toto+json", "payload": ""}', 'sbom/unsupported-format', /envelope/],
    ['{"lockfileVersion": 3, "packages": {}}', 'sbom/unsupported-format', /lock file/],
  ];
  for (const [text, code, message] of cases) {
    assert.throws(
      () => read(text),
      (thrown) => {
        assert.ok(thrown instanceof PlimsollError);
        assert.equal(thrown.code, code, text);
        assert.match(thrown.message, message);
        assert.match(thrown.hint, /CycloneDX JSON/);
        return true;
      },
    );
  }
});

test('CycloneDX 1.2 to 1.7 and SPDX 2.2 and 2.3 are read', () => {
  for (const specVersion of ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7']) {
    assert.equal(read(JSON.stringify({ ...minimal, specVersion })).components.length, 1, specVersion);
  }
  for (const spdxVersion of ['SPDX-2.2', 'SPDX-2.3']) {
    const packages = [{ SPDXID: 'SPDXRef-a', name: 'a' }];
    assert.equal(read(JSON.stringify({ spdxVersion, packages })).components.length, 1, spdxVersion);
  }
});

test('a document in the answer of an API, in an attestation, or behind a byte order mark is found', () => {
  const texts = [
    JSON.stringify({ sbom: minimal }),
    JSON.stringify({ SPDX: { spdxVersion: 'SPDX-2.3', packages: [{ name: 'a', SPDXID: 'SPDXRef-a' }] } }),
    JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', predicate: minimal }),
    `\uFEFF${JSON.stringify(minimal)}`,
    `\n  ${JSON.stringify(minimal)}\n`,
  ];
  for (const text of texts) assert.equal(read(text).components[0]?.name, 'a', text.slice(0, 40));
  const utf16 = Buffer.from(`\uFEFF${JSON.stringify(minimal)}`, 'utf16le');
  assert.equal(readSbom(utf16, 'x').components[0]?.name, 'a');
});

test('the number of components is bounded, nested ones included', () => {
  const many = Array.from({ length: limits.componentsPerFile + 1 }, () => ({ name: 'a' }));
  const nested = [{ name: 'a', components: many }];
  for (const document of [
    { ...minimal, components: many },
    { ...minimal, components: nested },
    { spdxVersion: 'SPDX-2.3', packages: many },
  ]) {
    assert.throws(() => read(JSON.stringify(document)), { name: 'PlimsollError', code: 'sbom/too-many-components' });
  }
});

test('components nested beyond any reason are listed all the same', () => {
  const depth = 50_000;
  const deep = `${'{"name":"a","components":['.repeat(depth)}${']}'.repeat(depth)}`;
  assert.equal(read(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[${deep}]}`).components.length, 1);
  assert.throws(() => read('['.repeat(500_000)), { name: 'PlimsollError', code: 'sbom/not-json' });
});

test('names like those of objects do no harm', () => {
  const components = ['__proto__', 'constructor', 'toString'].map((name) => ({
    name,
    'bom-ref': name,
    purl: `pkg:npm/${name}@1?__proto__=x&constructor=y`,
    properties: [{ name: '__proto__', value: 'polluted' }],
  }));
  const dependencies = [{ ref: '__proto__', dependsOn: ['constructor', 'hasOwnProperty'] }];
  const { components: found } = read(JSON.stringify({ ...minimal, components, dependencies }));
  assert.deepEqual(found.map(({ name }) => name).toSorted(), ['__proto__', 'constructor', 'toString']);
  assert.deepEqual(found.find(({ name }) => name === '__proto__')?.dependsOn.length, 1);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
});

function orPlimsollError(call: () => unknown): void {
  try {
    call();
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
  }
}

/** `value` with what stands at `path` (the how-manieth member at each step) replaced by `other`. */
function replaced(value: unknown, path: readonly number[], other: unknown): unknown {
  const [at, ...rest] = path;
  if (at === undefined || typeof value !== 'object' || value === null) return other;
  const entries = Object.entries(value);
  const changed = entries.map(
    ([key, each], index) => [key, index === at % entries.length ? replaced(each, rest, other) : each] as const,
  );
  return Array.isArray(value) ? changed.map(([, each]) => each) : Object.fromEntries(changed);
}

test('a document whose Debian or Alpine packages name no source packages is in doubt, unless its tool leaves out equal ones', () => {
  const withPackages = (tool: string, ...purls: readonly string[]) =>
    read(
      JSON.stringify({
        ...minimal,
        metadata: { tools: [{ name: tool }] },
        components: purls.map((purl) => ({ type: 'library', name: 'a', purl })),
      }),
    ).unknown.map((each) => (each.kind === 'unread-file' ? each.reason : each.kind));
  const [deb, apk] = ['pkg:deb/debian/libssl3@3.0?distro=debian-12', 'pkg:apk/alpine/libssl3@3.0?distro=alpine-3.20'];
  for (const purl of [deb, apk]) {
    assert.match(withPackages('other', purl).join(), /source packages/);
    assert.deepEqual(withPackages('other', purl, `${deb}&upstream=openssl`), []);
    assert.deepEqual(withPackages('syft', purl), []);
  }
  assert.deepEqual(withPackages('other', 'pkg:rpm/almalinux/openssl-libs@3.0', 'pkg:npm/a@1'), []);
});
