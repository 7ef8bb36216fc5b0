import { type Gate, judge, type Policy, type Verdict } from '../policy/index.ts';
import type { Evidence, Inventory } from '../sbom/index.ts';
import type { VexStatement } from '../vuln/index.ts';
import { type Advisories, inspect, suppressionsFor } from './inspect.ts';
import type { TrustFindings } from './trust.ts';

/** What was found, and the answer. */
export interface Assessment {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

export interface Question {
  readonly policy: Policy;
  readonly gate: Gate;
  /** The moment that ages and end dates are counted from. */
  readonly at: Date;
  /** What others say about findings (VEX). */
  readonly statements?: readonly VexStatement[] | undefined;
  /** Who signed it; absent: nobody looked. */
  readonly trust?: TrustFindings | undefined;
}

/** The whole flow after reading: every gate asks this, so none can have an answer of its own. */
export function assess(
  inventory: Inventory,
  advisories: Advisories,
  { policy, gate, at, statements = [], trust }: Question,
): Assessment {
  const evidence = { ...inspect(inventory, advisories, { ubuntuPro: policy.data.ubuntuPro }), ...trust };
  return { evidence, verdict: judge(evidence, policy, gate, at, suppressionsFor(evidence, statements)) };
}
