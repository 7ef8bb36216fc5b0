import type { Component, Distro } from './component.ts';
import type { Finding } from './finding.ts';
import type { TrustEvidence } from './trust-evidence.ts';

export interface LayerInfo {
  /** Of the blob as stored, `sha256:…`. */
  readonly digest: string;
  /** Of the layer unpacked (OCI image-spec, "Layer DiffID"). */
  readonly diffId?: string | undefined;
  /** Stored size in bytes. */
  readonly size: number;
  /** The instruction that made it, from the image's history. */
  readonly createdBy?: string | undefined;
}

/** What was inspected. */
export type Artifact =
  | {
      readonly kind: 'image';
      /** As the user named it. */
      readonly reference: string;
      /** Of the manifest; of the image configuration where the source has no manifest (`docker-archive:`). */
      readonly digest: string;
      /** Of the index that the manifest was chosen from. */
      readonly indexDigest?: string | undefined;
      /** `linux/amd64`, `linux/arm64/v8`. */
      readonly platform: string;
      /** RFC 3339, from the image configuration. */
      readonly created?: string | undefined;
      readonly labels: Readonly<Record<string, string>>;
      readonly layers: readonly LayerInfo[];
    }
  | { readonly kind: 'directory'; readonly reference: string }
  | { readonly kind: 'file'; readonly reference: string; readonly digest: string }
  /** An SBOM taken as input; `digest` is of the document, `subject` what the document says it describes. */
  | {
      readonly kind: 'sbom';
      readonly reference: string;
      readonly digest: string;
      readonly subject?: string | undefined;
    };

/** Something that could not be found out. A policy decides what it means; it is never left out. */
export type Unknown =
  /** A file that a cataloger asked for and could not read. */
  | {
      readonly kind: 'unread-file';
      readonly path: string;
      readonly layer?: number | undefined;
      readonly cataloger: string;
      readonly reason: string;
    }
  /** A layer that was not looked into: a foreign layer, an unknown media type. */
  | { readonly kind: 'unread-layer'; readonly layer: number; readonly reason: string }
  | { readonly kind: 'no-version'; readonly component: string; readonly reason: string }
  /** The advisory database has nothing at all about this ecosystem, so silence means nothing. */
  | {
      readonly kind: 'no-advisories';
      readonly ecosystem: string;
      readonly components: number;
      readonly reason: string;
    };

/** Components of an artifact and all that could not be read: what the catalogers give, and an SBOM document holds. */
export interface Inventory {
  readonly artifact: Artifact;
  readonly distro?: Distro | undefined;
  /** Sorted by id. */
  readonly components: readonly Component[];
  readonly unknown: readonly Unknown[];
}

/** Which advisory data the findings rest on. */
export interface AdvisoryData {
  /** When the database was built, RFC 3339. */
  readonly built: string;
  /** `modified` of the newest advisory in it. */
  readonly newest: string;
  readonly advisories: number;
  readonly ecosystems: readonly string[];
  /** SHA-256 over the advisories it was built from: two runs with the same one used the same data. */
  readonly digest: string;
  /** The small set that comes with Plimsoll, not the full data. */
  readonly starter: boolean;
  /** What the feed did not have: without `kev` no finding can say whether it is exploited, without `epss` none how likely that is. */
  readonly lacks?: readonly ('kev' | 'epss')[] | undefined;
}

/** Everything known about an artifact: what `inspect` gives and `judge` takes. */
export interface Evidence extends Inventory {
  /** Sorted worst first, then by id and component. */
  readonly findings: readonly Finding[];
  readonly advisories: AdvisoryData;
  /** Absent: nobody looked. */
  readonly trust?: TrustEvidence | undefined;
  /** Why nobody could look, as a sentence. */
  readonly trustUnknown?: string | undefined;
}
