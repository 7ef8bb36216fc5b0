import type { FileContent } from './cataloger.ts';

const byteOrderMark = '\uFEFF';

/** A file's bytes as the pieces that the stream brought, without joining them until someone asks. */
export function contentOf(pieces: readonly Uint8Array[]): FileContent {
  const buffers = pieces.map((piece) => Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  const size = buffers.reduce((sum, piece) => sum + piece.length, 0);
  const starts: number[] = [];
  let at = 0;
  for (const piece of buffers) {
    starts.push(at);
    at += piece.length;
  }

  function slice(from: number, to: number): Buffer {
    const start = Math.min(Math.max(from, 0), size);
    const end = Math.min(Math.max(to, start), size);
    const parts: Buffer[] = [];
    for (let index = pieceAt(start); index < buffers.length; index++) {
      const piece = buffers[index];
      const begin = starts[index];
      if (piece === undefined || begin === undefined || begin >= end) break;
      parts.push(piece.subarray(Math.max(start - begin, 0), Math.min(end - begin, piece.length)));
    }
    const [only, ...more] = parts;
    return only === undefined ? Buffer.alloc(0) : more.length === 0 ? only : Buffer.concat(parts);
  }

  function pieceAt(offset: number): number {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Piece by piece, with the seam between two pieces looked at apart, so that nothing large is joined. */
  function indexOf(needle: Buffer, from = 0, to = size): number {
    const end = Math.min(to, size);
    let offset = Math.max(from, 0);
    while (offset + needle.length <= end) {
      const index = pieceAt(offset);
      const piece = buffers[index];
      const begin = starts[index];
      if (piece === undefined || begin === undefined) return -1;
      const stop = begin + piece.length;
      const hit = piece.subarray(0, Math.min(piece.length, end - begin)).indexOf(needle, offset - begin);
      if (hit >= 0) return begin + hit;
      const seamStart = Math.max(offset, stop - needle.length + 1);
      const seam = slice(seamStart, Math.min(stop + needle.length - 1, end));
      const seamHit = seam.indexOf(needle);
      if (seamHit >= 0) return seamStart + seamHit;
      offset = stop;
    }
    return -1;
  }

  let joined: Buffer | undefined;
  const bytes = () => {
    joined ??= slice(0, size);
    return joined;
  };
  const text = () => {
    const decoded = bytes().toString('utf8');
    return decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded;
  };
  return { size, pieces: buffers, slice, bytes, text, indexOf };
}
