import { treeOf } from '../trust/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions, imageHelp, inPlace, type PlaceOptions } from './image-place.ts';
import { checkOutputs, looksFor, type Output, outputOption, writeOutput } from './output.ts';
import { renderTree, treeJson } from './render/tree.ts';
import type { Terminal } from './terminal.ts';
import { addTrustOptions, authoritiesOf, namesSomebody, type TrustOptions } from './trusted.ts';

const formats = ['table', 'json'] as const;

interface TreeOptions extends TrustOptions, PlaceOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'tree',
    'Shows everything that is attached to an image and to the images in it: signatures, attestations, SBOMs and others, and who signed each. Who signed is what stands beside the signature, and can be written by anybody; with keys or identities it is verified.',
    ['plimsoll tree registry.example/app:1.4', 'plimsoll tree oci:build/image --key release.pub'],
    terminal,
  )
    .argument('<image>', imageHelp)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats));
  await addPlaceOptions(addTrustOptions(command)).parseAsync(args, { from: 'user' });
  const options = command.opts<TreeOptions>();
  const outputs = options.output ?? [{ format: 'table' }];
  checkOutputs(outputs);
  const authorities = namesSomebody(options) ? await authoritiesOf(options, terminal) : [];
  const [name = ''] = command.args;
  const tree = await inPlace(name, options, terminal, async (opened) => {
    const root = await opened.image();
    terminal.progress(`reading what is attached to ${name}`);
    return treeOf(opened.store, root, authorities);
  });
  for (const output of outputs) {
    const text = output.format === 'json' ? treeJson(name, tree) : renderTree(name, tree, looksFor(output, terminal));
    writeOutput(output, text, terminal);
  }
  return exitCodes.holds;
}
