import type { BinaryFormat } from './cataloger.ts';

/** How many bytes {@link binaryFormat} needs. */
export const sniffedBytes = 8;

/** Java class files share the magic number of fat Mach-O files, where the number of architectures stands in place of a version of 45 or more. */
const mostArchitectures = 44;

/** Tells an executable or library by its first bytes (System V ABI, "ELF Identification"; PE format; mach-o/loader.h). */
export function binaryFormat(head: Buffer): BinaryFormat | undefined {
  if (head.length < sniffedBytes) return undefined;
  switch (head.readUInt32BE(0)) {
    case 0x7f454c46:
      return 'elf';
    case 0xfeedface:
    case 0xfeedfacf:
    case 0xcefaedfe:
    case 0xcffaedfe:
      return 'mach-o';
    case 0xcafebabe:
    case 0xcafebabf:
      return head.readUInt32BE(4) <= mostArchitectures ? 'mach-o' : undefined;
    default:
      return head.readUInt16BE(0) === 0x4d5a ? 'pe' : undefined;
  }
}
