const integerTag = 0x02;
const sequenceTag = 0x30;

/** An ECDSA signature as two numbers of one length (RFC 7518, 3.4) in DER (RFC 3279, 2.2.3). */
export function joseToDer(signature: Buffer): Buffer {
  const half = signature.length / 2;
  const numbers = [signature.subarray(0, half), signature.subarray(half)].map(integer);
  return element(sequenceTag, Buffer.concat(numbers));
}

/** Without zeros in front, but for one where the number would be negative otherwise. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.alloc(1) : bytes.subarray(first);
  return element(integerTag, digits.readUInt8(0) > 0x7f ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}

/** Of up to 255 bytes: more no signature on a curve of up to 521 bits has. */
function element(tag: number, content: Buffer): Buffer {
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
