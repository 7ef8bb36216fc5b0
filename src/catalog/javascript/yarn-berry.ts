import type { CatalogFile } from '../cataloger.ts';
import { entriesOf, field, isMapping, malformed, textField, yamlOf } from '../document.ts';
import { type LockedFacts, type LockedPackage, lockedPackages } from '../lock-file.ts';
import { isArchive, npmId, packageFacts, splitAtVersion } from './package-name.ts';

interface Entry {
  readonly descriptors: readonly string[];
  readonly written: unknown;
}

/**
 * The format of yarn 2 and later. Its `checksum` is of the archive that yarn packs anew, so it is no hash of the package.
 *
 * @throws PlimsollError `catalog/malformed-file`
 */
export function readBerryLock(file: CatalogFile): readonly LockedPackage[] {
  const [document] = yamlOf(file);
  if (!isMapping(document)) throw malformed(file, 'is not a yarn lock file');
  const entries = entriesOf(document)
    .filter(([key]) => key !== '__metadata')
    .map(([key, written]): Entry => ({ descriptors: key.split(/,\s*/), written }));
  const byDescriptor = new Map(entries.flatMap((entry) => entry.descriptors.map((name) => [name, entry] as const)));
  return lockedPackages(file, entries, {
    describe: (entry) => describe(file, entry),
    id: npmId,
    *dependencies({ written }) {
      for (const [name, range] of entriesOf(field(written, 'dependencies'))) {
        // Up to version 6 of the format, ranges of the registry stand here without their protocol.
        const found = byDescriptor.get(`${name}@${range}`) ?? byDescriptor.get(`${name}@npm:${range}`);
        if (found !== undefined) yield found;
      }
    },
  });
}

/** `resolution` is `name@protocol:reference`; patched and virtual packages keep name and version. */
function describe(file: CatalogFile, { descriptors, written }: Entry): LockedFacts | undefined {
  const resolution = textField(written, 'resolution');
  if (resolution === undefined) throw malformed(file, `gives ${descriptors[0]?.slice(0, 100)} no resolution`);
  const [name, reference] = splitAtVersion(resolution);
  if (/^(?:workspace|link|portal):/.test(reference)) return undefined;
  if (reference.startsWith('file:') && !isArchive(reference)) return undefined;
  return packageFacts(file, name, textField(written, 'version') ?? '');
}
