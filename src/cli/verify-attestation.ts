import { type Asked, answerTo, type Content, remembering, type Statement, verifyImage } from '../trust/index.ts';
import { typeHelp } from './attest.ts';
import { newCommand } from './command.ts';
import { addPlaceOptions, imageHelp, inPlace, type PlaceOptions, platformOption } from './image-place.ts';
import { checkOutputs, type Output, outputOption, writeOutput } from './output.ts';
import type { ImageAnswer } from './render/verification.ts';
import type { Terminal } from './terminal.ts';
import { addTrustOptions, authoritiesOf, type TrustOptions } from './trusted.ts';
import { checkType, placeOf, statementLines, writeAnswer } from './verification.ts';

const formats = ['table', 'json', 'statement'] as const;

interface VerifyAttestationOptions extends TrustOptions, PlaceOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
  readonly type: string;
  readonly platform?: string;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'verify-attestation',
    'Verifies that somebody trusted states something of an image. "-o statement" gives what is stated, one in-toto statement a line.',
    [
      'plimsoll verify-attestation registry.example/app:1.4 --type cyclonedx --key release.pub',
      'plimsoll verify-attestation oci:build/image --type vuln --key release.pub -o statement | jq .predicate',
    ],
    terminal,
  )
    .argument('<image>', imageHelp)
    .requiredOption('--type <type>', typeHelp)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option(
      '--platform <os/arch>',
      'of an image for several: this one, by what is stated of it or of its index',
      platformOption,
    );
  await addPlaceOptions(addTrustOptions(command)).parseAsync(args, { from: 'user' });
  const options = command.opts<VerifyAttestationOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  checkType(options.type);
  const authorities = await authoritiesOf(options, terminal);
  const [name = ''] = command.args;
  const answer = await inPlace(name, options, terminal, async (opened): Promise<ImageAnswer> => {
    const image = await placeOf(opened, options.platform);
    terminal.progress(`verifying ${name}`);
    const asked: Asked = { kind: 'attestation', type: options.type };
    const question = { signatures: false, attestations: [options.type] };
    const verification = await verifyImage(remembering(opened.store), image, authorities, question);
    return { name, verification, answers: [{ asked, answer: answerTo(verification, asked) }] };
  });
  const statements = answer.answers.flatMap((each) =>
    each.answer.kind === 'verified' ? each.answer.verified.flatMap(({ content }) => statementIn(content)) : [],
  );
  for (const output of outputs) {
    if (output.format === 'statement') writeOutput(output, statementLines(statements), terminal);
  }
  const others = outputs.flatMap(({ format, file }) => (format === 'statement' ? [] : [{ format, file }]));
  // Whoever only takes the statements learns on standard error why there are none.
  const explained: readonly Output<'table' | 'json'>[] =
    others.length > 0 || statements.length > 0 ? others : [{ format: 'table' }];
  const said = others.length > 0 ? terminal : { ...terminal, out: terminal.err };
  return writeAnswer(answer, explained, said);
}

function statementIn(content: Content): readonly Statement[] {
  return content.kind === 'attestation' ? [content.statement] : [];
}
