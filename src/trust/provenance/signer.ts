import type { ClaimName } from '../keyless/certificate.ts';
import { anchoredPattern, type Match } from '../match.ts';
import { type Provenance, text } from './predicate.ts';
import { sameRepository } from './repository.ts';
import type { Source } from './source.ts';

/** Whose signature on a statement holds. */
export type StatementSigner =
  | { readonly kind: 'key' }
  | {
      readonly kind: 'identity';
      readonly issuer: string;
      readonly identity: string;
      /** What else the certificate says of the job that signed. Absent: that is not known. */
      readonly claims?: ReadonlyMap<ClaimName, string> | undefined;
    };

/** The OpenID Connect provider of GitHub's own Actions, not that of any GitHub Enterprise Server. */
export const githubIssuer = 'https://token.actions.githubusercontent.com';

/** Every job on GitHub. As signers they are trusted only with the repository that their certificate names. */
export function githubJobs(): { readonly identity: Match; readonly issuer: Match } {
  return {
    identity: anchoredPattern('https://github\\.com/[^/@]+/[^/@]+/\\.github/workflows/[^@]+@.+'),
    issuer: { exact: githubIssuer },
  };
}

/**
 * What a provenance states otherwise than the certificate that it is signed with. A job makes its provenance itself and
 * can write anything into it, but not into its certificate.
 *
 * @returns a sentence; `undefined`: there is no contradiction
 */
export function contradiction(
  { invocation }: Provenance,
  { repository, ref, commit }: Source,
  signer: StatementSigner,
): string | undefined {
  const claims = signer.kind === 'identity' ? signer.claims : undefined;
  if (claims === undefined) return undefined;
  const claimed = {
    repository: claims.get('sourceRepositoryUri'),
    ref: claims.get('sourceRepositoryRef'),
    commit: claims.get('sourceRepositoryDigest'),
    invocation: claims.get('runInvocationUri'),
  };
  const differs = (what: string, stated: string | undefined, proven: string | undefined) =>
    stated === undefined || proven === undefined || stated === proven
      ? undefined
      : `it names the ${what} ${stated}, the certificate of its signer ${proven}`;
  const isSame =
    repository === undefined || claimed.repository === undefined || sameRepository(repository, claimed.repository);
  return (
    (isSame ? undefined : differs('source repository', repository, claimed.repository)) ??
    differs('ref', ref, claimed.ref) ??
    differs('commit', commit, claimed.commit) ??
    // Some write numbers, which the certificate does not have.
    differs('run', invocation?.startsWith('https://') ? invocation : undefined, claimed.invocation)
  );
}

/** Whether the job ran on GitHub's machines or on its owner's; the certificate knows better than the job. */
export function runnerOf(
  { externalParameters, internalParameters }: Provenance,
  signer: StatementSigner,
): string | undefined {
  const claimed = signer.kind === 'identity' ? signer.claims?.get('runnerEnvironment') : undefined;
  const github = internalParameters['github'];
  const stated =
    typeof github === 'object' && github !== null && 'runner_environment' in github
      ? github.runner_environment
      : externalParameters['runner_environment'];
  return claimed ?? text(stated);
}
