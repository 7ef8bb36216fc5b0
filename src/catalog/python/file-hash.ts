import { entriesOf } from '../document.ts';
import type { LockedHash } from '../lock-file.ts';

const algorithms: ReadonlyMap<string, readonly [LockedHash['algorithm'], digits: number]> = new Map([
  ['md5', ['MD5', 32]],
  ['sha1', ['SHA-1', 40]],
  ['sha256', ['SHA-256', 64]],
  ['sha384', ['SHA-384', 96]],
  ['sha512', ['SHA-512', 128]],
]);

/** Hashes as Python's tools write them, `sha256:HEX`. A package has one for each file that may be installed for it. */
export function fileHashes(texts: Iterable<unknown>): readonly LockedHash[] {
  return [...texts].flatMap((text) => {
    const [name = '', value = ''] = typeof text === 'string' ? text.split(':', 2) : [];
    return hash(name, value);
  });
}

/** Hashes as a table, `{ sha256: HEX }` (PEP 751, direct_url.json). */
export function tableHashes(table: unknown): readonly LockedHash[] {
  return entriesOf(table).flatMap(([name, value]) => (typeof value === 'string' ? hash(name, value) : []));
}

function hash(name: string, value: string): readonly LockedHash[] {
  const [algorithm, digits] = algorithms.get(name) ?? [];
  const hex = value.toLowerCase();
  return algorithm === undefined || hex.length !== digits || !/^[0-9a-f]+$/.test(hex)
    ? []
    : [{ algorithm, value: hex }];
}
