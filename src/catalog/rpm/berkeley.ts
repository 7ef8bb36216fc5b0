import { brokenDatabase, onlyOnce, part } from './part.ts';

const hashMagic = 0x061561;
const hashMetadata = 8;
const hashPages = new Set([2, 13]);
const overflowPage = 7;
const keyData = 1;
const offPage = 3;
const pageHeaderSize = 26;

export function isBerkeleyHash(file: Buffer): boolean {
  return file.length >= 16 && (file.readUInt32LE(12) === hashMagic || file.readUInt32BE(12) === hashMagic);
}

/**
 * The headers in a Berkeley DB hash file, `Packages` (Berkeley DB's dbinc/db_page.h), in the byte order of the machine
 * that wrote it. Every hash page holds pairs of key and data, from its end towards its front; data too large for it
 * stands in a chain of overflow pages. All pages are looked at in turn: one that is free has another type.
 */
export function* berkeleyHeaders(file: Buffer): Generator<Buffer, void, undefined> {
  const little = file.readUInt32LE(12) === hashMagic;
  const u32 = (bytes: Buffer, at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const u16 = (bytes: Buffer, at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const metadata = part(file, 0, 512);
  const pageSize = u32(metadata, 20);
  const lastPage = u32(metadata, 32);
  if (metadata[25] !== hashMetadata) throw brokenDatabase('it is no Berkeley DB hash');
  if (metadata[24] !== 0) throw brokenDatabase('it is encrypted');
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw brokenDatabase(`a page of ${pageSize} bytes is none of Berkeley DB`);
  }
  if ((lastPage + 1) * pageSize > file.length) throw brokenDatabase(`it ends before page ${lastPage}, its last`);
  const visit = onlyOnce();

  /** An item's type, and what follows it up to the item before. */
  function item(page: Buffer, index: number): Buffer {
    const start = u16(page, pageHeaderSize + index * 2);
    const end = index === 0 ? pageSize : u16(page, pageHeaderSize + index * 2 - 2);
    if (start >= end || end > pageSize) throw brokenDatabase('the items of a page overlap');
    return page.subarray(start, end);
  }

  function overflow(first: number, length: number): Buffer {
    const pieces: Buffer[] = [];
    let left = length;
    for (let number = first; left > 0; ) {
      visit(number);
      const page = part(file, number * pageSize, pageSize);
      if (page[25] !== overflowPage) throw brokenDatabase(`page ${number} holds no overflow data`);
      const piece = part(page, pageHeaderSize, Math.min(u16(page, 22), left));
      if (piece.length === 0) throw brokenDatabase(`overflow page ${number} is empty`);
      pieces.push(piece);
      left -= piece.length;
      number = u32(page, 16);
    }
    return Buffer.concat(pieces);
  }

  for (let number = 1; number <= lastPage; number++) {
    const page = part(file, number * pageSize, pageSize);
    if (!hashPages.has(page[25] ?? 0)) continue;
    const items = u16(page, 20);
    part(page, pageHeaderSize, items * 2);
    for (let index = 0; index + 1 < items; index += 2) {
      const key = item(page, index);
      // Key 0 holds the number of the package installed last.
      if (key[0] === keyData && key.subarray(1).every((byte) => byte === 0)) continue;
      const data = item(page, index + 1);
      if (data[0] === keyData) yield data.subarray(1);
      else if (data[0] === offPage) {
        const pointer = part(data, 0, 12);
        yield overflow(u32(pointer, 4), u32(pointer, 8));
      } else throw brokenDatabase(`an item of type ${data[0]} is no package`);
    }
  }
}
