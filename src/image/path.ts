import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';

/**
 * Cleans a path from an archive as container runtimes do: taken from the root, so that neither a leading slash nor
 * `..` leads out of it. The root itself is the empty string.
 */
export function rootedPath(path: string): string {
  if (path.length > limits.pathBytes) {
    throw new PlimsollError(
      'image/path-too-long',
      `A path of ${path.length} characters is over the limit of ${limits.pathBytes}`,
      {
        hint: 'No file system holds such a path. Inspect the archive by hand before you trust it.',
      },
    );
  }
  // Many writers begin every name so.
  const named = path.startsWith('./') ? path.slice(2) : path;
  if (isClean(named)) return named;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  return kept.join('/');
}

/** Most paths need no work; this looks for what would. */
function isClean(path: string): boolean {
  return (
    !path.startsWith('/') &&
    !path.startsWith('./') &&
    !path.endsWith('/') &&
    path !== '.' &&
    !path.includes('//') &&
    !path.includes('/.') &&
    !path.startsWith('..')
  );
}

/** The folder of a path, empty for the root. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/**
 * File names are bytes. What is not UTF-8 is kept readable and apart: each byte of such a name as `\xNN`, and the
 * backslash of a name that has these very characters as `\x5c`.
 */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\uFFFD') || Buffer.from(text, 'utf8').equals(bytes)) return apart(text);
  return bytes.toString('latin1').split('/').map(decodeSegment).join('/');
}

function decodeSegment(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return apart(text);
  return apart(latin1).replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

function apart(text: string): string {
  return text.includes('\\x') ? text.replace(/\\x(?=5c|[89a-f][0-9a-f])/g, '\\x5cx') : text;
}
