/**
 * Where things are in executables and libraries: ELF, PE and Mach-O, of any width and byte order. Only headers are
 * read. XCOFF (AIX), Plan 9 a.out and WebAssembly are not understood, and are never offered to catalogers.
 */
import { binaryFormat, sniffedBytes } from '../binary-format.ts';
import type { CatalogFile } from '../cataloger.ts';
import { elfExecutable } from './elf.ts';
import type { Executable } from './executable.ts';
import { machOExecutables } from './mach-o.ts';
import { peExecutable } from './pe.ts';

/**
 * Nothing for files that are no programs after all: object files, core dumps, DOS programs.
 *
 * @throws PlimsollError `catalog/malformed-file` when the headers lead out of the file
 */
export function executablesIn(file: CatalogFile): readonly Executable[] {
  switch (binaryFormat(file.content.slice(0, sniffedBytes))) {
    case 'elf':
      return elfExecutable(file);
    case 'pe':
      return peExecutable(file);
    case 'mach-o':
      return machOExecutables(file);
    default:
      return [];
  }
}
