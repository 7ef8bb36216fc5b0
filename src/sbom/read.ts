import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Inventory } from './evidence.ts';

/**
 * An SBOM as an inventory.
 *
 * @param reference as the user named it
 * @throws PlimsollError `sbom/too-large`, `sbom/unsupported-format`
 */
export function readSbom(bytes: Uint8Array, reference: string): Inventory {
  if (bytes.length > limits.sbomBytes) {
    throw new PlimsollError('sbom/too-large', `The SBOM ${reference} is larger than ${limits.sbomBytes} bytes`, {
      hint: 'Check that this is the right file.',
    });
  }
  throw new PlimsollError('sbom/unsupported-format', `${reference} is not a CycloneDX or SPDX document`, {
    hint: 'Give an SBOM in CycloneDX JSON (1.2 to 1.7) or SPDX JSON (2.2 or 2.3).',
  });
}
