/**
 * Gives a large buffer's memory back at once; nothing may look at it afterwards. V8 counts such memory little: it lets it
 * pile up, and then looks through the whole heap to find it. Views of part of a buffer are left alone.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && byteLength >= worthwhile) buffer.transfer(0);
}

/** In bytes; smaller ones are cheap to collect, and may be parts of a pool. */
const worthwhile = 64 * 1024;
