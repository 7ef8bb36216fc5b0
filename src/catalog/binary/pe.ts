import type { CatalogFile } from '../cataloger.ts';
import type { Executable, Section } from './executable.ts';
import { headerAt } from './header.ts';

const signature = 0x00004550;
const sectionLength = 40;
const wide = 0x20b;
const narrow = 0x10b;
/** Initialised data, readable, writable (PE format, "Section Flags"). */
const writableData = 0xc0000040;
const alignment = 0x00600000;

/** PE format, "COFF File Header" to "Section Table". */
export function peExecutable(file: CatalogFile): readonly Executable[] {
  if (file.content.size < 64) return [];
  const start = headerAt(file, 0, 64, false).u32(0x3c);
  const peek = file.content.slice(start, start + 4);
  // Whatever else begins with "MZ": a program for DOS, a text.
  if (peek.length < 4 || peek.readUInt32LE(0) !== signature) return [];
  const header = headerAt(file, start, 24, false);
  const optionalLength = header.u16(20);
  const optional = headerAt(file, start + 24, optionalLength, false);
  const imageBase = imageBaseOf(optional, optionalLength);
  const count = header.u16(6);
  const table = headerAt(file, start + 24 + optionalLength, count * sectionLength, false);
  const sections: Section[] = [];
  let data: Executable['data'];
  for (let at = 0; at < table.bytes.length; at += sectionLength) {
    const relative = table.u32(at + 12);
    const section = {
      name: table.name(at, 8),
      address: relative + imageBase,
      size: table.u32(at + 8),
      fileSize: table.u32(at + 16),
      offset: table.u32(at + 20),
    };
    sections.push(section);
    const kind = (table.u32(at + 36) & ~alignment) >>> 0;
    if (data === undefined && relative !== 0 && section.fileSize !== 0 && kind === writableData) data = section;
  }
  return [{ sections, segments: sections.filter(({ fileSize }) => fileSize > 0), data }];
}

function imageBaseOf(optional: ReturnType<typeof headerAt>, length: number): number {
  const magic = length < 2 ? 0 : optional.u16(0);
  if (magic === wide && length >= 32) return optional.u64(24);
  return magic === narrow && length >= 32 ? optional.u32(28) : 0;
}
