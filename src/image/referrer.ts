import { limits } from '../limits.ts';
import { type Descriptor, jsonObject, parseDescriptor } from './descriptor.ts';
import { digestParts } from './digest.ts';
import { emptyIndex, formatIndex, parseIndex, tooManyReferrers, withEntries } from './index-document.ts';
import { mediaTypes } from './media-type.ts';
import type { TagChange } from './store.ts';

/** OCI distribution-spec v1.1, "Referrers Tag Schema". `digest` must be one that can be checked. */
export function referrersTag(digest: string): string {
  const { algorithm, hex } = digestParts(digest);
  return `${algorithm}-${hex.slice(0, 64)}`;
}

/**
 * How a manifest is listed where it is attached (OCI distribution-spec v1.1, "Listing Referrers"): with its annotations,
 * and its artifact type or else its configuration's.
 */
export function referrerDescriptor(bytes: Buffer, descriptor: Descriptor): Descriptor {
  const json = jsonObject(bytes);
  const config = parseDescriptor(json['config']);
  const own = parseDescriptor({
    ...descriptor,
    artifactType: json['artifactType'] || config?.mediaType,
    annotations: json['annotations'],
  });
  return own ?? descriptor;
}

/** The digest of what a manifest is attached to; `undefined`: nothing. */
export function subjectOf(bytes: Buffer): string | undefined {
  return parseDescriptor(jsonObject(bytes)['subject'])?.digest;
}

/** Of what has one digest, the first. */
export function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const found = new Map<string, Descriptor>();
  for (const descriptor of descriptors) if (!found.has(descriptor.digest)) found.set(descriptor.digest, descriptor);
  return [...found.values()];
}

/** Whether something is of the type that is asked for, or may be: older lists do not say. */
export function isOfType({ artifactType }: Descriptor, wanted: string | undefined): boolean {
  return wanted === undefined || artifactType === undefined || artifactType === wanted;
}

/** Puts descriptors into the index under a referrers tag (OCI distribution-spec v1.1, "Pushing Manifests with Subject"). */
export function attaching(added: readonly Descriptor[], where: string): TagChange {
  return (current) => {
    const index = current === undefined ? emptyIndex : parseIndex(current.bytes, where);
    const changed = withEntries(index, added);
    if (changed === index) return undefined;
    const bytes = formatIndex(changed);
    if (changed.entries.length > limits.referrers || bytes.length > limits.manifestBytes) throw tooManyReferrers(where);
    const { mediaType } = index.rest;
    return { bytes, mediaType: typeof mediaType === 'string' ? mediaType : mediaTypes.ociIndex };
  };
}
