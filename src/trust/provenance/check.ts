import { PlimsollError } from '../../error.ts';
import { describeMatch, type Match, matches } from '../match.ts';
import type { Statement } from '../statement.ts';
import { builderOf } from './builder.ts';
import { readProvenance } from './predicate.ts';
import { isRepository, sameRepository } from './repository.ts';
import { contradiction, type StatementSigner } from './signer.ts';
import { type Source, sourceOf } from './source.ts';

/** What somebody asks of a provenance. Something must be: {@link checkProvenance} does not pass by asking nothing. */
export interface ExpectedProvenance {
  /** `builder.id` */
  readonly builder?: Match | undefined;
  /** `github.com/acme/app` */
  readonly repository?: string | undefined;
  /** In full: `refs/heads/main`, `refs/tags/v1.2.0`. */
  readonly ref?: string | undefined;
  /** SLSA build level, or a higher one. */
  readonly level?: 1 | 2 | 3 | undefined;
  /** Levels by builder id, of builders that the user knows. */
  readonly trustedBuilders?: ReadonlyMap<string, 1 | 2 | 3> | undefined;
  /** The certificate must have been given to a job of `repository`: for signers who were not named themselves. */
  readonly signerOfRepository?: boolean | undefined;
}

export type Outcome = 'holds' | 'fails' | 'unknown';

export interface ProvenanceCheck {
  readonly name: 'type' | 'certificate' | 'signer' | 'builder' | 'source' | 'ref' | 'level' | 'package';
  readonly outcome: Outcome;
  /** What was found, as a sentence without a full stop. */
  readonly message: string;
}

/**
 * Holds a statement that `signer` signed, and whose subject was compared, against what is expected of it. There is a check for
 * everything that is expected, so that none can be left out unseen.
 *
 * @throws PlimsollError `trust/nothing-expected`, `trust/bad-repository`
 */
export function checkProvenance(
  statement: Statement,
  signer: StatementSigner,
  expected: ExpectedProvenance,
): readonly ProvenanceCheck[] {
  checkExpected(expected);
  const provenance = readProvenance(statement);
  if (provenance === undefined) {
    return [{ name: 'type', outcome: 'fails', message: `it is no SLSA provenance, but ${statement.predicateType}` }];
  }
  const source = sourceOf(provenance);
  const conflict = contradiction(provenance, source, signer);
  if (conflict !== undefined) return [{ name: 'certificate', outcome: 'fails', message: conflict }];
  const builder = builderOf(provenance, source, signer, expected.trustedBuilders);
  const unspoken =
    provenance.builder === undefined
      ? 'it names no builder'
      : `it names the builder ${provenance.builder}, for which its signer cannot speak`;
  const checks: ProvenanceCheck[] = [];
  if (expected.signerOfRepository === true) checks.push(checkSigner(signer, expected.repository));
  if (expected.builder !== undefined) checks.push(checkBuilder(builder?.id, unspoken, expected.builder));
  if (expected.repository !== undefined)
    checks.push(checkRepository(source, provenance.buildType, expected.repository));
  if (expected.ref !== undefined) checks.push(checkRef(source, expected.ref));
  if (expected.level !== undefined) {
    checks.push(
      builder === undefined
        ? { name: 'level', outcome: 'fails', message: unspoken }
        : checkLevel(builder.id, builder.level, expected.level),
    );
  }
  return checks;
}

/** All of them; of no checks nothing is known. */
export function outcomeOf(checks: readonly ProvenanceCheck[]): Outcome {
  if (checks.some(({ outcome }) => outcome === 'fails')) return 'fails';
  return checks.length > 0 && checks.every(({ outcome }) => outcome === 'holds') ? 'holds' : 'unknown';
}

/** Refuses what could not be verified, before anything is read. @throws PlimsollError `trust/nothing-expected`, `trust/bad-repository` */
export function checkExpected({ builder, repository, ref, level, signerOfRepository }: ExpectedProvenance): void {
  if (repository !== undefined && !isRepository(repository)) {
    throw new PlimsollError('trust/bad-repository', `"${repository.slice(0, 200)}" names no repository`, {
      hint: 'Name it with its host: github.com/acme/app',
    });
  }
  const isNamed = signerOfRepository !== true || repository !== undefined;
  if (isNamed && [builder, repository, ref, level].some((each) => each !== undefined)) return;
  throw new PlimsollError(
    'trust/nothing-expected',
    'Nothing is expected of the provenance, so that nothing can be verified',
    {
      hint: 'Name the source repository, or the builder.',
    },
  );
}

function checkSigner(signer: StatementSigner, repository = ''): ProvenanceCheck {
  const from = signer.kind === 'identity' ? signer.claims?.get('sourceRepositoryUri') : undefined;
  if (from === undefined) {
    return { name: 'signer', outcome: 'unknown', message: 'its certificate does not say whose job signed it' };
  }
  const isSame = sameRepository(from, repository);
  return { name: 'signer', outcome: isSame ? 'holds' : 'fails', message: `a job of ${from} signed it` };
}

function checkBuilder(id: string | undefined, unspoken: string, expected: Match): ProvenanceCheck {
  if (id === undefined) return { name: 'builder', outcome: 'fails', message: unspoken };
  return matches(expected, id)
    ? { name: 'builder', outcome: 'holds', message: `built by ${id}` }
    : { name: 'builder', outcome: 'fails', message: `built by ${id}, not by ${describeMatch(expected)}` };
}

function checkRepository({ repository }: Source, buildType: string | undefined, expected: string): ProvenanceCheck {
  if (repository === undefined) {
    const message = `it does not say without contradiction what was built; its build type is ${buildType ?? 'not stated'}`;
    return { name: 'source', outcome: 'unknown', message };
  }
  return sameRepository(repository, expected)
    ? { name: 'source', outcome: 'holds', message: `built from ${repository}` }
    : { name: 'source', outcome: 'fails', message: `built from ${repository}, not from ${expected}` };
}

function checkRef({ ref }: Source, expected: string): ProvenanceCheck {
  if (ref === undefined)
    return { name: 'ref', outcome: 'unknown', message: 'it does not say which branch or tag was built' };
  return ref === expected
    ? { name: 'ref', outcome: 'holds', message: `built from ${ref}` }
    : { name: 'ref', outcome: 'fails', message: `built from ${ref}, not from ${expected}` };
}

function checkLevel(id: string, level: number | undefined, expected: number): ProvenanceCheck {
  if (level === undefined) {
    return { name: 'level', outcome: 'unknown', message: `the build level of ${id} with this signer is not known` };
  }
  return level >= expected
    ? { name: 'level', outcome: 'holds', message: `SLSA build level ${level}` }
    : { name: 'level', outcome: 'fails', message: `SLSA build level ${level}, not ${expected}` };
}
