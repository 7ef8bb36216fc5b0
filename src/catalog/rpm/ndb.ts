import { brokenDatabase, part } from './part.ts';

const pageSize = 4096;
const slotSize = 16;
const blockSize = 16;
const headerSize = 32;
const slotMagic = Buffer.from('Slot');
const blobMagic = Buffer.from('BlbS');

export const ndbMagic = Buffer.from('RpmP');

/**
 * The headers in rpm's own format, `Packages.db` (rpm's lib/backend/ndb/rpmpkg.c), little-endian throughout: pages of
 * slots (magic, package, first block, number of blocks), then the blobs that these point to, each with a head of
 * magic, package, generation and length.
 */
export function* ndbHeaders(file: Buffer): Generator<Buffer, void, undefined> {
  const head = part(file, 0, headerSize);
  if (head.readUInt32LE(4) !== 0) throw brokenDatabase(`its format version ${head.readUInt32LE(4)} is not known`);
  const slots = part(file, 0, head.readUInt32LE(12) * pageSize);
  // The head takes the room of the first two slots.
  for (let at = headerSize; at < slots.length; at += slotSize) {
    if (!slotMagic.equals(slots.subarray(at, at + 4))) throw brokenDatabase(`there is no slot at byte ${at}`);
    const number = slots.readUInt32LE(at + 4);
    const block = slots.readUInt32LE(at + 8);
    if (number === 0 || block === 0) continue;
    const start = block * blockSize;
    const blob = part(file, start, 16);
    if (!blobMagic.equals(blob.subarray(0, 4)) || blob.readUInt32LE(4) !== number) {
      throw brokenDatabase(`package ${number} is not where its slot points`);
    }
    yield part(file, start + 16, blob.readUInt32LE(12));
  }
}
