import { limits } from '../../limits.ts';
import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';
import type { Executable, Section, Segment } from './executable.ts';
import { type Header, headerAt, nameIn } from './header.ts';

/** Where the fields are (System V ABI, chapters "Object Files" and "Program Loading"; elf.h). */
const layouts = {
  32: {
    header: { length: 52, phoff: 28, shoff: 32, phentsize: 42, phnum: 44, shentsize: 46, shnum: 48, shstrndx: 50 },
    segment: { length: 32, flags: 24, offset: 4, address: 8, fileSize: 16, size: 20 },
    section: { length: 40, address: 12, offset: 16, size: 20 },
  },
  64: {
    header: { length: 64, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shentsize: 58, shnum: 60, shstrndx: 62 },
    segment: { length: 56, flags: 4, offset: 8, address: 16, fileSize: 32, size: 40 },
    section: { length: 64, address: 16, offset: 24, size: 32 },
  },
} as const;

type Layout = (typeof layouts)[32 | 64];

const executableFile = 2;
const sharedObject = 3;
const loaded = 1;
const execute = 1;
const write = 2;
const withoutBytes = 8;
/** `SHN_XINDEX`: the index of the section names did not fit and stands in section 0. */
const elsewhere = 0xffff;

export function elfExecutable(file: CatalogFile): readonly Executable[] {
  const ident = headerAt(file, 0, 18, false).bytes;
  const bigEndian = ident[5] === 2;
  if (ident[4] !== 1 && ident[4] !== 2) throw malformed(file, 'is neither 32-bit nor 64-bit ELF');
  const layout = layouts[ident[4] === 1 ? 32 : 64];
  const header = headerAt(file, 0, layout.header.length, bigEndian);
  const type = header.u16(16);
  if (type !== executableFile && type !== sharedObject) return [];
  const word = (from: Header, at: number) => (layout === layouts[32] ? from.u32(at) : from.u64(at));
  return [
    {
      sections: sectionsOf(file, header, layout, bigEndian, word),
      ...segmentsOf(file, header, layout, bigEndian, word),
    },
  ];
}

type Word = (from: Header, at: number) => number;

function segmentsOf(
  file: CatalogFile,
  header: Header,
  layout: Layout,
  bigEndian: boolean,
  word: Word,
): Pick<Executable, 'segments' | 'data'> {
  const count = header.u16(layout.header.phnum);
  const step = header.u16(layout.header.phentsize);
  if (count === 0) return { segments: [], data: undefined };
  if (step < layout.segment.length) throw malformed(file, 'has program headers that are too short');
  const table = headerAt(file, word(header, layout.header.phoff), count * step, bigEndian);
  const segments: Segment[] = [];
  let data: Executable['data'];
  for (let at = 0; at < table.bytes.length; at += step) {
    const address = word(table, at + layout.segment.address);
    const fileSize = word(table, at + layout.segment.fileSize);
    const flags = table.u32(at + layout.segment.flags);
    if (fileSize > 0) segments.push({ address, offset: word(table, at + layout.segment.offset), fileSize });
    if (data === undefined && table.u32(at) === loaded && (flags & (execute | write)) === write) {
      data = { address, size: word(table, at + layout.segment.size) };
    }
  }
  return { segments, data };
}

function sectionsOf(
  file: CatalogFile,
  header: Header,
  layout: Layout,
  bigEndian: boolean,
  word: Word,
): readonly Section[] {
  const offset = word(header, layout.header.shoff);
  const step = header.u16(layout.header.shentsize);
  if (offset === 0) return [];
  if (step < layout.section.length) throw malformed(file, 'has section headers that are too short');
  const first = headerAt(file, offset, layout.section.length, bigEndian);
  // Counts that do not fit stand in section 0.
  const count = header.u16(layout.header.shnum) || word(first, layout.section.size);
  if (count > limits.binarySections) throw malformed(file, `has ${count} sections, which is more than are read`);
  const table = headerAt(file, offset, count * step, bigEndian);
  const indexInHeader = header.u16(layout.header.shstrndx);
  const nameSection =
    (indexInHeader === elsewhere ? first.u32(layout === layouts[32] ? 24 : 40) : indexInHeader) * step;
  if (nameSection + layout.section.length > table.bytes.length) throw malformed(file, 'has sections without names');
  const namesOffset = word(table, nameSection + layout.section.offset);
  const namesSize = Math.min(word(table, nameSection + layout.section.size), limits.binarySectionNameBytes);
  const names = file.content.slice(namesOffset, namesOffset + namesSize);
  const sections: Section[] = [];
  for (let at = 0; at < table.bytes.length; at += step) {
    const size = word(table, at + layout.section.size);
    const nameAt = table.u32(at);
    sections.push({
      name: nameIn(names, nameAt, nameAt + longestName),
      address: word(table, at + layout.section.address),
      offset: word(table, at + layout.section.offset),
      fileSize: table.u32(at + 4) === withoutBytes ? 0 : size,
      size,
    });
  }
  return sections;
}

/** Longer than every name that is asked for. */
const longestName = 64;
