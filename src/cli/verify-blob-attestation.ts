import { limits } from '../limits.ts';
import { verifyBlobAttestation } from '../trust/index.ts';
import { typeHelp } from './attest.ts';
import { writeBlobAnswer } from './blob-answer.ts';
import { newCommand } from './command.ts';
import { fileDigests, readInput } from './input-file.ts';
import { checkOutputs, type Output, outputOption } from './output.ts';
import { bundleFileOf } from './sign-blob.ts';
import type { Terminal } from './terminal.ts';
import { addTrustOptions, authoritiesOf, type TrustOptions } from './trusted.ts';
import { checkType } from './verification.ts';

const formats = ['table', 'json', 'statement'] as const;

interface VerifyBlobAttestationOptions extends TrustOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly bundle?: string;
  readonly type: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'verify-blob-attestation',
    'Verifies that somebody trusted states something of a file. "-o statement" gives what is stated.',
    ['plimsoll verify-blob-attestation dist/app.tgz --type cyclonedx --key release.pub'],
    terminal,
  )
    .argument('<file>', 'what the statement is about')
    .requiredOption('--type <type>', typeHelp)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option('--bundle <file>', 'the Sigstore bundle (default: FILE.sigstore.json)');
  await addTrustOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<VerifyBlobAttestationOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  checkType(options.type);
  const authorities = await authoritiesOf(options, terminal);
  const [file = ''] = command.args;
  const digests = await fileDigests(file);
  const bundle = readInput(options.bundle ?? bundleFileOf(file), limits.attachmentBytes);
  return writeBlobAnswer(file, outputs, terminal, () =>
    verifyBlobAttestation(digests, bundle, authorities, options.type),
  );
}
