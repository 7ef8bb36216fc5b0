import type { PlimsollError } from '../error.ts';
import type { Descriptor } from '../image/index.ts';
import type { Bundle } from './bundle.ts';
import type { Envelope } from './dsse.ts';

/** Where a signature or attestation was found. */
export interface Source {
  /** A Sigstore bundle among the referrers, or what older Sigstore clients keep under a tag of its own. */
  readonly form: 'bundle' | 'legacy';
  /** The tag, or the digest of the referrer. */
  readonly place: string;
  /** Of the bundle, envelope or payload; absent: that is not known. */
  readonly digest?: string | undefined;
}

/** A signature or attestation as it was found. Nothing of it is verified. */
export interface Attached {
  readonly source: Source;
  readonly sealed: Sealed;
  /** The predicate types that annotations around it claim. */
  readonly claims: readonly string[];
}

export type Sealed =
  | { readonly kind: 'bundle'; readonly bundle: Bundle }
  | { readonly kind: 'envelope'; readonly envelope: Envelope; readonly material: LegacyMaterial }
  | {
      readonly kind: 'simple-signing';
      readonly payload: Buffer;
      readonly signature: Buffer;
      readonly material: LegacyMaterial;
    };

/** What stands in the annotations beside a legacy signature: PEM, PEM, JSON, JSON. */
export interface LegacyMaterial {
  readonly certificate?: string | undefined;
  readonly chain?: string | undefined;
  /** Rekor's entry, under `dev.sigstore.cosign/bundle`. */
  readonly log?: string | undefined;
  readonly timestamp?: string | undefined;
}

/** All that is attached to one artifact, as far as somebody wants it. */
export interface Attachments<T> {
  /** What was made of each signature and attestation. */
  readonly used: readonly T[];
  /** What could not be read, is not what it has to be, or does not hold. */
  readonly faulty: readonly Faulty[];
  /** What nobody wants: by its annotations it is of another type. It was not read. */
  readonly passedOver: readonly PassedOver[];
  /** Referrers that are no signatures or attestations: SBOMs, documentation, signatures of other systems. */
  readonly others: readonly Descriptor[];
}

export interface Faulty {
  readonly source: Source;
  readonly error: PlimsollError;
}

export interface PassedOver {
  readonly source: Source;
  readonly predicateType: string;
}
