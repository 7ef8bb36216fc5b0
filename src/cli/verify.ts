import { type Asked, answerTo, remembering, verifyImage } from '../trust/index.ts';
import { gather, newCommand } from './command.ts';
import { addPlaceOptions, imageHelp, inPlace, type PlaceOptions, platformOption } from './image-place.ts';
import { checkOutputs, type Output, outputOption } from './output.ts';
import type { ImageAnswer } from './render/verification.ts';
import { annotationOption } from './sign.ts';
import type { Terminal } from './terminal.ts';
import { addTrustOptions, authoritiesOf, type TrustOptions } from './trusted.ts';
import { checkType, placeOf, writeAnswer } from './verification.ts';

const formats = ['table', 'json'] as const;

interface VerifyOptions extends TrustOptions, PlaceOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly requireType?: readonly string[];
  readonly annotation?: Readonly<Record<string, string>>;
  readonly platform?: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'verify',
    'Verifies that somebody trusted signed an image, in the bundle form or the legacy one. The exit code is 0 when that holds, 1 when it does not, 3 when it could not be found out.',
    [
      'plimsoll verify registry.example/app:1.4 --key release.pub',
      'plimsoll verify oci:build/image --key release.pub --require-type cyclonedx --require-type vuln',
      'plimsoll verify registry.example/app:1.4 --identity https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main --issuer https://token.actions.githubusercontent.com --trusted-root roots.jsonl',
    ],
    terminal,
  )
    .argument('<image>', imageHelp)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option(
      '--require-type <type>',
      'somebody trusted must also state this of it: cyclonedx, vuln, …; repeatable',
      gather,
    )
    .option('-a, --annotation <name=value>', 'what the signature must say beside; repeatable', annotationOption)
    .option(
      '--platform <os/arch>',
      'of an image for several: this one, by its own signature or that of its index',
      platformOption,
    );
  await addPlaceOptions(addTrustOptions(command)).parseAsync(args, { from: 'user' });
  const options = command.opts<VerifyOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const { requireType = [], annotation: annotations } = options;
  for (const type of requireType) checkType(type);
  const authorities = await authoritiesOf(options, terminal);
  const [name = ''] = command.args;
  const answer = await inPlace(name, options, terminal, async (opened): Promise<ImageAnswer> => {
    const image = await placeOf(opened, options.platform);
    terminal.progress(`verifying ${name}`);
    const question = { signatures: true, attestations: requireType, annotations };
    const verification = await verifyImage(remembering(opened.store), image, authorities, question);
    const asked: readonly Asked[] = [
      { kind: 'signature' },
      ...requireType.map((type) => ({ kind: 'attestation', type }) as const),
    ];
    const answers = asked.map((each) => ({ asked: each, answer: answerTo(verification, each) }));
    return { name, verification, answers };
  });
  return writeAnswer(answer, outputs, terminal);
}
