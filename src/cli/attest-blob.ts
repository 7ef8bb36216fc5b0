import { basename } from 'node:path';
import { attestBlob } from '../trust/index.ts';
import { readPredicate, typeHelp } from './attest.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { fileDigest } from './input-file.ts';
import { checkWritable } from './output-file.ts';
import { bundleFileOf, writeResult } from './sign-blob.ts';
import { addKeyOptions, type SigningOptions, sealerOf } from './signing.ts';
import type { Terminal } from './terminal.ts';

interface AttestBlobOptions extends SigningOptions {
  readonly type: string;
  readonly predicate: string;
  readonly bundle?: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'attest-blob',
    'Makes a signed statement about files, by their digests. It goes into a Sigstore bundle beside the first of them.',
    ['plimsoll attest-blob dist/app.tgz --type cyclonedx --predicate app.cdx.json --key release.key'],
    terminal,
  )
    .argument('<file...>', 'what the statement is about; of any size')
    .requiredOption('--type <type>', typeHelp)
    .requiredOption('--predicate <file>', 'the statement itself, as JSON')
    .option('--bundle <file>', 'where the bundle goes (default: FILE.sigstore.json)');
  await addKeyOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<AttestBlobOptions>();
  const [first = ''] = command.args;
  const { bundle: bundleFile = bundleFileOf(first) } = options;
  checkWritable(bundleFile);
  const predicate = readPredicate(options.type, options.predicate);
  const files = await Promise.all(
    command.args.map(async (file) => ({ name: basename(file), digest: await fileDigest(file) })),
  );
  const bundle = await attestBlob(files, await sealerOf(options, terminal), predicate);
  writeResult(bundleFile, bundle, terminal);
  return exitCodes.holds;
}
