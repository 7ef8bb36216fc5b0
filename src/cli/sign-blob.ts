import { limits } from '../limits.ts';
import { signatureOf, signBlob } from '../trust/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { readInput } from './input-file.ts';
import { checkWritable, writeFile } from './output-file.ts';
import { addKeyOptions, type SigningOptions, sealerOf } from './signing.ts';
import type { Terminal } from './terminal.ts';

interface SignBlobOptions extends SigningOptions {
  readonly bundle?: string;
  readonly signature?: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'sign-blob',
    'Signs a file. The signature goes into a Sigstore bundle beside it.',
    [
      'plimsoll sign-blob dist/app.tgz --key release.key',
      'plimsoll sign-blob app.tgz --key release.key --signature app.tgz.sig',
    ],
    terminal,
  )
    .argument('<file>', 'what is to be signed')
    .option('--bundle <file>', 'where the bundle goes (default: FILE.sigstore.json)')
    .option('--signature <file>', 'also the signature alone, in base64');
  await addKeyOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<SignBlobOptions>();
  const [file = ''] = command.args;
  const { bundle: bundleFile = bundleFileOf(file), signature } = options;
  const bytes = readInput(file, limits.attachmentBytes);
  checkWritable(bundleFile);
  if (signature !== undefined) checkWritable(signature);
  const bundle = await signBlob(bytes, await sealerOf(options, terminal));
  writeResult(bundleFile, bundle, terminal);
  if (signature !== undefined) writeResult(signature, `${signatureOf(bundle)}\n`, terminal);
  return exitCodes.holds;
}

/** Beside the file that it is about. */
export function bundleFileOf(file: string): string {
  return `${file}.sigstore.json`;
}

/** @throws PlimsollError `cli/cannot-write` */
export function writeResult(file: string, content: Buffer | string, terminal: Terminal): void {
  writeFile(file, content);
  terminal.err(`wrote ${file}\n`);
}
