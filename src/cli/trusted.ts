/** Who is trusted, for all commands that verify. */
import type { Command } from 'commander';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import {
  type Authority,
  anchoredPattern,
  identityAuthorities,
  keyAuthority,
  keyForms,
  type Match,
  openPublicKey,
} from '../trust/index.ts';
import { gather } from './command.ts';
import { readInput } from './input-file.ts';
import type { Terminal } from './terminal.ts';

export interface TrustOptions {
  readonly key?: readonly string[];
  readonly identity?: string;
  readonly identityPattern?: string;
  readonly issuer?: string;
  readonly issuerPattern?: string;
  readonly trustedRoot?: string;
}

/** Whose certificates are trusted. */
export interface TrustedIdentity {
  readonly identity: Match;
  readonly issuer: Match;
}

export function addTrustOptions(command: Command): Command {
  return command
    .option('--key <key>', `a public key whose holder is trusted: ${keyForms}; repeatable`, gather)
    .option(
      '--identity <identity>',
      'whom a certificate has to name, exactly: the address of a workflow or of a person',
    )
    .option('--identity-pattern <pattern>', 'the same as a regular expression over the whole of it')
    .option('--issuer <url>', 'who has to vouch for that identity, exactly: an OpenID Connect provider')
    .option('--issuer-pattern <pattern>', 'the same as a regular expression over the whole of it')
    .option(
      '--trusted-root <file>',
      'the authorities and logs that certificates rest on (gh attestation trusted-root)',
    );
}

/**
 * @param otherwise whose certificates are trusted where nobody is named
 * @throws PlimsollError `cli/nobody-trusted`, `cli/half-an-identity`, `cli/no-trusted-root`
 */
export async function authoritiesOf(
  options: TrustOptions,
  { env }: Terminal,
  otherwise?: TrustedIdentity,
): Promise<readonly Authority[]> {
  const { key = [], trustedRoot } = options;
  const keys = await Promise.all(key.map(async (name) => keyAuthority(await openPublicKey(name, { env }), name)));
  const named = identityIn(options);
  const identity = named ?? (keys.length === 0 ? otherwise : undefined);
  if (identity !== undefined) {
    if (trustedRoot === undefined) {
      throw new PlimsollError('cli/no-trusted-root', 'What certificates rest on is not said', {
        hint: 'Name the trusted root of the Sigstore deployment: gh attestation trusted-root > roots.jsonl, then --trusted-root roots.jsonl',
      });
    }
    const content = readInput(trustedRoot, limits.trustedRootBytes);
    return [...keys, ...(await identityAuthorities(identity, { content, name: trustedRoot }))];
  }
  if (keys.length > 0) return keys;
  throw new PlimsollError('cli/nobody-trusted', 'Nobody is trusted, so that nothing can be verified', {
    hint: 'Name a public key (--key release.pub), or an identity (--identity … --issuer … --trusted-root FILE).',
  });
}

/** Whether whoever verifies names somebody. */
export function namesSomebody({ key, identity, identityPattern, issuer, issuerPattern }: TrustOptions): boolean {
  return [key, identity, identityPattern, issuer, issuerPattern].some((each) => each !== undefined);
}

function identityIn({ identity, identityPattern, issuer, issuerPattern }: TrustOptions): TrustedIdentity | undefined {
  const who = matchOf(identity, identityPattern, 'identity');
  const by = matchOf(issuer, issuerPattern, 'issuer');
  if (who === undefined && by === undefined) return undefined;
  if (who !== undefined && by !== undefined) return { identity: who, issuer: by };
  throw new PlimsollError(
    'cli/half-an-identity',
    'An identity is worth what its issuer is, and only one of them is named',
    {
      hint: 'Name both: --identity https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main --issuer https://token.actions.githubusercontent.com',
    },
  );
}

function matchOf(exact: string | undefined, pattern: string | undefined, what: string): Match | undefined {
  if (exact !== undefined && pattern !== undefined) {
    throw new PlimsollError('cli/expected-twice', `The ${what} is given in two ways`, {
      hint: `Give one of --${what} and --${what}-pattern.`,
    });
  }
  if (exact !== undefined) return { exact };
  return pattern === undefined ? undefined : anchoredPattern(pattern);
}
