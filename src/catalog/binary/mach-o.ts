import { limits } from '../../limits.ts';
import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';
import type { Executable, Section, Segment } from './executable.ts';
import { type Header, headerAt } from './header.ts';

/** Where the fields are (mach-o/loader.h: `segment_command`, `section`, and the same with `_64`). */
const layouts = {
  32: {
    header: 28,
    command: 0x1,
    segment: { length: 56, address: 24, size: 28, offset: 32, fileSize: 36, most: 40, protection: 44, sections: 48 },
    section: { length: 68, address: 32, size: 36, offset: 40 },
  },
  64: {
    header: 32,
    command: 0x19,
    segment: { length: 72, address: 24, size: 32, offset: 40, fileSize: 48, most: 56, protection: 60, sections: 64 },
    section: { length: 80, address: 32, size: 40, offset: 48 },
  },
} as const;

type Layout = (typeof layouts)[32 | 64];

const fat = 0xcafebabe;
const fatWide = 0xcafebabf;
const objectFile = 1;
const readAndWrite = 3;

/** Every architecture of a fat file (mach-o/fat.h). */
export function machOExecutables(file: CatalogFile): readonly Executable[] {
  const { u32 } = headerAt(file, 0, 8, true);
  const magic = u32(0);
  if (magic !== fat && magic !== fatWide) return program(file, 0);
  const step = magic === fat ? 20 : 32;
  // How many there may be at most is settled where fat files are told from Java classes.
  const architectures = headerAt(file, 8, u32(4) * step, true);
  const executables: Executable[] = [];
  for (let at = 0; at < architectures.bytes.length; at += step) {
    executables.push(...program(file, magic === fat ? architectures.u32(at + 8) : architectures.u64(at + 8)));
  }
  return executables;
}

function program(file: CatalogFile, base: number): readonly Executable[] {
  const magic = headerAt(file, base, 4, true).u32(0);
  const bigEndian = magic === 0xfeedface || magic === 0xfeedfacf;
  const wide = magic === 0xfeedfacf || magic === 0xcffaedfe;
  // A fat file may carry archives of object files too.
  if (!bigEndian && !wide && magic !== 0xcefaedfe) return [];
  const layout = layouts[wide ? 64 : 32];
  const header = headerAt(file, base, layout.header, bigEndian);
  if (header.u32(12) === objectFile) return [];
  const count = header.u32(16);
  const length = header.u32(20);
  if (length > limits.binaryCommandBytes) throw malformed(file, `has ${length} bytes of load commands`);
  const commands = headerAt(file, base + layout.header, length, bigEndian);
  const sections: Section[] = [];
  const segments: Segment[] = [];
  let data: Executable['data'];
  let at = 0;
  for (let index = 0; index < count && at + 8 <= length; index++) {
    const size = commands.u32(at + 4);
    if (size < 8 || at + size > length) throw malformed(file, 'has a load command that leads out of its headers');
    if (commands.u32(at) === layout.command && size >= layout.segment.length) {
      const segment = segmentAt(commands, at, layout, base);
      if (segment.fileSize > 0) segments.push(segment);
      data ??= dataOf(commands, at, layout, segment);
      sections.push(...sectionsAt(commands, at, size, layout, base));
    }
    at += size;
  }
  return [{ sections, segments, data }];
}

function segmentAt(commands: Header, at: number, layout: Layout, base: number): Segment {
  const { address, offset, fileSize } = layout.segment;
  return {
    address: word(commands, at + address, layout),
    offset: base + word(commands, at + offset, layout),
    fileSize: word(commands, at + fileSize, layout),
  };
}

function dataOf(commands: Header, at: number, layout: Layout, { address, fileSize }: Segment): Executable['data'] {
  const writable =
    commands.u32(at + layout.segment.most) === readAndWrite &&
    commands.u32(at + layout.segment.protection) === readAndWrite;
  if (!writable || address === 0 || fileSize === 0) return undefined;
  return { address, size: word(commands, at + layout.segment.size, layout) };
}

function sectionsAt(commands: Header, at: number, size: number, layout: Layout, base: number): Section[] {
  const sections: Section[] = [];
  const count = commands.u32(at + layout.segment.sections);
  const end = Math.min(at + size, at + layout.segment.length + count * layout.section.length);
  for (let here = at + layout.segment.length; here + layout.section.length <= end; here += layout.section.length) {
    const bytes = word(commands, here + layout.section.size, layout);
    sections.push({
      name: commands.name(here, 16),
      address: word(commands, here + layout.section.address, layout),
      offset: base + commands.u32(here + layout.section.offset),
      fileSize: bytes,
      size: bytes,
    });
  }
  return sections;
}

function word(commands: Header, at: number, layout: Layout): number {
  return layout === layouts[64] ? commands.u64(at) : commands.u32(at);
}
