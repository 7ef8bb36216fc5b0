import { PlimsollError } from '../../error.ts';

/** `length` bytes from `start`, without copying. Throws when the file does not have them. */
export function part(bytes: Buffer, start: number, length: number): Buffer {
  if (start < 0 || length < 0 || start + length > bytes.length) {
    throw brokenDatabase(`it ends before byte ${start + length}, where its own tables point`);
  }
  return bytes.subarray(start, start + length);
}

export function brokenDatabase(what: string): PlimsollError {
  return new PlimsollError('catalog/broken-rpm-database', `The rpm database cannot be read: ${what}`, {
    hint: 'Run `rpm --rebuilddb` where the image is built, then build it anew.',
  });
}

/** Remembers the pages that were read: a page that a second one points to, or that leads back to itself, is refused. */
export function onlyOnce(): (page: number) => void {
  const seen = new Set<number>();
  return (page) => {
    if (seen.has(page)) throw brokenDatabase(`page ${page} is used twice`);
    seen.add(page);
  };
}
