import type { LockedHash } from '../lock-file.ts';

const algorithms: ReadonlyMap<string, readonly [LockedHash['algorithm'], bytes: number]> = new Map([
  ['md5', ['MD5', 16]],
  ['sha1', ['SHA-1', 20]],
  ['sha256', ['SHA-256', 32]],
  ['sha384', ['SHA-384', 48]],
  ['sha512', ['SHA-512', 64]],
]);

/** W3C Subresource Integrity, "Integrity metadata": `sha512-BASE64 sha1-BASE64?option`. What is no hash is left out. */
export function integrityHashes(integrity: string | undefined): readonly LockedHash[] {
  // The longest hash takes 95 characters; nobody gives more than one for each algorithm.
  if (integrity === undefined || integrity.length > 1_000) return [];
  return integrity.split(/\s+/).flatMap((part) => {
    const [name = '', rest = ''] = part.split('-', 2);
    const [algorithm, length] = algorithms.get(name) ?? [];
    const digest = Buffer.from(rest.split('?', 1)[0] ?? '', 'base64');
    return algorithm === undefined || digest.length !== length ? [] : [{ algorithm, value: digest.toString('hex') }];
  });
}

/** A SHA-1 in hexadecimal, as npm and yarn wrote it before there was integrity metadata. */
export function sha1Hash(hex: string | undefined): readonly LockedHash[] {
  return hex !== undefined && /^[0-9a-f]{40}$/.test(hex) ? [{ algorithm: 'SHA-1', value: hex }] : [];
}
