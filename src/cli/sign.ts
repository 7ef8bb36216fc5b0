import { InvalidArgumentError } from 'commander';
import { type Attachment, signImage } from '../trust/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions, imageHelp, imageToSign, inPlace, type PlaceOptions } from './image-place.ts';
import { checkOutputs, looksFor, type Output, outputOption, writeOutput } from './output.ts';
import { renderAttached } from './render/attached.ts';
import { addSigningOptions, type SigningOptions, sealerOf } from './signing.ts';
import type { Terminal } from './terminal.ts';

const formats = ['table', 'json'] as const;

interface SignOptions extends SigningOptions, PlaceOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly recursive: boolean;
  readonly annotation?: Readonly<Record<string, string>>;
  readonly reference?: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'sign',
    'Signs an image. What is signed is its digest; of an image for several platforms, the index and each of its images. The signature is attached to the image as a Sigstore bundle.',
    [
      'plimsoll sign registry.example/app@sha256:… --key release.key',
      'plimsoll sign registry.example/app:1.4 --key hashivault://release --annotation build=1234',
      'plimsoll sign oci:build/image --key release.key --legacy',
    ],
    terminal,
  )
    .argument('<image>', imageHelp)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option('--no-recursive', 'sign an index alone, without the images in it')
    .option('-a, --annotation <name=value>', 'what the signature says beside; repeatable', annotationOption)
    .option(
      '--reference <name>',
      'with --legacy: what the signature calls the image, which skopeo and podman look at (default: its repository; an OCI layout has none)',
    );
  await addPlaceOptions(addSigningOptions(command)).parseAsync(args, { from: 'user' });
  const options = command.opts<SignOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const [name = ''] = command.args;
  const attached = await inPlace(name, options, terminal, async (opened) => {
    const { digest } = await imageToSign(name, opened, terminal);
    const seal = await sealerOf(options, terminal);
    terminal.progress(`signing ${name}`);
    const { legacy, recursive, annotation: annotations, reference } = options;
    return signImage(opened.store, digest, seal, { legacy, recursive, annotations, reference });
  });
  writeAttached('signed', name, attached, outputs, terminal);
  return exitCodes.holds;
}

export function writeAttached(
  verb: 'signed' | 'attested',
  image: string,
  attached: readonly Attachment[],
  outputs: readonly Output<(typeof formats)[number]>[],
  terminal: Terminal,
): void {
  for (const output of outputs) {
    const text =
      output.format === 'json'
        ? `${JSON.stringify({ image, attached }, null, 2)}\n`
        : renderAttached(verb, image, attached, looksFor(output, terminal));
    writeOutput(output, text, terminal);
  }
}

export function annotationOption(
  given: string,
  previous: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const equals = given.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.');
  return Object.fromEntries([...Object.entries(previous ?? {}), [given.slice(0, equals), given.slice(equals + 1)]]);
}
