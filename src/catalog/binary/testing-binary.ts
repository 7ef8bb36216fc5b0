/** For tests: the smallest programs that have given parts, in each format. */

export interface Part {
  readonly name: string;
  readonly data: Buffer;
  readonly address: number;
  /** Memory beyond the file's bytes. */
  readonly size?: number;
}

export interface Build {
  readonly wide: boolean;
  readonly bigEndian: boolean;
}

/** A buffer that is written with one width and byte order. */
function canvas(length: number, { wide, bigEndian }: Build) {
  const bytes = Buffer.alloc(length);
  const u16 = (at: number, value: number) =>
    bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const u32 = (at: number, value: number) =>
    bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  const u64 = (at: number, value: number) =>
    bigEndian ? bytes.writeBigUInt64BE(BigInt(value), at) : bytes.writeBigUInt64LE(BigInt(value), at);
  return { bytes, u16, u32, word: wide ? u64 : u32 };
}

/** Each part begins at an offset that is a multiple of 16. */
function placed(parts: readonly Part[], from: number): { offsets: readonly number[]; end: number } {
  let end = Math.ceil(from / 16) * 16;
  const offsets = parts.map(({ data }) => {
    const offset = end;
    end = Math.ceil((offset + data.length) / 16) * 16;
    return offset;
  });
  return { offsets, end };
}

/** Each part is a writable segment and, unless `stripped`, a section. */
export function elfFile(
  build: Build,
  parts: readonly Part[],
  options: { readonly stripped?: boolean; readonly type?: number } = {},
): Buffer {
  const size = build.wide ? { header: 64, segment: 56, section: 64 } : { header: 52, segment: 32, section: 40 };
  const stripped = options.stripped === true;
  const names = ['', ...parts.map(({ name }) => name), '.shstrtab'];
  const table = Buffer.from(`${names.join('\0')}\0`);
  const { offsets, end } = placed(parts, size.header + parts.length * size.segment);
  const tableEnd = end + table.length;
  const total = stripped ? end : tableEnd + names.length * size.section;
  const { bytes, u16, u32, word } = canvas(total, build);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, build.wide ? 2 : 1, build.bigEndian ? 2 : 1, 1]);
  u16(16, options.type ?? 2);
  word(build.wide ? 32 : 28, size.header);
  word(build.wide ? 40 : 32, stripped ? 0 : tableEnd);
  const counts = [
    size.header,
    size.segment,
    parts.length,
    size.section,
    stripped ? 0 : names.length,
    stripped ? 0 : names.length - 1,
  ];
  counts.forEach((value, index) => {
    u16((build.wide ? 52 : 40) + 2 * index, value);
  });
  const fields = build.wide
    ? { flags: 4, offset: 8, address: 16, fileSize: 32, size: 40 }
    : { flags: 24, offset: 4, address: 8, fileSize: 16, size: 20 };
  parts.forEach(({ data, address, size: memory }, index) => {
    const at = size.header + index * size.segment;
    const offset = offsets[index] ?? 0;
    u32(at, 1);
    u32(at + fields.flags, 6);
    word(at + fields.offset, offset);
    word(at + fields.address, address);
    word(at + fields.fileSize, data.length);
    word(at + fields.size, memory ?? data.length);
    bytes.set(data, offset);
  });
  if (stripped) return bytes;
  bytes.set(table, end);
  const section = build.wide ? { address: 16, offset: 24, size: 32 } : { address: 12, offset: 16, size: 20 };
  let nameAt = 0;
  names.forEach((name, index) => {
    const at = tableEnd + index * size.section;
    const part = parts[index - 1];
    u32(at, nameAt);
    u32(at + 4, index === 0 ? 0 : part === undefined ? 3 : 1);
    word(at + section.address, part?.address ?? 0);
    word(at + section.offset, part === undefined ? end : (offsets[index - 1] ?? 0));
    word(at + section.size, part === undefined ? table.length : part.data.length);
    nameAt += Buffer.byteLength(name) + 1;
  });
  return bytes;
}

const peImageBase = 0x400000;

/** Each part is a writable section; addresses count from {@link peImageBase}. */
export function peFile(wide: boolean, parts: readonly Part[]): Buffer {
  const start = 128;
  const optional = wide ? 112 : 96;
  const tableAt = start + 24 + optional;
  const { offsets, end } = placed(parts, tableAt + parts.length * 40);
  const { bytes, u16, u32, word } = canvas(end, { wide, bigEndian: false });
  bytes.write('MZ');
  u32(0x3c, start);
  bytes.write('PE\0\0', start);
  u16(start + 6, parts.length);
  u16(start + 20, optional);
  u16(start + 24, wide ? 0x20b : 0x10b);
  word(start + 24 + (wide ? 24 : 28), peImageBase);
  parts.forEach(({ name, data, address, size }, index) => {
    const at = tableAt + index * 40;
    bytes.write(name.slice(0, 8), at);
    u32(at + 8, size ?? data.length);
    u32(at + 12, address - peImageBase);
    u32(at + 16, data.length);
    u32(at + 20, offsets[index] ?? 0);
    u32(at + 36, 0xc0600040);
    bytes.set(data, offsets[index]);
  });
  return bytes;
}

/** Each part is a section in a writable segment of its own. */
export function machOFile(build: Build, parts: readonly Part[], fileType = 2): Buffer {
  const header = build.wide ? 32 : 28;
  const segment = build.wide ? 72 : 56;
  const command = segment + (build.wide ? 80 : 68);
  const { offsets, end } = placed(parts, header + parts.length * command);
  const { bytes, u32, word } = canvas(end, build);
  u32(0, build.wide ? 0xfeedfacf : 0xfeedface);
  u32(12, fileType);
  u32(16, parts.length);
  u32(20, parts.length * command);
  const step = build.wide ? 8 : 4;
  parts.forEach(({ name, data, address, size }, index) => {
    const at = header + index * command;
    const offset = offsets[index] ?? 0;
    u32(at, build.wide ? 0x19 : 0x1);
    u32(at + 4, command);
    bytes.write('__DATA', at + 8);
    [address, size ?? data.length, offset, data.length].forEach((value, field) => {
      word(at + 24 + field * step, value);
    });
    const protection = at + 24 + 4 * step;
    u32(protection, 3);
    u32(protection + 4, 3);
    u32(protection + 8, 1);
    const section = at + segment;
    bytes.write(name.slice(0, 16), section);
    bytes.write('__DATA', section + 16);
    word(section + 32, address);
    word(section + 32 + step, data.length);
    u32(section + 32 + 2 * step, offset);
    bytes.set(data, offset);
  });
  return bytes;
}

export function fatFile(wide: boolean, programs: readonly Buffer[]): Buffer {
  const step = wide ? 32 : 20;
  const { offsets, end } = placed(
    programs.map((data) => ({ name: '', data, address: 0 })),
    8 + programs.length * step,
  );
  const { bytes, u32, word } = canvas(end, { wide, bigEndian: true });
  u32(0, wide ? 0xcafebabf : 0xcafebabe);
  u32(4, programs.length);
  programs.forEach((program, index) => {
    const at = 8 + index * step;
    word(at + 8, offsets[index] ?? 0);
    word(at + (wide ? 16 : 12), program.length);
    bytes.set(program, offsets[index]);
  });
  return bytes;
}
