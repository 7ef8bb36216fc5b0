import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { predicateTypeNames } from '../sbom/index.ts';
import { attest, type Predicate } from '../trust/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions, imageHelp, imageToSign, inPlace, type PlaceOptions, platformOption } from './image-place.ts';
import { readInput } from './input-file.ts';
import { checkOutputs, type Output, outputOption } from './output.ts';
import type { PredicateOptions } from './predicate.ts';
import { writeAttached } from './sign.ts';
import { addSigningOptions, type SigningOptions, sealerOf } from './signing.ts';
import type { Terminal } from './terminal.ts';

const formats = ['table', 'json'] as const;
export const typeHelp = `what it states: ${predicateTypeNames.join(', ')}, or a URI`;

interface AttestOptions extends SigningOptions, PlaceOptions, PredicateOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly type?: string;
  readonly predicate?: string;
  readonly sbom?: boolean;
  readonly scan?: boolean;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'attest',
    'Attaches a signed statement about an image: an SBOM, a scan, its provenance, or anything else in JSON. Of an image for several platforms, --sbom and --scan are about the one that --platform names.',
    [
      'plimsoll attest registry.example/app@sha256:… --sbom --key release.key',
      'plimsoll attest registry.example/app@sha256:… --scan --key release.key',
      'plimsoll attest registry.example/app@sha256:… --type openvex --predicate app.vex.json --key release.key',
    ],
    terminal,
  )
    .argument('<image>', imageHelp)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option('--type <type>', typeHelp)
    .option('--predicate <file>', 'the statement itself, as JSON')
    .option('--sbom', 'make an SBOM of the image, as "plimsoll sbom" does, and state that')
    .option('--scan', 'scan the image, as "plimsoll scan" does, and state what was found')
    .option(
      '--platform <os/arch>',
      'with --sbom or --scan: which image of several (default: this machine)',
      platformOption,
    )
    .option('--db <file>', 'with --scan: advisory database file, or "starter"')
    .option('--no-cache', 'with --sbom or --scan: read every layer, remember none');
  await addPlaceOptions(addSigningOptions(command)).parseAsync(args, { from: 'user' });
  const options = command.opts<AttestOptions>();
  checkWays(options);
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const [name = ''] = command.args;
  const attached = await inPlace(name, options, terminal, async (opened) => {
    const image = await imageToSign(name, opened, terminal);
    // Whoever has no key need not wait for a scan.
    const seal = await sealerOf(options, terminal);
    const { subject, ...predicate } = await predicateFor(name, image.digest, options, terminal);
    terminal.progress(`attesting ${name}`);
    return [await attest(opened.store, subject, seal, predicate, { legacy: options.legacy })];
  });
  writeAttached('attested', name, attached, outputs, terminal);
  return exitCodes.holds;
}

async function predicateFor(
  name: string,
  digest: string,
  options: AttestOptions,
  terminal: Terminal,
): Promise<Predicate & { readonly subject: string }> {
  const { type, predicate } = options;
  if (type !== undefined && predicate !== undefined) return { subject: digest, ...readPredicate(type, predicate) };
  const { sbomPredicate, scanPredicate } = await import('./predicate.ts');
  return (options.sbom === true ? sbomPredicate : scanPredicate)(name, digest, options, terminal);
}

/** @throws PlimsollError `cli/bad-predicate`, `cli/unreadable-file` */
export function readPredicate(type: string, file: string): Predicate {
  try {
    return { type, predicate: JSON.parse(readInput(file, limits.attachmentBytes).toString('utf8')) };
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new PlimsollError('cli/bad-predicate', `${file} is not JSON`, {
      hint: 'A predicate is a JSON document. Documents of other kinds are attached as their own artifacts.',
      cause: thrown,
    });
  }
}

/** One way to say what is stated. */
function checkWays({ type, predicate, sbom, scan, platform }: AttestOptions): void {
  if (platform !== undefined && predicate !== undefined) {
    throw new PlimsollError(
      'cli/what-to-attest',
      '--platform says what --sbom and --scan look at, and neither is there',
      {
        hint: 'Name the image for that platform by its digest, which "plimsoll tree" shows, or leave --platform out.',
      },
    );
  }
  const ways = [type !== undefined || predicate !== undefined, sbom === true, scan === true];
  const isWhole = (type === undefined) === (predicate === undefined);
  if (isWhole && ways.filter(Boolean).length === 1) return;
  throw new PlimsollError('cli/what-to-attest', 'What is to be stated about the image has to be said in one way', {
    hint: 'Give --type and --predicate, or --sbom, or --scan.',
  });
}
