import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type BlobSignature, verifyBlob } from '../trust/index.ts';
import { writeBlobAnswer } from './blob-answer.ts';
import { newCommand } from './command.ts';
import { readInput } from './input-file.ts';
import { checkOutputs, type Output, outputOption } from './output.ts';
import { bundleFileOf } from './sign-blob.ts';
import type { Terminal } from './terminal.ts';
import { addTrustOptions, authoritiesOf, type TrustOptions } from './trusted.ts';

const formats = ['table', 'json'] as const;

interface VerifyBlobOptions extends TrustOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly bundle?: string;
  readonly signature?: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'verify-blob',
    'Verifies that somebody trusted signed a file.',
    [
      'plimsoll verify-blob dist/app.tgz --key release.pub',
      'plimsoll verify-blob app.tgz --signature app.tgz.sig --key release.pub',
    ],
    terminal,
  )
    .argument('<file>', 'what was signed')
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option('--bundle <file>', 'the Sigstore bundle (default: FILE.sigstore.json)')
    .option('--signature <file>', 'instead of a bundle: the signature alone, in base64');
  await addTrustOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<VerifyBlobOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const authorities = await authoritiesOf(options, terminal);
  const [file = ''] = command.args;
  const bytes = readInput(file, limits.attachmentBytes);
  const signature = signatureIn(file, options);
  return writeBlobAnswer(file, outputs, terminal, async () => ({
    signers: await verifyBlob(bytes, signature, authorities),
  }));
}

function signatureIn(file: string, { bundle, signature }: VerifyBlobOptions): BlobSignature {
  if (signature === undefined) {
    return { kind: 'bundle', bundle: readInput(bundle ?? bundleFileOf(file), limits.attachmentBytes) };
  }
  if (bundle === undefined) return { kind: 'detached', signature: readInput(signature, limits.keyFileBytes) };
  throw new PlimsollError('cli/signature-twice', 'The signature is given in two ways', {
    hint: 'Give one of --bundle and --signature.',
  });
}
