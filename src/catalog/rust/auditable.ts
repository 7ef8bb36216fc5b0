import { inflateSync } from 'node:zlib';
import { messageOf } from '../../error.ts';
import { limits } from '../../limits.ts';
import { type Section, sectionNamed } from '../binary/executable.ts';
import { executablesIn } from '../binary/formats.ts';
import type { Cataloger, CatalogFile } from '../cataloger.ts';
import { contentOf } from '../content.ts';
import { field, jsonOf, listOf, malformed, sectionList, textField } from '../document.ts';
import { type LockedPackage, lockedComponents, lockedPackages } from '../lock-file.ts';
import { crateId } from './cargo-lock.ts';

/** Eight bytes at most, so that every format can carry it; Mach-O has it in `__DATA`. */
const sectionName = '.dep-v0';

/**
 * The crates in programs that were built with cargo-auditable: JSON, compressed with zlib, in a section of its own
 * (cargo-auditable, PARSING.md). The program's own crate is among them. Crates that only build scripts and procedural
 * macros need are told apart. A fat file has a list for each architecture.
 */
export const rustAuditable: Cataloger<readonly (readonly LockedPackage[])[]> = {
  name: 'rust-auditable',
  version: 1,
  title: 'Rust crates in programs (cargo-auditable)',
  files: [],
  binaries: ['elf', 'pe', 'mach-o'],
  tells: { licenses: false, dependencies: true, hashes: false, development: true, files: false },

  read(file) {
    const lists = executablesIn(file)
      .flatMap((executable) => sectionNamed(executable, sectionName) ?? [])
      .map((section) => cratesIn({ ...file, content: contentOf([inflated(file, section)]) }));
    return lists.length === 0 ? undefined : lists;
  },

  assemble: (view) =>
    lockedComponents(
      'cargo',
      view.found.flatMap(({ fragment, ...found }) => fragment.map((list) => ({ ...found, fragment: list }))),
    ).map((each) => ({ ...each, embedded: true })),
};

function inflated(file: CatalogFile, { offset, size, fileSize }: Section): Buffer {
  const length = Math.min(size || fileSize, fileSize, limits.rustAuditBytes);
  try {
    return inflateSync(file.content.slice(offset, offset + length), { maxOutputLength: limits.rustAuditBytes });
  } catch (thrown) {
    throw malformed(file, `has a list of crates that cannot be unpacked: ${messageOf(thrown)}`, thrown);
  }
}

function cratesIn(file: CatalogFile): readonly LockedPackage[] {
  const packages = sectionList(file, jsonOf(file), 'packages');
  return lockedPackages(file, packages, {
    describe(written) {
      const name = textField(written, 'name');
      const version = textField(written, 'version');
      if (name === undefined || version === undefined) throw malformed(file, 'has a crate without a name or version');
      return { name, version, scope: field(written, 'kind') === 'build' ? 'development' : undefined };
    },
    id: crateId,
    dependencies: (written) =>
      listOf(field(written, 'dependencies')).flatMap((index) =>
        typeof index === 'number' ? (packages[index] ?? []) : [],
      ),
  });
}
