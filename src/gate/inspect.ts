import type { Suppression } from '../policy/index.ts';
import type { AdvisoryData, Evidence, Inventory } from '../sbom/index.ts';
import { type AdvisoryLookup, matchComponents, suppressionsOf, type VexStatement } from '../vuln/index.ts';

export type Advisories = AdvisoryLookup & { readonly data: AdvisoryData };

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
