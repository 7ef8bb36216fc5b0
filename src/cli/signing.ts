/** With what to sign, for all commands that do. */
import type { Command } from 'commander';
import { PlimsollError } from '../error.ts';
import { keyForms, keySealer, openSigner, type Sealer } from '../trust/index.ts';
import { passphraseFor } from './passphrase.ts';
import type { Terminal } from './terminal.ts';

export interface SigningOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
  readonly legacy?: boolean;
}

/** For what is attached to an image. */
export function addSigningOptions(command: Command): Command {
  return addKeyOptions(command).option('--legacy', 'also in the form that older Sigstore clients read, under a tag');
}

export function addKeyOptions(command: Command): Command {
  return command
    .option('--key <key>', `what to sign with: ${keyForms}`)
    .option('--passphrase-file <file>', 'a file with the passphrase of the key');
}

/** @throws PlimsollError `cli/nothing-to-sign-with`, and those of the key */
export async function sealerOf({ key, passphraseFile }: SigningOptions, terminal: Terminal): Promise<Sealer> {
  if (key === undefined) {
    throw new PlimsollError('cli/nothing-to-sign-with', 'With what to sign is not said', {
      hint: 'Name a key: --key release.key',
    });
  }
  return keySealer(
    await openSigner(key, (name) => passphraseFor(name, passphraseFile, terminal), { env: terminal.env }),
  );
}
