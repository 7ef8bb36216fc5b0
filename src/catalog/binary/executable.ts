/** Where things are in an executable or library, whatever its format. */
import type { FileContent } from '../cataloger.ts';

/** One program: a file, or one architecture of a fat file. Offsets count from the start of the file. */
export interface Executable {
  readonly sections: readonly Section[];
  /** What the loader maps from the file, in the order of the headers. */
  readonly segments: readonly Segment[];
  /** The first part for writable data, without code: where Go's linker puts what has no section of its own. */
  readonly data: { readonly address: number; readonly size: number } | undefined;
}

export interface Segment {
  readonly address: number;
  readonly offset: number;
  /** Bytes in the file; memory may have more. */
  readonly fileSize: number;
}

export interface Section extends Segment {
  readonly name: string;
  /** Bytes in memory. */
  readonly size: number;
}

export function sectionNamed(executable: Executable, name: string): Section | undefined {
  return executable.sections.find((section) => section.name === name);
}

/** The offsets of what the loader puts at `address` and after it, up to the end of its segment. */
export function mappedAt(executable: Executable, address: number): { start: number; end: number } | undefined {
  const segment = executable.segments.find((each) => each.address <= address && address < each.address + each.fileSize);
  if (segment === undefined) return undefined;
  return { start: segment.offset + (address - segment.address), end: segment.offset + segment.fileSize };
}

/** The bytes that the loader puts at `address`; fewer than `length` where the segment ends before. */
export function bytesAt(content: FileContent, executable: Executable, address: number, length: number): Buffer {
  const range = mappedAt(executable, address);
  return range === undefined ? Buffer.alloc(0) : content.slice(range.start, Math.min(range.end, range.start + length));
}
