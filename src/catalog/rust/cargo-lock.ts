import { purlFor } from '../../sbom/index.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { field, isMapping, listOf, malformed, sectionList, sectionOf, textField, tomlOf } from '../document.ts';
import { isAmongInstalled } from '../installed-folder.ts';
import { type LockedHash, type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';

/** A `[[package]]` of the lock file. */
interface Entry {
  readonly name: string;
  readonly version: string;
  /** `registry+URL`, `sparse+URL` or `git+URL#COMMIT`. Absent for the project's own packages. */
  readonly source: string | undefined;
  readonly checksum: string | undefined;
  /** `name`, `name version` or `name version (source)`: as much as tells it apart. */
  readonly needs: readonly string[];
}

/** Cargo leaves these in the folders of packages that it unpacked or vendored. */
const unpackedMarks = ['.cargo-ok', '.cargo-checksum.json'];

/** `Cargo.lock` of version 1 to 4 (Cargo's source, `resolver/encode.rs`). */
export const cargoLock: Cataloger<readonly LockedPackage[]> = {
  name: 'cargo-lock',
  version: 1,
  title: 'Rust crates that are locked (Cargo.lock)',
  files: ['**/Cargo.lock'],
  tells: { licenses: false, dependencies: true, hashes: true, development: false, files: false },

  read(file) {
    if (isAmongInstalled(file.path)) return undefined;
    const entries = entriesIn(file);
    const known = new Map<string, Entry>();
    for (const entry of entries) {
      const { name, version, source } = entry;
      known.set(name, entry).set(`${name} ${version}`, entry);
      if (source !== undefined) known.set(`${name} ${version} (${source})`, entry);
    }
    return lockedPackages(file, entries, {
      describe: ({ name, version, source, checksum }) =>
        source === undefined ? undefined : { name, version, hashes: hashesOf(checksum) },
      id: crateId,
      dependencies: ({ needs }) => needs.flatMap((need) => known.get(need) ?? []),
    });
  },

  assemble: (view) =>
    lockedComponents(
      'cargo',
      // The lock file of a crate is what its authors worked with.
      view.found.filter(({ path }) => {
        const folder = path.slice(0, -'Cargo.lock'.length);
        return !unpackedMarks.some((mark) => view.exists(`${folder}${mark}`));
      }),
    ),
};

export function crateId(name: string, version: string | undefined): string {
  return purlFor({ type: 'cargo', name, version });
}

function entriesIn(file: CatalogFile): readonly Entry[] {
  const document = tomlOf(file);
  const checksums = new Map(sectionOf(file, document, 'metadata'));
  const root = field(document, 'root');
  return [...(root === undefined ? [] : [root]), ...sectionList(file, document, 'package')].map((written) => {
    const name = textField(written, 'name');
    const version = textField(written, 'version');
    if (!isMapping(written) || name === undefined || version === undefined) {
      throw malformed(file, 'has a package without a name or version');
    }
    const source = textField(written, 'source');
    // Version 1 has all checksums at its end.
    const checksum = field(written, 'checksum') ?? checksums.get(`checksum ${name} ${version} (${source})`);
    return {
      name,
      version,
      source,
      checksum: typeof checksum === 'string' ? checksum : undefined,
      needs: listOf(field(written, 'dependencies')).filter((need) => typeof need === 'string'),
    };
  });
}

/** Of the `.crate` file. */
function hashesOf(checksum: string | undefined): readonly LockedHash[] {
  return /^[\da-f]{64}$/i.test(checksum ?? '') && checksum !== undefined
    ? [{ algorithm: 'SHA-256', value: checksum.toLowerCase() }]
    : [];
}
