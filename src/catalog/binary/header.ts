import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';

/** The numbers of a header. Offsets beyond its end are a defect of the caller, who asks for the header's length first. */
export interface Header {
  readonly bytes: Buffer;
  u16(at: number): number;
  u32(at: number): number;
  /** Beyond 2^53 only roughly right, which is beyond the end of every file. */
  u64(at: number): number;
  /** Up to the first NUL, or `length` bytes. */
  name(at: number, length: number): string;
}

/** @throws PlimsollError `catalog/malformed-file` when the file ends before the header does */
export function headerAt(file: CatalogFile, offset: number, length: number, bigEndian: boolean): Header {
  const bytes = file.content.slice(offset, offset + length);
  if (bytes.length < length) throw malformed(file, 'ends before its headers do');
  const u16 = (at: number) => (bigEndian ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  const u32 = (at: number) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  return {
    bytes,
    u16,
    u32,
    u64: (at) => u32(bigEndian ? at : at + 4) * 2 ** 32 + u32(bigEndian ? at + 4 : at),
    name: (at, length) => nameIn(bytes, at, at + length),
  };
}

export function nameIn(bytes: Buffer, start: number, end: number): string {
  const field = bytes.subarray(start, end);
  const stop = field.indexOf(0);
  return field.toString('latin1', 0, stop < 0 ? field.length : stop);
}
