/** A file that goes into an archive. */
export interface TarFile {
  /** ASCII, of up to 100 characters. */
  readonly path: string;
  readonly size: number;
  readonly open: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

const blockSize = 512;

/**
 * A tar archive (POSIX.1-2017 pax, "ustar Interchange Format") of nothing but names and contents: the same files give the same bytes.
 */
export async function* tarStream(files: Iterable<TarFile>): AsyncGenerator<Uint8Array> {
  for (const { path, size, open } of files) {
    yield header(path, size);
    yield* open();
    yield Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
  }
  yield Buffer.alloc(2 * blockSize);
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(path, 0, 100, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  writeSize(block, size);
  block.write('00000000000\0', 136, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Octal up to 8 GiB, base 256 above (GNU). */
function writeSize(block: Buffer, size: number): void {
  if (size < 8 ** 11) {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  block.writeBigUInt64BE(BigInt(size), 128);
  block.writeUInt8(0x80, 124);
}
