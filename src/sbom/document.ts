/** What both document formats need: who wrote it, when, and a number that follows from the content. */
import { createHash } from 'node:crypto';
import type { Artifact, Inventory, Unknown } from './evidence.ts';

export interface DocumentOptions {
  /** Plimsoll's own version. */
  readonly toolVersion: string;
  /** RFC 3339. Without it: when the image was created, or the epoch, so that the same input gives the same bytes. */
  readonly timestamp?: string | undefined;
  /** A UUID. Without it: derived from the content. */
  readonly serialNumber?: string | undefined;
}

/** RFC 3339 in UTC to the second, as SPDX 2.3 (6.9) asks for and CycloneDX accepts. */
export function timestampOf({ artifact }: Pick<Inventory, 'artifact'>, options: DocumentOptions): string {
  const stated = options.timestamp ?? (artifact.kind === 'image' ? artifact.created : undefined);
  const time = stated === undefined ? Number.NaN : Date.parse(stated);
  return `${new Date(Number.isNaN(time) ? 0 : time).toISOString().slice(0, 19)}Z`;
}

/** A UUID of version 8 (RFC 9562, 5.8: custom) over the SHA-256 of `content`. */
export function uuidOver(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A name and version for the artifact itself: `library/alpine` and `3.20`, a folder's last name. */
export function subjectOf(artifact: Artifact): { readonly name: string; readonly version: string | undefined } {
  switch (artifact.kind) {
    case 'image':
      return { name: artifact.reference, version: artifact.digest };
    case 'file':
      return { name: lastName(artifact.reference), version: artifact.digest };
    case 'directory':
      return { name: lastName(artifact.reference), version: undefined };
    case 'sbom':
      return { name: artifact.subject ?? lastName(artifact.reference), version: undefined };
  }
}

function lastName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) || path || 'artifact';
}

/** Components that no other one depends on: what the artifact itself holds. All of them where there are only circles. */
export function topLevel(components: Inventory['components']): readonly string[] {
  const needed = new Set(components.flatMap(({ dependsOn }) => dependsOn));
  return components.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
}

/** One sentence for each thing that could not be found out. */
export function unknownSentences({ unknown }: Pick<Inventory, 'unknown'>): string[] {
  return unknown.map(sentence).sort();
}

function sentence(unknown: Unknown): string {
  switch (unknown.kind) {
    case 'unread-file':
      return `not read: ${unknown.path} (${unknown.reason})`;
    case 'unread-layer':
      return `not read: layer ${unknown.layer} (${unknown.reason})`;
    case 'no-version':
      return `no version: ${unknown.component} (${unknown.reason})`;
    case 'no-advisories':
      return `no advisories: ${unknown.ecosystem} (${unknown.reason})`;
  }
}
