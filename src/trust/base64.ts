/**
 * Decodes base64, of the standard or the URL alphabet, with or without padding, as the JSON form of protobuf takes it;
 * `undefined` for anything else. Each text stands for bytes of its own: stray characters and stray bits, which Node would
 * pass over, are refused. What `before` says of the length in bytes is put in front, so that both come in one buffer.
 */
export function decodeBase64(text: string, before?: (length: number) => string): Buffer | undefined {
  const length = Buffer.byteLength(text, 'base64');
  const head = before === undefined ? '' : before(length);
  const offset = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(offset + length);
  bytes.write(head);
  if (bytes.write(text, offset, 'base64') !== length) return undefined;
  const again = bytes.toString(/[-_]/.test(text) ? 'base64url' : 'base64', offset);
  const isPadded = text.length % 4 === 0 || !text.endsWith('=');
  return isPadded && unpadded(again) === unpadded(text) ? bytes : undefined;
}

function unpadded(text: string): string {
  const end = text.endsWith('==') ? -2 : text.endsWith('=') ? -1 : text.length;
  return text.slice(0, end);
}
