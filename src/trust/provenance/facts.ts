import type { AttestationFacts } from '../../sbom/index.ts';
import type { Statement } from '../statement.ts';
import { builderOf } from './builder.ts';
import { type Provenance, readProvenance } from './predicate.ts';
import { contradiction, type StatementSigner } from './signer.ts';
import { type Source, sourceOf } from './source.ts';

/**
 * What a provenance proves that `signer` signed. It says nothing where it contradicts its signer's certificate, and no
 * builder or level that this signer cannot vouch for.
 *
 * @param trusted build levels by builder id, of builders that the user knows
 */
export function provenanceFacts(
  statement: Statement,
  signer: StatementSigner,
  trusted?: ReadonlyMap<string, 1 | 2 | 3>,
): AttestationFacts {
  const provenance = readProvenance(statement);
  return provenance === undefined ? {} : factsOf(provenance, sourceOf(provenance), signer, trusted);
}

function factsOf(
  provenance: Provenance,
  source: Source,
  signer: StatementSigner,
  trusted: ReadonlyMap<string, 1 | 2 | 3> | undefined,
): AttestationFacts {
  if (contradiction(provenance, source, signer) !== undefined) return {};
  const builder = builderOf(provenance, source, signer, trusted);
  return {
    // The end of the build; where only its start is stated, what it tells is at least as old as that.
    statedAt: provenance.finishedOn ?? provenance.startedOn,
    builder: builder?.id,
    sourceRepository: source.repository,
    sourceRef: source.ref,
    buildLevel: builder?.level,
  };
}
