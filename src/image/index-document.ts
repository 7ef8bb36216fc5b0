import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type Descriptor, isRecord, parseDescriptor } from './descriptor.ts';
import { inexactName } from './exact-name.ts';
import { mediaTypes } from './media-type.ts';

/** An index that is to be changed: what is not understood in it is kept as it came. */
export interface IndexDocument {
  readonly entries: readonly IndexEntry[];
  /** Everything but the entries. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export interface IndexEntry {
  readonly descriptor: Descriptor;
  readonly json: unknown;
}

export const emptyIndex: IndexDocument = {
  entries: [],
  rest: { schemaVersion: 2, mediaType: mediaTypes.ociIndex },
};

/**
 * Reads an index; `where` is for people.
 *
 * @throws PlimsollError `image/bad-index`, `image/too-many-referrers`
 */
export function parseIndex(bytes: Buffer, where: string): IndexDocument {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (thrown) {
    throw badIndex(where, `it is not JSON: ${messageOf(thrown)}`);
  }
  if (!isRecord(json) || json['schemaVersion'] !== 2) throw badIndex(where, 'it is no index of schema version 2');
  const inexact = inexactName(json, 'manifest');
  if (inexact !== undefined)
    throw badIndex(where, `"${inexact.slice(0, 40)}" in it means something to some readers only`);
  const { manifests, ...rest } = json;
  const { mediaType } = rest;
  if (mediaType !== undefined && mediaType !== mediaTypes.ociIndex && mediaType !== mediaTypes.dockerIndex)
    throw badIndex(where, 'its media type is not that of an index');
  // OCI image-spec GHSA-77vh-xpmg-72qh: what can be read as two things is neither.
  if (Object.hasOwn(rest, 'layers') || Object.hasOwn(rest, 'config')) throw badIndex(where, 'it is an image as well');
  if (manifests !== null && !Array.isArray(manifests)) throw badIndex(where, 'it lists no manifests');
  const listed: readonly unknown[] = manifests ?? [];
  if (listed.length > limits.referrers) throw tooManyReferrers(where);
  const entries = listed.map((entry) => {
    const descriptor = parseDescriptor(entry);
    if (descriptor === undefined) throw badIndex(where, 'an entry is no descriptor');
    return { descriptor, json: entry };
  });
  return { entries, rest };
}

export function formatIndex({ entries, rest }: IndexDocument): Buffer {
  return Buffer.from(JSON.stringify({ ...rest, manifests: entries.map(({ json }) => json) }));
}

/** The index with the descriptors at its end, each where it is not listed yet; the same one where all of them are. */
export function withEntries(document: IndexDocument, added: readonly Descriptor[]): IndexDocument {
  const listed = new Set(document.entries.map(({ descriptor }) => descriptor.digest));
  const missing = added.filter(({ digest }) => !listed.has(digest));
  if (missing.length === 0) return document;
  return {
    ...document,
    entries: [...document.entries, ...missing.map((descriptor) => ({ descriptor, json: descriptor }))],
  };
}

export function tooManyReferrers(where: string): PlimsollError {
  return new PlimsollError(
    'image/too-many-referrers',
    `${where} lists more than ${limits.referrers} attached documents`,
    {
      hint: 'That is more than anyone can look at. Ask whoever runs the registry to clear out what is attached to this image.',
    },
  );
}

function badIndex(where: string, why: string): PlimsollError {
  return new PlimsollError('image/bad-index', `${where} cannot be read: ${why.slice(0, 300)}`, {
    hint: 'It is damaged, or was made by a tool that does not follow the OCI image specification.',
  });
}
