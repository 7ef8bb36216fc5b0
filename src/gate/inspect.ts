import type { AdvisoryData, Evidence, Inventory } from '../sbom/index.ts';
import { type AdvisoryLookup, matchComponents } from '../vuln/index.ts';

export interface InspectOptions {
  /** Whether Ubuntu Pro's fixes (ESM) are to be had. */
  readonly ubuntuPro: boolean;
}

/** The second step of the flow: what is wrong with what was found, by the given advisories. */
export function inspect(
  inventory: Inventory,
  advisories: AdvisoryLookup & { readonly data: AdvisoryData },
  options: InspectOptions,
): Evidence {
  const { findings, unknown } = matchComponents(inventory, advisories, options);
  return { ...inventory, findings, unknown: [...inventory.unknown, ...unknown], advisories: advisories.data };
}
