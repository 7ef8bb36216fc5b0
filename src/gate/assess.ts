import { type Gate, judge, type Policy, type Suppression, type Verdict } from '../policy/index.ts';
import type { AdvisoryData, Evidence, Inventory } from '../sbom/index.ts';
import { type AdvisoryLookup, matchComponents, suppressionsOf, type VexStatement } from '../vuln/index.ts';
import type { TrustFindings } from './trust.ts';

export type Advisories = AdvisoryLookup & { readonly data: AdvisoryData };

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

/** What is wrong with what was found, by the given advisories. */
export function inspect(
  inventory: Inventory,
  advisories: Advisories,
  options: { readonly ubuntuPro: boolean },
): Evidence {
  const { findings, unknown } = matchComponents(inventory, advisories, options);
  return { ...inventory, findings, unknown: [...inventory.unknown, ...unknown], advisories: advisories.data };
}

/** VEX statements about the findings, in the policy's words. */
export function suppressionsFor({ findings, artifact }: Evidence, statements: readonly VexStatement[]): Suppression[] {
  return suppressionsOf(findings, statements, artifact).map(
    ({ finding, component, statement, status, justification }) => ({
      finding,
      component,
      by: statement,
      vex: { status, justification },
      reason: justification === undefined ? `VEX: ${status}` : `VEX: ${status}, ${justification}`,
    }),
  );
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
