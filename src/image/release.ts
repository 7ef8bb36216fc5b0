/**
 * Gives a large buffer's memory back at once; nothing may look at it afterwards. V8 counts such memory little: it lets it
 * pile up, and then looks through the whole heap to find it.
 */
export function release(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= worthwhile) buffer.transfer(0);
}

/** In bytes; smaller ones are cheap to collect, and may be pools that others have parts of. */
const worthwhile = 64 * 1024;
