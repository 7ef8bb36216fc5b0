import type { SeverityLevel } from '../sbom/index.ts';
import type { Action } from './field.ts';
import type { Gate, UnknownKind } from './schema.ts';

/** The answer of a gate: whether the line holds, and all that it rests on. */
export interface Verdict {
  readonly gate: Gate;
  readonly outcome: Action;
  /** What speaks against it, worst first. Empty only when components were judged and nothing was found wanting. */
  readonly reasons: readonly Reason[];
  /** What exceptions and VEX statements cover: it does not count, and is not hidden. */
  readonly suppressed: readonly Suppressed[];
  /** What exceptions would have covered that have ended. It counts, and stands in `reasons`. */
  readonly expired: readonly Suppressed[];
  /** Exceptions for this gate that fit nothing in the artifact. */
  readonly unused: readonly ExceptionNote[];
  readonly policy: {
    readonly name: string;
    /** `sha256:…` over the policy as it holds at this gate; comments and formatting do not change it. */
    readonly digest: string;
  };
  /** When it was judged, RFC 3339. */
  readonly at: string;
  /** How much was judged, so that an `allow` over nothing can be told. */
  readonly judged: { readonly components: number; readonly findings: number; readonly unknown: number };
  /** Findings by severity, without those that are suppressed altogether. */
  readonly counts: Readonly<Record<SeverityLevel, number>>;
}

/** One rule that holds for one thing. */
export interface Reason {
  readonly action: 'deny' | 'warn';
  /** The rule's name; `unknown.unread-layer` and so on for what could not be found out. */
  readonly rule: string;
  /** A sentence for people. Names in it come from the artifact: escape them where it is shown. */
  readonly message: string;
  /** The rule's own reason, as the policy gives it; it stands in `message` too. */
  readonly why?: string | undefined;
  /** `Component.id`. */
  readonly component?: string | undefined;
  /** `Finding.id`. */
  readonly finding?: string | undefined;
  readonly unknown?: UnknownKind | undefined;
  readonly where: readonly Place[];
  /** What to do about it: `update to 1.2.3`. */
  readonly fix?: string | undefined;
}

export interface Place {
  /** As in `Location.path`; absent for a layer as a whole. */
  readonly path?: string | undefined;
  /** Index into the artifact's layers. */
  readonly layer?: number | undefined;
  /** The instruction that made the layer. */
  readonly instruction?: string | undefined;
}

export interface ExceptionNote {
  /** Where the exception stands (`plimsoll.yaml:14`), or who states it. */
  readonly by: string;
  readonly reason: string;
  /** The last day on which it counts, UTC. */
  readonly until?: string | undefined;
  readonly ticket?: string | undefined;
  readonly approvedBy?: string | undefined;
  /** Of a VEX statement: what it says. */
  readonly vex?: VexAnswer | undefined;
}

export interface VexAnswer {
  readonly status: 'not_affected' | 'fixed';
  /** A word of OpenVEX or CycloneDX, or a sentence. */
  readonly justification?: string | undefined;
}

export interface Suppressed extends ExceptionNote {
  readonly component?: string | undefined;
  readonly finding?: string | undefined;
  readonly unknown?: UnknownKind | undefined;
  /** Set when the exception covers the reasons of this rule only. */
  readonly rule?: string | undefined;
  /** The places that are covered; others may stand. */
  readonly where: readonly Place[];
}

/** A statement from outside the policy (VEX) that a finding does not count for a component. */
export interface Suppression {
  /** Any name of the finding. */
  readonly finding: string;
  /** `Component.id`. */
  readonly component: string;
  /** Which statement: the document's id or file, and its author. */
  readonly by: string;
  readonly reason: string;
  readonly vex?: VexAnswer | undefined;
  /** The last day on which it counts, `YYYY-MM-DD`, UTC. */
  readonly until?: string | undefined;
}
