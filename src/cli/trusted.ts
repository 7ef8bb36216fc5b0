/** Who is trusted, for all commands that verify. */
import type { Command } from 'commander';
import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type Authority, keyAuthority, parsePublicKey } from '../trust/index.ts';
import { gather } from './command.ts';
import { readInput } from './input-file.ts';

export interface TrustOptions {
  readonly key?: readonly string[];
}

export function addTrustOptions(command: Command): Command {
  return command.option('--key <file>', 'a public key whose holder is trusted; repeatable', gather);
}

/** @throws PlimsollError `cli/nobody-trusted` */
export async function authoritiesOf({ key = [] }: TrustOptions): Promise<readonly Authority[]> {
  if (key.length === 0) {
    throw new PlimsollError('cli/nobody-trusted', 'Nobody is trusted, so that nothing can be verified', {
      hint: 'Name a public key: --key release.pub',
    });
  }
  return key.map((file) => keyAuthority(parsePublicKey(readInput(file, limits.policyKeyLength), file), file));
}
