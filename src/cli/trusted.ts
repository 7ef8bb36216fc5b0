/** Who is trusted, for all commands that verify. */
import type { Command } from 'commander';
import { cacheFolder } from '../cache-folder.ts';
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
  trustedRootByTuf,
} from '../trust/index.ts';
import { gather } from './command.ts';

import { readInput } from './input-file.ts';
import { shown } from './render/text.ts';
import type { Terminal } from './terminal.ts';

export interface TrustOptions {
  readonly key?: readonly string[];
  readonly identity?: string;
  readonly identityPattern?: string;
  readonly issuer?: string;
  readonly issuerPattern?: string;
  readonly trustedRoot?: string;
  readonly tufMirror?: string;
  readonly tufRoot?: string;
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
      'the authorities and logs that certificates rest on (default: those of the public Sigstore, by TUF)',
    )
    .option('--tuf-mirror <url>', 'fetch them from this TUF repository')
    .option('--tuf-root <file>', 'the root of that repository');
}

/**
 * @param otherwise whose certificates are trusted where nobody is named
 * @throws PlimsollError `cli/nobody-trusted`, `cli/half-an-identity`, and those of keys and trusted roots
 */
export async function authoritiesOf(
  options: TrustOptions,
  terminal: Terminal,
  otherwise?: TrustedIdentity,
): Promise<readonly Authority[]> {
  const { key = [] } = options;
  const { env } = terminal;
  const keys = await Promise.all(key.map(async (name) => keyAuthority(await openPublicKey(name, { env }), name)));
  const named = identityIn(options);
  const identity = named ?? (keys.length === 0 ? otherwise : undefined);
  if (identity !== undefined) {
    return [...keys, ...(await identityAuthorities(identity, await trustedRootOf(options, terminal)))];
  }
  if (keys.length > 0) return keys;
  throw new PlimsollError('cli/nobody-trusted', 'Nobody is trusted, so that nothing can be verified', {
    hint: 'Name a public key (--key release.pub), or an identity (--identity … --issuer … --trusted-root FILE).',
  });
}

/** A file, or what the TUF repository has. */
async function trustedRootOf(
  { trustedRoot, tufMirror, tufRoot }: TrustOptions,
  { env, err }: Terminal,
): Promise<{ readonly content: Buffer; readonly name: string }> {
  if (trustedRoot !== undefined) return { content: readInput(trustedRoot, limits.trustedRootBytes), name: trustedRoot };
  const fetched = await trustedRootByTuf({ cacheFolder: cacheFolder(env), mirror: tufMirror, rootFile: tufRoot });
  if (fetched.offline !== undefined) {
    const { reason, since } = fetched.offline;
    err(`warning: the trusted root is that of ${since.toISOString()}: ${shown(reason)}\n`);
  }
  return fetched;
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
