/** For tests: writes tar archives, honest ones and others. */

export interface TarMember {
  /** Bytes where the name is not UTF-8. */
  readonly path: string | Buffer;
  /** ustar type flag: `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder, `x` pax, `L` GNU long name, `S` sparse. */
  readonly flag?: string;
  readonly content?: string | Uint8Array;
  readonly target?: string;
  /** What the header claims instead of the content's size. */
  readonly claimedSize?: number;
  /** Pax records for this member. */
  readonly pax?: Readonly<Record<string, string>>;
  readonly edit?: (header: Buffer) => void;
}

const blockSize = 512;

export function tarOf(members: readonly TarMember[], options: { readonly end?: boolean } = {}): Buffer {
  const blocks = members.flatMap(memberBlocks);
  return Buffer.concat(options.end === false ? blocks : [...blocks, Buffer.alloc(2 * blockSize)]);
}

function memberBlocks(member: TarMember): Buffer[] {
  const pax =
    member.pax === undefined ? [] : memberBlocks({ path: 'PaxHeaders/x', flag: 'x', content: paxRecords(member.pax) });
  const content = Buffer.from(member.content ?? '');
  return [
    ...pax,
    headerOf(member, content.length),
    content,
    Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize),
  ];
}

function headerOf({ path, flag, target, claimedSize, edit }: TarMember, size: number): Buffer {
  const header = Buffer.alloc(blockSize);
  Buffer.from(path).copy(header, 0, 0, 100);
  header.write('0000644\0', 100, 'latin1');
  header.write('0000000\0', 108, 'latin1');
  header.write('0000000\0', 116, 'latin1');
  writeSize(header, claimedSize ?? size);
  header.write('00000000000\0', 136, 'latin1');
  header.write(flag ?? '0', 156, 'latin1');
  header.write(target ?? '', 157, 100);
  header.write('ustar\u000000', 257, 'latin1');
  edit?.(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Octal up to 8 GiB, base 256 above (GNU). */
function writeSize(header: Buffer, size: number): void {
  if (size < 8 ** 11) {
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  header.writeBigUInt64BE(BigInt(size), 128);
  header[124] = 0x80;
}

function paxRecords(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const body = ` ${key}=${value}\n`;
      const bytes = Buffer.byteLength(body);
      const digits = String(bytes + String(bytes).length).length;
      return `${bytes + digits}${body}`;
    })
    .join('');
}
