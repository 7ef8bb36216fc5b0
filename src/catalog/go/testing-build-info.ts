/** For tests: build information as Go's linker writes it. */
import type { Part } from '../binary/testing-binary.ts';

const mark = Buffer.alloc(16, 0xee);

function framed(modules: string): Buffer {
  return modules === '' ? Buffer.alloc(0) : Buffer.concat([mark, Buffer.from(modules), mark]);
}

function withLength(bytes: Buffer): Buffer {
  const digits: number[] = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) digits.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...digits, rest]), bytes]);
}

function header(pointerSize: number, flags: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write('\xff Go buildinf:', 'latin1');
  bytes.set([pointerSize, flags], 14);
  return bytes;
}

/** Since Go 1.18. */
export function inlineBuildInfo(toolchain: string, modules: string): Buffer {
  return Buffer.concat([header(8, 2), withLength(Buffer.from(toolchain)), withLength(framed(modules))]);
}

/** Before Go 1.18: the header, two string headers and the strings, all mapped from `address`. */
export function pointedBuildInfo(
  toolchain: string,
  modules: string,
  at: { readonly address: number; readonly wide: boolean; readonly bigEndian: boolean },
): Buffer {
  const size = at.wide ? 8 : 4;
  const head = header(size, at.bigEndian ? 1 : 0);
  const strings = [Buffer.from(toolchain), framed(modules)];
  const stringHeaders = Buffer.alloc(4 * size);
  const write = (bytes: Buffer, offset: number, value: number) => {
    if (at.wide) bytes[at.bigEndian ? 'writeBigUInt64BE' : 'writeBigUInt64LE'](BigInt(value), offset);
    else bytes[at.bigEndian ? 'writeUInt32BE' : 'writeUInt32LE'](value, offset);
  };
  let next = at.address + head.length + stringHeaders.length;
  strings.forEach((string, index) => {
    write(head, 16 + index * size, at.address + head.length + index * 2 * size);
    write(stringHeaders, index * 2 * size, next);
    write(stringHeaders, (index * 2 + 1) * size, string.length);
    next += string.length;
  });
  return Buffer.concat([head, stringHeaders, ...strings]);
}

/** The section that ELF programs have for it. */
export function buildInfoPart(data: Buffer, address = 0x550000): Part {
  return { name: '.go.buildinfo', data, address };
}
