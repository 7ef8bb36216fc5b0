/** What both document formats need: who wrote it, when, a number that follows from the content, and one order. */
import { createHash } from 'node:crypto';
import type { Component, Hash, Location } from './component.ts';
import type { Artifact, Inventory } from './evidence.ts';

export interface DocumentOptions {
  /** Plimsoll's own version. */
  readonly toolVersion: string;
  /** RFC 3339. Without it: when the image was created, or 1970, so that the same input gives the same bytes. */
  readonly timestamp?: string | undefined;
  /** A UUID. Without it: derived from the content. */
  readonly serialNumber?: string | undefined;
  /** The organisation that answers for the document. Without it: Plimsoll. */
  readonly author?: string | undefined;
}

/** A JSON object; members that are `undefined` are left out when it is written. */
export type JsonMembers = { readonly [key: string]: unknown };

export const toolName = 'plimsoll';

export function authorOf({ author }: DocumentOptions): string {
  return author ?? 'Plimsoll';
}

/** RFC 3339 in UTC to the second, as SPDX 2.3 (6.9) asks for and CycloneDX accepts. */
export function timestampOf({ artifact }: Pick<Inventory, 'artifact'>, { timestamp }: DocumentOptions): string {
  const stated = timestamp ?? (artifact.kind === 'image' ? artifact.created : undefined);
  return `${(dateTime(stated) ?? '1970-01-01T00:00:00.000Z').slice(0, 19)}Z`;
}

/** RFC 3339 in UTC with milliseconds; `undefined` for what is no time, or is beyond the four digits of its year. */
export function dateTime(text: string | undefined): string | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  const written = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return written.length === 'YYYY-MM-DDTHH:MM:SS.sssZ'.length ? written : undefined;
}

export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The number that was given, or a UUID of version 8 (RFC 9562, 5.8: custom) over the SHA-256 of `content`. */
export function uuidFor(content: string, { serialNumber }: DocumentOptions): string {
  if (serialNumber !== undefined) return serialNumber.toLowerCase().replace(/^urn:uuid:/, '');
  const hex = sha256(content);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A name and version for the artifact itself. Digests are versions: nothing else names one build of it. */
export function subjectOf(artifact: Artifact): { readonly name: string; readonly version: string | undefined } {
  switch (artifact.kind) {
    case 'image':
      return { name: artifact.reference || 'image', version: artifact.digest };
    case 'file':
      return { name: lastName(artifact.reference), version: artifact.digest };
    case 'directory':
      return { name: lastName(artifact.reference), version: undefined };
    case 'sbom':
      return { name: artifact.subject || lastName(artifact.reference), version: undefined };
  }
}

/** Of `./my-app/` the folder's own name; what is left of `.` and `/` names nothing. */
function lastName(reference: string): string {
  const name = reference
    .replace(/^(?:dir|file|sbom):/, '')
    .split('/')
    .findLast((part) => part !== '' && part !== '.');
  return name === undefined || name === '..' ? 'artifact' : name;
}

/** The inventory with every list in one order, so that the order of the input does not show in the document. */
export function inOrder(inventory: Inventory): Inventory {
  const ids = new Set(inventory.components.map(({ id }) => id));
  return {
    ...inventory,
    components: inventory.components
      .map((component) => ({
        ...component,
        licenses: unique(component.licenses.filter((license) => license.trim() !== '')),
        hashes: hashesInOrder(component.hashes.filter(isHash)),
        locations: locationsInOrder(component.locations),
        dependsOn: unique(component.dependsOn.filter((id) => ids.has(id) && id !== component.id)),
      }))
      .toSorted((a, b) => compare(a.id, b.id)),
    unknown: inventory.unknown.toSorted(byJson),
  };
}

/**
 * Components that no other one depends on, and one of each circle that nothing leads into: from these all others can be
 * reached.
 */
export function topLevel(components: readonly Component[]): readonly string[] {
  const byId = new Map(components.map((component) => [component.id, component]));
  const needed = new Set(components.flatMap(({ dependsOn }) => dependsOn));
  const reached = new Set<string>();
  const reach = (id: string) => {
    const waiting = [id];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      for (const other of byId.get(next)?.dependsOn ?? []) waiting.push(other);
    }
  };
  const tops = components.filter(({ id }) => !needed.has(id)).map(({ id }) => id);
  for (const id of tops) reach(id);
  for (const { id } of components) {
    if (reached.has(id)) continue;
    tops.push(id);
    reach(id);
  }
  return tops.sort(compare);
}

/** The formats ask for a URI; what packages give as a homepage is anything. */
export function isWebAddress(text: string): boolean {
  return (
    /^https?:\/\/(?:[\w.~:/?#@!$&'()*+,;=-]|%[0-9a-fA-F]{2})+$/.test(text) &&
    /^[^#]*#?[^#]*$/.test(text) &&
    URL.canParse(text)
  );
}

/** By UTF-16 code units, which is the same everywhere. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function byJson(a: unknown, b: unknown): number {
  return compare(JSON.stringify(a), JSON.stringify(b));
}

export function hashesInOrder(hashes: readonly Hash[]): Hash[] {
  return uniqueBy(hashes, ({ algorithm, value }) => `${algorithm} ${value}`);
}

export function locationsInOrder(locations: readonly Location[]): Location[] {
  return uniqueBy(locations, ({ path, layer }) => `${path}\0${layer ?? ''}`);
}

function uniqueBy<T>(values: readonly T[], key: (value: T) => string): T[] {
  const byKey = new Map(values.map((value) => [key(value), value]));
  return [...byKey].sort(([a], [b]) => compare(a, b)).map(([, value]) => value);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort(compare);
}

const hashLengths = { MD5: 32, 'SHA-1': 40, 'SHA-256': 64, 'SHA-384': 96, 'SHA-512': 128 } as const;

/** Both schemas refuse a document for one hash that is none. */
export function isHash({ algorithm, value }: Hash): boolean {
  return value.length === hashLengths[algorithm] && /^[0-9a-f]+$/.test(value);
}
