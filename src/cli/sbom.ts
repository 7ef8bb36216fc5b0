import { PlimsollError } from '../error.ts';
import { toCycloneDx, toSpdx } from '../sbom/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { addReadingOptions, documentTimestamp, type ReadingOptions, readTarget, targetHelp } from './inspection.ts';
import { checkOutputs, looksFor, type Output, outputOption, writeOutput } from './output.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

const formats = ['table', 'cyclonedx-json', 'spdx-json'] as const;
type Format = (typeof formats)[number];

interface SbomOptions extends ReadingOptions {
  readonly output?: readonly Output<Format>[];
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'sbom',
    'Lists what is in an artifact. The same artifact gives the same bytes; SOURCE_DATE_EPOCH sets the timestamp.',
    [
      'plimsoll sbom alpine:3.20 -o cyclonedx-json=alpine.cdx.json',
      'plimsoll sbom . -o spdx-json',
      'plimsoll sbom oci:build/image -o table -o cyclonedx-json=app.cdx.json -o spdx-json=app.spdx.json',
    ],
    terminal,
  )
    .argument('<target>', targetHelp)
    // So that the error below can say what to do.
    .allowExcessArguments()
    .option(
      '-o, --output <format[=file]>',
      `${formats.join(', ')}; repeatable (default: table on a terminal, else cyclonedx-json)`,
      outputOption(formats),
    );
  await addReadingOptions(command).parseAsync(args, { from: 'user' });
  const options = command.opts<SbomOptions>();
  const outputs = options.output ?? [{ format: terminal.interactive ? 'table' : 'cyclonedx-json' }];
  checkOutputs(outputs);
  const [target, more] = command.args;
  if (target === undefined || more !== undefined) {
    throw new PlimsollError('cli/one-target', 'An SBOM describes one target', {
      hint: 'Call "plimsoll sbom" once for each.',
    });
  }
  const inventory = await readTarget(target, options, terminal);
  const document = { toolVersion: version(), timestamp: documentTimestamp(terminal.env) };
  const write: Readonly<Record<Format, (output: Output) => string | Promise<string>>> = {
    table: async (output) =>
      (await import('./render/inventory.ts')).renderInventory(inventory, looksFor(output, terminal)),
    'cyclonedx-json': () => toCycloneDx(inventory, document),
    'spdx-json': () => toSpdx(inventory, document),
  };
  for (const output of outputs) writeOutput(output, await write[output.format](output), terminal);
  return exitCodes.holds;
}
