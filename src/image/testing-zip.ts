/** For tests: writes ZIP archives, well-formed ones and, through `overrides`, ones that lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface TestEntry {
  readonly name: string | Buffer;
  readonly data: string | Uint8Array;
  /** Default: deflate. */
  readonly stored?: boolean;
  /** What the headers state in place of the truth; `start` is the local header's offset. */
  readonly lies?: Partial<
    Record<'size' | 'packedSize' | 'crc32' | 'method' | 'flags' | 'start' | 'disk', number> & { extra: Buffer }
  >;
}

export interface TestZipOptions {
  readonly comment?: string;
  /** Bytes before the archive. Offsets do not count them, unless `countPrefix`. */
  readonly prefix?: Uint8Array;
  readonly countPrefix?: boolean;
  /** Sizes, offsets and counts in zip64 records. */
  readonly zip64?: boolean;
  /** Number of entries that the end record states. */
  readonly count?: number;
}

const utf8Flag = 1 << 11;

/** `files`: contents by name, or entries in full. */
export function testZip(
  files: Readonly<Record<string, string | Uint8Array>> | readonly TestEntry[],
  options: TestZipOptions = {},
): Buffer {
  const entries: readonly TestEntry[] = isList(files)
    ? files
    : Object.entries(files).map(([name, data]) => ({ name, data }));
  const { zip64 = false, prefix = Buffer.alloc(0) } = options;
  const base = options.countPrefix === true ? prefix.length : 0;
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = base;
  for (const { name: label, data, stored = false, lies = {} } of entries) {
    const plain = Buffer.from(data as Uint8Array);
    const packed = stored ? plain : deflateRawSync(plain);
    const name = Buffer.from(label as Buffer);
    const size = lies.size ?? plain.length;
    const packedSize = lies.packedSize ?? packed.length;
    const start = lies.start ?? at;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(zip64 ? 45 : 20, 0);
    shared.writeUInt16LE(lies.flags ?? (typeof label === 'string' ? utf8Flag : 0), 2);
    shared.writeUInt16LE(lies.method ?? (stored ? 0 : 8), 4);
    shared.writeUInt32LE(lies.crc32 ?? crc32(plain), 10);
    shared.writeUInt32LE(zip64 ? 0xffffffff : packedSize, 14);
    shared.writeUInt32LE(zip64 ? 0xffffffff : size, 18);
    shared.writeUInt16LE(name.length, 22);
    const extra = zip64 ? zip64Extra(size, packedSize, start) : Buffer.alloc(0);
    const localExtra = lies.extra ?? Buffer.alloc(0);
    shared.writeUInt16LE(localExtra.length, 24);
    local.push(Buffer.from('PK\x03\x04', 'latin1'), Buffer.from(shared), name, localExtra, packed);
    shared.writeUInt16LE(extra.length, 24);
    const rest = Buffer.alloc(14);
    rest.writeUInt16LE(lies.disk ?? 0, 2);
    rest.writeUInt32LE(zip64 ? 0xffffffff : start, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, rest, name, extra);
    at += 30 + name.length + localExtra.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const count = options.count ?? entries.length;
  const comment = Buffer.from(options.comment ?? '');
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(zip64 ? 0xffff : count, 8);
  end.writeUInt16LE(zip64 ? 0xffff : count, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  const end64 = zip64 ? zip64End(count, directory.length, at) : Buffer.alloc(0);
  return Buffer.concat([prefix, ...local, directory, end64, end, comment]);
}

function isList(
  files: Readonly<Record<string, string | Uint8Array>> | readonly TestEntry[],
): files is readonly TestEntry[] {
  return Array.isArray(files);
}

function zip64Extra(size: number, packedSize: number, start: number): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  extra.writeBigUInt64LE(BigInt(size), 4);
  extra.writeBigUInt64LE(BigInt(packedSize), 12);
  extra.writeBigUInt64LE(BigInt(start), 20);
  return extra;
}

function zip64End(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06', 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator]);
}
