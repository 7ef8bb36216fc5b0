/** For the tests of documents: an inventory that uses every field, inventories of all sorts, and the official schemas. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { PlimsollError } from '../error.ts';
import { type Component, type PackageType, packageTypes } from './component.ts';
import type { Artifact, Inventory, Unknown } from './evidence.ts';
import type { Finding } from './finding.ts';
import { purlFor } from './purl.ts';

export const debian = {
  id: 'debian',
  versionId: '12',
  codename: 'bookworm',
  idLike: [],
  name: 'Debian GNU/Linux',
} as const;

type Given = Partial<Component> & Pick<Component, 'type' | 'name'>;

export function component(given: Given): Component {
  const distro = ['deb', 'apk', 'rpm'].includes(given.type) ? debian : undefined;
  return {
    id: purlFor(given, distro),
    licenses: [],
    hashes: [],
    locations: [],
    dependsOn: [],
    foundBy: 'test',
    ...given,
  };
}

const openssl = component({
  type: 'deb',
  name: 'openssl',
  version: '3.0.11-1~deb12u2',
  architecture: 'amd64',
  licenses: ['Apache-2.0', 'Artistic-2.0 OR GPL-1.0-or-later', 'see copyright file'],
  supplier: 'Debian OpenSSL Team <pkg-openssl-devel@alioth-lists.debian.net>',
  homepage: 'https://www.openssl.org/',
  foundBy: 'dpkg',
});

const libssl = component({
  type: 'deb',
  name: 'libssl3',
  version: '1:3.0.11-1~deb12u2',
  source: { name: 'openssl', version: '3.0.11-1~deb12u2' },
  architecture: 'amd64',
  supplier: 'Jane Doe <jane@example.org>',
  licenses: ['MIT AND ISC', 'Zlib'],
  hashes: [
    { algorithm: 'SHA-256', value: 'b'.repeat(64) },
    { algorithm: 'MD5', value: 'a'.repeat(32) },
  ],
  locations: [{ path: 'var/lib/dpkg/status', layer: 0 }],
  foundBy: 'dpkg',
});

const library = component({
  type: 'npm',
  name: '@scope/library',
  version: '1.0.0',
  licenses: ['MIT'],
  scope: 'development',
  homepage: 'ask in the office',
  locations: [
    { path: 'app/node_modules/@scope/library/package.json', layer: 1 },
    { path: 'srv/app.war!/WEB-INF/library', layer: 1 },
  ],
  dependsOn: [libssl.id],
  ownedBy: openssl.id,
  foundBy: 'npm-modules',
});

const log4j = component({
  type: 'maven',
  name: 'org.apache.logging.log4j:log4j-core',
  version: '2.14.1',
  licenses: ['Apache License', 'LicenseRef-special'],
  scope: 'optional',
  dependsOn: [library.id, libssl.id],
});

const goModule = component({
  type: 'golang',
  name: 'github.com/BurntSushi/toml/v2',
  version: 'v2.0.0',
  embedded: true,
});

const modular = component({
  type: 'rpm',
  name: 'nodejs',
  version: '1:12.22.3-2.el8',
  source: { name: 'nodejs' },
  architecture: 'x86_64',
  module: 'nodejs:12:8030020201124152102:229f0a1c',
});

const noVersion = component({ type: 'generic', name: 'busybox' });

/** Every field of the model is used in it somewhere. */
export const webImage = {
  artifact: {
    kind: 'image',
    reference: 'registry.example.org/team/web:1.2',
    digest: `sha256:${'1'.repeat(64)}`,
    indexDigest: `sha256:${'2'.repeat(64)}`,
    platform: 'linux/amd64',
    created: '2024-05-06T07:08:09.123456789Z',
    labels: { 'org.opencontainers.image.title': 'web', maintainer: 'team' },
    layers: [
      { digest: `sha256:${'3'.repeat(64)}`, diffId: `sha256:${'4'.repeat(64)}`, size: 10, createdBy: 'ADD rootfs /' },
      { digest: `sha256:${'5'.repeat(64)}`, size: 20 },
    ],
  },
  distro: debian,
  components: [openssl, libssl, library, log4j, goModule, modular, noVersion].toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  ),
  unknown: [
    { kind: 'unread-file', path: 'app/broken.jar', layer: 1, cataloger: 'java-archive', reason: 'not a ZIP archive' },
    { kind: 'unread-layer', layer: 1, reason: 'a foreign layer' },
    { kind: 'no-version', component: noVersion.id, reason: 'the file does not say' },
    { kind: 'no-advisories', ecosystem: 'Plan 9', components: 3, reason: 'no feed' },
  ],
} as const satisfies Inventory;

export const finding: Finding = {
  id: 'CVE-2021-44228',
  names: ['CVE-2021-44228', 'GHSA-jfh8-c2jp-5v3q'],
  kind: 'vulnerability',
  component: log4j.id,
  matched: { ecosystem: 'Maven', package: 'org.apache.logging.log4j:log4j-core', version: '2.14.1' },
  summary: 'Lookups in log messages run code from elsewhere',
  severity: {
    level: 'critical',
    score: 10,
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
    source: 'GHSA-jfh8-c2jp-5v3q',
  },
  fix: { state: 'fixed', version: '2.15.0', since: '2021-12-10T00:40:56Z' },
  exploited: { since: '2021-12-10', due: '2021-12-24', ransomware: true },
  epss: { score: 0.97, percentile: 0.99 },
  published: '2021-12-10T00:40:56Z',
  modified: '2024-01-01T00:00:00Z',
  advisories: [{ id: 'GHSA-jfh8-c2jp-5v3q', url: 'https://github.com/advisories/GHSA-jfh8-c2jp-5v3q' }],
};

/**
 * What catalogers could give from hostile input: odd names, control characters, empty lists. Ids are unique. `anyText`
 * fills every field of text.
 */
export function inventoriesWith(anyText: fc.Arbitrary<string>): fc.Arbitrary<Inventory> {
  const someName = fc.oneof(
    fc.constantFrom(
      'left-pad',
      '@scope/name',
      'org.group:artifact',
      'a/b/c',
      'Foo.Bar_baz',
      'name with blanks',
      '名前',
    ),
    anyText,
  );
  const license = fc.oneof(
    fc.constantFrom('MIT', 'GPL-2.0', 'MIT OR Apache-2.0', 'MIT AND ISC', 'LicenseRef-own', 'GPL-2.0-only WITH x', ' '),
    anyText,
  );
  const location = fc.record({ path: anyText, layer: fc.option(fc.nat(9), { nil: undefined }) });
  const hash = fc.oneof(
    fc.constantFrom(
      { algorithm: 'SHA-1', value: 'c'.repeat(40) } as const,
      { algorithm: 'SHA-512', value: 'd'.repeat(128) } as const,
    ),
    fc.record({ algorithm: fc.constantFrom('MD5' as const), value: anyText }),
  );

  const someComponent: fc.Arbitrary<Component | undefined> = fc
    .record({
      type: fc.constantFrom<PackageType>(...packageTypes),
      name: someName,
      version: fc.option(fc.oneof(fc.constantFrom('1.0.0', '1:2.3-4~rc1+b2', 'v'.repeat(1100)), anyText), {
        nil: undefined,
      }),
      source: fc.option(fc.record({ name: anyText, version: fc.option(anyText, { nil: undefined }) }), {
        nil: undefined,
      }),
      architecture: fc.option(anyText, { nil: undefined }),
      module: fc.option(anyText, { nil: undefined }),
      licenses: fc.array(license, { maxLength: 4 }),
      supplier: fc.option(fc.oneof(fc.constantFrom('A B <a@b.c>', 'A (a@b.c)', 'NONE'), anyText), { nil: undefined }),
      homepage: fc.option(fc.oneof(fc.webUrl(), anyText), { nil: undefined }),
      hashes: fc.array(hash, { maxLength: 3 }),
      scope: fc.constantFrom(undefined, 'development' as const, 'optional' as const),
      locations: fc.array(location, { maxLength: 3 }),
      embedded: fc.constantFrom(undefined, true as const),
      foundBy: anyText,
    })
    .map((fields) => {
      try {
        return component(fields);
      } catch (thrown) {
        // Some names are none in their ecosystem: a cataloger reports them, and no component comes of it.
        if (thrown instanceof PlimsollError) return undefined;
        throw thrown;
      }
    });

  const someUnknown: fc.Arbitrary<Unknown> = fc.oneof(
    fc.record({ kind: fc.constant('unread-file' as const), path: anyText, cataloger: anyText, reason: anyText }),
    fc.record({ kind: fc.constant('unread-layer' as const), layer: fc.nat(9), reason: anyText }),
    fc.record({ kind: fc.constant('no-version' as const), component: anyText, reason: anyText }),
  );

  const someArtifact: fc.Arbitrary<Artifact> = fc.oneof(
    fc.record({
      kind: fc.constant('image' as const),
      reference: fc.oneof(fc.constantFrom('alpine:3.20', 'registry:ghcr.io/a/b@sha256:0', 'oci:x:y', '-', ''), anyText),
      digest: fc.constantFrom(`sha256:${'1'.repeat(64)}`, 'sha512:0', ''),
      platform: fc.constantFrom('linux/amd64', 'linux/arm64/v8', ''),
      created: fc.option(fc.oneof(fc.constantFrom('0001-01-01T00:00:00Z', '+99999-01-01T00:00:00Z'), anyText), {
        nil: undefined,
      }),
      labels: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
      layers: fc.array(fc.record({ digest: anyText, size: fc.nat(), createdBy: anyText }), { maxLength: 2 }),
    }),
    fc.record({
      kind: fc.constant('directory' as const),
      reference: fc.oneof(fc.constantFrom('.', '/', '..'), anyText),
    }),
    fc.record({ kind: fc.constant('file' as const), reference: anyText, digest: anyText }),
    fc.record({ kind: fc.constant('sbom' as const), reference: anyText, digest: anyText, subject: anyText }),
  );

  const someDistro = fc.record({
    id: anyText,
    versionId: fc.option(anyText, { nil: undefined }),
    codename: fc.option(anyText, { nil: undefined }),
    idLike: fc.array(anyText, { maxLength: 2 }),
    name: anyText,
  });

  return fc
    .record({
      artifact: someArtifact,
      distro: fc.option(someDistro, { nil: undefined }),
      found: fc.array(fc.tuple(someComponent, fc.array(fc.nat(9), { maxLength: 3 }), fc.option(fc.nat(9))), {
        maxLength: 8,
      }),
      unknown: fc.array(someUnknown, { maxLength: 3 }),
    })
    .map(({ artifact, distro, found, unknown }) => {
      const all = found.flatMap(([each]) => each ?? []);
      const unique = new Map(all.map((each) => [each.id, each]));
      const at = (index: number) => all[index % Math.max(all.length, 1)]?.id;
      const components = found.flatMap(([each, needs, owner]) =>
        each === undefined || unique.get(each.id) !== each
          ? []
          : [
              {
                ...each,
                dependsOn: needs.flatMap((index) => at(index) ?? []),
                ownedBy: owner === null ? undefined : at(owner),
              },
            ],
      );
      return { artifact, distro, components, unknown };
    });
}

/** The same inventory with every list in another order. */
export function shuffled(inventory: Inventory): Inventory {
  return {
    ...inventory,
    components: inventory.components.toReversed().map((each) => ({
      ...each,
      licenses: each.licenses.toReversed(),
      hashes: each.hashes.toReversed(),
      locations: each.locations.toReversed(),
      dependsOn: each.dependsOn.toReversed(),
    })),
    unknown: inventory.unknown.toReversed(),
  };
}

export const oddText = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });

const require = createRequire(import.meta.url);
const cyclonedxFolder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res', 'schema');

/** Validates against CycloneDX 1.6, and returns what is wrong. */
export const cyclonedxMistakes = mistakes(
  join(cyclonedxFolder, 'bom-1.6.SNAPSHOT.schema.json'),
  ['spdx', 'jsf-0.82'].map((name) => join(cyclonedxFolder, `${name}.SNAPSHOT.schema.json`)),
);

/** Validates against SPDX 2.3, and returns what is wrong. */
export const spdxMistakes = mistakes(join(import.meta.dirname, '../../test/schemas/spdx-2.3.schema.json'), []);

function mistakes(schema: string, others: readonly string[]): (document: unknown) => string {
  let validate: ValidateFunction | undefined;
  return (document) => {
    validate ??= validator(schema, others);
    return validate(document) ? '' : JSON.stringify(validate.errors?.slice(0, 3));
  };
}

function validator(schema: string, others: readonly string[]): ValidateFunction {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // What we write in their place is plain ASCII: the stricter formats of the same shape hold too.
  ajv.addFormat('iri-reference', /^(?:[\w.~:/?#@!$&'()*+,;=[\]-]|%[0-9A-Fa-f]{2})*$/);
  ajv.addFormat('idn-email', /^[^@\s]+@[^@\s]+$/);
  for (const other of others) {
    // Under the name by which the main schema refers to it.
    ajv.addSchema(JSON.parse(readFileSync(other, 'utf8')), `http://cyclonedx.org/schema/${basename(other)}`);
  }
  return ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
}
