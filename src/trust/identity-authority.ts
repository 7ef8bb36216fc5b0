import type { IdentityAuthority } from './authority.ts';
import { trustedRootsIn } from './keyless.ts';
import { describeMatch, type Match } from './match.ts';

/**
 * An identity whose certificates are trusted, by each of the deployments of Sigstore that a file names. What a deployment
 * has no logs for cannot be asked of its signatures; a time is, always.
 *
 * @throws PlimsollError `trust/trusted-root`
 */
export async function identityAuthorities(
  { identity, issuer }: { readonly identity: Match; readonly issuer: Match },
  file: { readonly content: Buffer; readonly name: string },
): Promise<readonly IdentityAuthority[]> {
  return (await trustedRootsIn(file.content, file.name)).map((trustedRoot) => ({
    kind: 'identity',
    name: `${describeMatch(identity)} of ${describeMatch(issuer)}`,
    identity,
    issuer,
    trustedRoot,
    logEntries: trustedRoot.tlogs.length === 0 ? 0 : 1,
    certificateLogs: trustedRoot.ctlogs.length === 0 ? 0 : 1,
  }));
}
