import { stat } from 'node:fs/promises';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { isDigest } from './digest.ts';
import { recognize } from './recognition.ts';
import { type ImageReference, parseReference } from './reference.ts';

/** What a user asked to look at. `name` is what they typed; a `path` of `-` is standard input. */
export type Target =
  | { readonly kind: 'registry'; readonly name: string; readonly reference: ImageReference }
  | LayoutTarget<'oci'>
  | LayoutTarget<'oci-archive'>
  | DockerArchiveTarget
  | PathTarget<'dir'>
  | PathTarget<'file'>
  | PathTarget<'sbom'>;

interface PathTarget<Kind> {
  readonly kind: Kind;
  readonly name: string;
  readonly path: string;
}

interface LayoutTarget<Kind> extends PathTarget<Kind> {
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
}

interface DockerArchiveTarget extends PathTarget<'docker-archive'> {
  /** Which of several images, as `docker save` tagged it. */
  readonly reference?: string | undefined;
}

const schemes = ['registry', 'oci', 'oci-archive', 'docker-archive', 'dir', 'file', 'sbom'] as const;
type Scheme = (typeof schemes)[number];

const schemeHint =
  'Say what it is: registry:REF, oci:PATH[:TAG], oci-archive:PATH[:TAG], docker-archive:PATH[:REF] (- is standard input), dir:PATH, file:PATH or sbom:PATH.';

/**
 * Reads what a user typed. With a scheme it is taken at its word; without one, what exists on disk is recognised by its
 * content, and what does not is a reference to a registry.
 *
 * @throws PlimsollError `image/bad-target`, `image/ambiguous-target`, `image/no-such-file`, `image/bad-reference`
 */
export async function parseTarget(text: string): Promise<Target> {
  if (text === '' || text.length > limits.pathBytes || text.includes('\0'))
    throw badTarget(text, 'it is empty or too long');
  const scheme = schemes.find((known) => text.startsWith(`${known}:`));
  return scheme === undefined ? withoutScheme(text) : withScheme(scheme, text, text.slice(scheme.length + 1));
}

async function withScheme(scheme: Scheme, name: string, rest: string): Promise<Target> {
  if (rest === '') throw badTarget(name, 'nothing follows the scheme');
  if (scheme === 'registry') return { kind: scheme, name, reference: parseReference(rest.replace(/^\/\//, '')) };
  if (scheme === 'dir' || scheme === 'file' || scheme === 'sbom') return { kind: scheme, name, path: rest };
  const { path, selector } = (await splitExisting(rest)) ?? splitFirst(rest);
  return imageFile(scheme, name, path, selector);
}

function imageFile(
  kind: 'oci' | 'oci-archive' | 'docker-archive',
  name: string,
  path: string,
  selector: string,
): Target {
  if (path === '') throw badTarget(name, 'it names no file');
  if (selector === '') return { kind, name, path };
  const rest = selector.slice(1);
  if (kind === 'docker-archive' && selector.startsWith(':') && rest !== '')
    return { kind, name, path, reference: rest };
  if (kind !== 'docker-archive' && selector.startsWith('@') && isDigest(rest))
    return { kind, name, path, digest: rest };
  if (kind !== 'docker-archive' && selector.startsWith(':') && rest !== '') return { kind, name, path, tag: rest };
  throw badTarget(name, `"${selector.slice(0, 100)}" says nothing about which image`);
}

async function withoutScheme(text: string): Promise<Target> {
  if (text === '-') {
    throw new PlimsollError('image/ambiguous-target', 'It has to be said what standard input holds', {
      hint: 'Use docker-archive:-, oci-archive:- or sbom:-.',
    });
  }
  const found = await splitExisting(text);
  const looksLikePath = /^(?:\/|\.\.?(?:\/|$)|~)/.test(text);
  if (found !== undefined && found.path !== '-') {
    const kind = await recognize(found.path);
    const isImage = kind === 'oci' || kind === 'oci-archive' || kind === 'docker-archive';
    if (found.selector === '') return { kind, name: text, path: found.path };
    if (isImage && (looksLikePath || !isReference(text))) return imageFile(kind, text, found.path, found.selector);
    if (isImage) {
      throw new PlimsollError(
        'image/ambiguous-target',
        `"${text}" can be an image in "${found.path}" or one in a registry`,
        {
          hint: `Say which: ${kind}:${text} or registry:${text}.`,
        },
      );
    }
  }
  if (looksLikePath) {
    throw new PlimsollError('image/no-such-file', `There is no file or folder "${text}"`, { hint: schemeHint });
  }
  return { kind: 'registry', name: text, reference: referenceFrom(text) };
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

function referenceFrom(text: string): ImageReference {
  try {
    return parseReference(text);
  } catch (thrown) {
    throw badTarget(text, `nothing of that name exists on disk, and ${messageOf(thrown)}`);
  }
}

/** The longest beginning that exists; the selector starts with the `:` or `@` that ends it. */
async function splitExisting(text: string): Promise<{ path: string; selector: string } | undefined> {
  if (await exists(text)) return { path: text, selector: '' };
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] !== ':' && text[at] !== '@') continue;
    const path = text.slice(0, at);
    if (path === '-' || (await exists(path))) return { path, selector: text.slice(at) };
  }
  return undefined;
}

function splitFirst(text: string): { path: string; selector: string } {
  const at = /@(?:sha256|sha512):|:/.exec(text)?.index ?? text.length;
  return { path: text.slice(0, at), selector: text.slice(at) };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

function badTarget(text: string, why: string): PlimsollError {
  return new PlimsollError('image/bad-target', `"${text.slice(0, 200)}" cannot be looked at: ${why}`, {
    hint: schemeHint,
  });
}
