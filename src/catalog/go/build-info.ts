/**
 * What Go's linker writes into a program about how it was built (cmd/link/internal/ld, `buildinfo`; read by the
 * standard library's debug/buildinfo): `\xff Go buildinf:`, the size of a pointer, flags, and two strings.
 */
import { limits } from '../../limits.ts';
import { bytesAt, type Executable, mappedAt, sectionNamed } from '../binary/executable.ts';
import type { CatalogFile } from '../cataloger.ts';
import { malformed } from '../document.ts';

export interface RawBuildInfo {
  /** The toolchain's version, `go1.22.1`. */
  readonly toolchain: string;
  /** Lines about modules and settings; empty for programs built without them. */
  readonly modules: string;
}

const magic = Buffer.from('\xff Go buildinf:', 'latin1');
const alignment = 16;
const headerLength = 32;
const bigEndianFlag = 1;
/** Go 1.18 and later: the strings follow the header, each after its length. Before, the header points to them. */
const inlineFlag = 2;
/** The list of modules stands between two marks of 16 bytes, which the go command writes around it. */
const mark = 16;

/**
 * Nothing for programs that were not made by Go, or before Go 1.13.
 *
 * @throws PlimsollError `catalog/malformed-file` when it cannot be read, as in position-independent programs before Go 1.18
 */
export function rawBuildInfo(file: CatalogFile, executable: Executable): RawBuildInfo | undefined {
  const address = addressOfMagic(file, executable);
  if (address === undefined) return undefined;
  const header = bytesAt(file.content, executable, address, headerLength);
  const strings =
    header.length < headerLength
      ? undefined
      : (header.readUInt8(15) & inlineFlag) === 0
        ? pointedStrings(file, executable, header)
        : inlineStrings(file, executable, address + headerLength);
  const [toolchain, framed] = strings ?? [];
  if (toolchain === undefined || framed === undefined || toolchain.length === 0) {
    throw malformed(file, 'is a Go program whose build information cannot be read');
  }
  const whole = framed.length > 2 * mark && framed[framed.length - mark - 1] === 10;
  return {
    toolchain: toolchain.toString('utf8'),
    modules: whole ? framed.toString('utf8', mark, framed.length - mark) : '',
  };
}

/** Aligned in memory, in the section for it, or else somewhere in the program's data. */
function addressOfMagic(file: CatalogFile, executable: Executable): number | undefined {
  const place =
    sectionNamed(executable, '.go.buildinfo') ?? sectionNamed(executable, '__go_buildinfo') ?? executable.data;
  if (place === undefined) return undefined;
  const first = aligned(place.address);
  const range = mappedAt(executable, first);
  if (range === undefined) return undefined;
  const end = Math.min(range.end, range.start + place.size - (first - place.address));
  let from = range.start;
  for (let tries = 0; from < end; tries++) {
    if (tries > limits.goBuildInfoMarks) throw malformed(file, 'has too many marks of Go build information');
    const hit = file.content.indexOf(magic, from, end);
    if (hit < 0) return undefined;
    const distance = hit - range.start;
    if (distance % alignment === 0) return first + distance;
    from = range.start + aligned(distance);
  }
  return undefined;
}

function aligned(value: number): number {
  return Math.ceil(value / alignment) * alignment;
}

function inlineStrings(file: CatalogFile, executable: Executable, address: number): readonly Buffer[] | undefined {
  const strings: Buffer[] = [];
  let at = address;
  for (let count = 0; count < 2; count++) {
    const length = variableInteger(bytesAt(file.content, executable, at, 10));
    if (length === undefined) return undefined;
    const bytes = stringAt(file, executable, at + length.width, length.value);
    if (bytes === undefined) return undefined;
    strings.push(bytes);
    at += length.width + length.value;
  }
  return strings;
}

/** Little-endian groups of seven bits, the last one without the high bit (encoding/binary, `Uvarint`). */
function variableInteger(bytes: Buffer): { readonly value: number; readonly width: number } | undefined {
  let value = 0;
  for (const [index, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, width: index + 1 };
  }
  return undefined;
}

function pointedStrings(file: CatalogFile, executable: Executable, header: Buffer): readonly Buffer[] | undefined {
  const size = header.readUInt8(14);
  if (size !== 4 && size !== 8) return undefined;
  const bigEndian = (header.readUInt8(15) & bigEndianFlag) !== 0;
  const strings: Buffer[] = [];
  for (const at of [16, 16 + size]) {
    // A Go string: where its bytes are, and how many.
    const string = bytesAt(file.content, executable, pointerIn(header, at, size, bigEndian), 2 * size);
    if (string.length < 2 * size) return undefined;
    const length = pointerIn(string, size, size, bigEndian);
    const bytes =
      length === 0 ? Buffer.alloc(0) : stringAt(file, executable, pointerIn(string, 0, size, bigEndian), length);
    if (bytes === undefined) return undefined;
    strings.push(bytes);
  }
  return strings;
}

function pointerIn(bytes: Buffer, at: number, size: 4 | 8, bigEndian: boolean): number {
  if (size === 4) return bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  return Number(bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
}

function stringAt(file: CatalogFile, executable: Executable, address: number, length: number): Buffer | undefined {
  if (length > limits.goBuildInfoBytes) throw malformed(file, `states ${length} bytes of Go build information`);
  const bytes = bytesAt(file.content, executable, address, length);
  return bytes.length < length ? undefined : bytes;
}
