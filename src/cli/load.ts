import { newCommand } from './command.ts';
import { copyTo } from './copy.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions, type PlaceOptions } from './image-place.ts';
import { copyText } from './render/copy.ts';
import type { Terminal } from './terminal.ts';

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'load',
    'Puts an image that was saved, with everything that is attached to it, into a registry or an OCI layout.',
    ['plimsoll load app.tar registry.example/app:1.4', 'plimsoll load app.tar oci:images:1.4'],
    terminal,
  )
    .argument('<file>', 'an OCI archive, of "plimsoll save" or of another tool; FILE:TAG where it holds several images')
    .argument('<destination>', 'where it goes: a registry, or an OCI layout, which is made where there is none');
  await addPlaceOptions(command).parseAsync(args, { from: 'user' });
  const [file = '', destination = ''] = command.args;
  const source = `oci-archive:${file}`;
  const { report, digest } = await copyTo(source, destination, command.opts<PlaceOptions>(), terminal);
  terminal.out(copyText('loaded', file, destination, digest, report));
  return exitCodes.holds;
}
