/** One value of DER (X.690): its identifier octet and its contents. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  /** All of it, as it stands. */
  readonly raw: Buffer;
}

/** The values that stand one after the other. Throws an `Error` when they are not well-formed. */
export function derElements(bytes: Buffer): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at);
    elements.push(element);
    at += element.raw.length;
  }
  return elements;
}

/** The contents of values that have these identifier octets, in this order, and of no others. Throws an `Error` otherwise. */
export function derContents(bytes: Buffer, ...tags: readonly number[]): readonly Buffer[] {
  const elements = derElements(bytes);
  if (elements.length !== tags.length || elements.some(({ tag }, at) => tag !== tags[at])) {
    throw new Error('its values are not those that belong there');
  }
  return elements.map(({ content }) => content);
}

function elementAt(bytes: Buffer, at: number): DerElement {
  const [tag, first] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) throw new Error('a value in it has no definite length');
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  // The shortest form, and no other (X.690, 10.1).
  if (lengthBytes > 0 && length < Math.max(0x80, 256 ** (lengthBytes - 1))) {
    throw new Error('the length of a value in it is not in its shortest form');
  }
  const start = at + 2 + lengthBytes;
  if (start + length > bytes.length) throw new Error('a value in it is cut off');
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(at, start + length) };
}

/** The dotted form of an object identifier's contents (X.690, 8.19), for those below the arcs 0 to 2 with parts up to 2^53. */
export function objectIdentifier(content: Buffer): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  const [head = 0, ...rest] = parts;
  const root = Math.min(Math.floor(head / 40), 2);
  return [root, head - 40 * root, ...rest].join('.');
}
