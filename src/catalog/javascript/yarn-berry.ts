import type { CatalogFile } from '../cataloger.ts';
import { entriesOf, field, isMapping, jsonOf, malformed, sectionOf, textField, yamlOf } from '../document.ts';
import { type LockedFacts, type LockedPackage, lockedPackages } from '../lock-file.ts';
import { isArchive, npmId, packageFacts, splitAtVersion } from './package-name.ts';

interface Entry {
  readonly descriptors: readonly string[];
  readonly written: unknown;
}

/**
 * The format of yarn 2 to 4. Its `checksum` is of the archive that yarn packs anew, so it is no hash of the package.
 *
 * @throws PlimsollError `catalog/malformed-file`
 */
export function readBerryLock(file: CatalogFile): readonly LockedPackage[] {
  const [document] = yamlOf(file);
  if (!isMapping(document)) throw malformed(file, 'is not a yarn lock file');
  return packagesOf(
    file,
    entriesOf(document).filter(([key]) => key !== '__metadata'),
  );
}

/**
 * The format of yarn 6: the same in JSON, where each entry of `entries` has its checksum apart from its `resolution`.
 *
 * @throws PlimsollError `catalog/malformed-file`
 */
export function readJsonLock(file: CatalogFile): readonly LockedPackage[] {
  const document = jsonOf(file);
  if (field(document, '__metadata') === undefined) throw malformed(file, 'is not a yarn lock file');
  return packagesOf(
    file,
    sectionOf(file, document, 'entries').map(([key, entry]) => [key, field(entry, 'resolution')]),
  );
}

function packagesOf(file: CatalogFile, written: readonly (readonly [string, unknown])[]): readonly LockedPackage[] {
  const entries = written.map(([key, written]): Entry => ({ descriptors: key.split(/,\s*/), written }));
  const byDescriptor = new Map(entries.flatMap((entry) => entry.descriptors.map((name) => [name, entry] as const)));
  return lockedPackages(file, entries, {
    describe: (entry) => describe(file, entry),
    id: npmId,
    *dependencies({ written }) {
      const needs = ['dependencies', 'optionalDependencies'].flatMap((kind) => entriesOf(field(written, kind)));
      for (const [name, range] of needs) {
        // In JSON, and up to version 6 of the other format, ranges of the registry stand here without their protocol.
        const found = byDescriptor.get(`${name}@${range}`) ?? byDescriptor.get(`${name}@npm:${range}`);
        if (found !== undefined) yield found;
      }
    },
  });
}

/**
 * `resolution` is `name@protocol:reference`; patched and virtual packages keep name and version. An alias is resolved to
 * `real@npm:1.2.3`, or to `alias@npm:real@1.2.3`.
 */
function describe(file: CatalogFile, { descriptors, written }: Entry): LockedFacts | undefined {
  const resolution = textField(written, 'resolution');
  if (resolution === undefined) throw malformed(file, `gives ${descriptors[0]?.slice(0, 100)} no resolution`);
  const [name, reference] = splitAtVersion(resolution);
  if (/^(?:workspace|link|portal):/.test(reference)) return undefined;
  if (reference.startsWith('file:') && !isArchive(reference)) return undefined;
  const real = /^npm:((?:@[^/@]+\/)?[^/@:]+)@/.exec(reference)?.[1];
  return packageFacts(file, real ?? name, textField(written, 'version') ?? '');
}
