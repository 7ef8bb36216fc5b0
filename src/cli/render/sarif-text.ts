import type { Artifact } from '../../sbom/index.ts';
import { shown } from './text.ts';
import { startOf, widthOf } from './width.ts';

/** GitHub shows 1,024 characters of a description. */
const longest = 1_000;

/** Plain text in a message (SARIF 2.1.0, 3.11.5 and 3.11.6): brackets are links and braces are placeholders unless escaped. */
export function messageText(text: string): string {
  return plainText(text)
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/[{}]/g, '$&$&');
}

export function plainText(text: string): string {
  const line = shown(text);
  return widthOf(line) <= longest ? line : `${startOf(line, longest - 1)}…`;
}

/** As `parseTarget` takes them; `alpine:3.20` has none. */
const scheme = /^(?:registry|oci|oci-archive|docker-archive|dir|file|sbom):(?:\/\/)?/;

/**
 * A path as a relative reference (RFC 3986). What is in an archive counts as in the archive: only that is a file. Code
 * scanning looks for the file from the root of the repository, so a folder that was named relatively goes before it: `target`
 * is how it was named, where the artifact has a name of its own.
 */
export function uriFor(artifact: Artifact, path: string | undefined, target = artifact.reference): string {
  const named = target.replace(scheme, '');
  return relative(fileFor(artifact, named, path)) || relative(named) || 'artifact';
}

function fileFor(artifact: Artifact, named: string, path = ''): string {
  const [file = ''] = path.split('!/');
  if (file === '' || !isBelow(named)) return file;
  if (artifact.kind === 'file') return named;
  return artifact.kind === 'directory' ? `${named}/${file}` : file;
}

function isBelow(folder: string): boolean {
  return !folder.startsWith('/') && !folder.split('/').includes('..');
}

function relative(path: string): string {
  return path
    .toWellFormed()
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..')
    .map(encodeURIComponent)
    .join('/');
}

/** SARIF's `helpUri` is an absolute address; anything else an advisory names is left out. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
