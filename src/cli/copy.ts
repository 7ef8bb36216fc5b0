import { PlimsollError } from '../error.ts';
import { type CopyReport, copyImage } from '../image/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions, inPlace, type PlaceOptions } from './image-place.ts';
import { copyProgress, copyText } from './render/copy.ts';
import type { Terminal } from './terminal.ts';

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'copy',
    'Copies an image with all of its platforms and everything that is attached to any of them: signatures, attestations, SBOMs. What the destination has already is not sent again, and what is attached there stays.',
    [
      'plimsoll copy registry.example/team/app:1.4 registry.example/prod/app:1.4',
      'plimsoll copy oci:build/image registry.example/team/app:1.4',
    ],
    terminal,
  )
    .argument(
      '<source>',
      'an image in a registry, an OCI layout (oci:PATH[:TAG]) or an archive of one (oci-archive:PATH[:TAG])',
    )
    .argument('<destination>', 'where it goes: a registry, or an OCI layout, which is made where there is none');
  await addPlaceOptions(command).parseAsync(args, { from: 'user' });
  const [source = '', destination = ''] = command.args;
  const { report, digest } = await copyTo(source, destination, command.opts<PlaceOptions>(), terminal);
  terminal.out(copyText('copied', source, destination, digest, report));
  return exitCodes.holds;
}

export async function copyTo(
  source: string,
  destination: string,
  options: PlaceOptions,
  terminal: Terminal,
): Promise<{ readonly report: CopyReport; readonly digest: string }> {
  return inPlace(source, options, terminal, async (from) => {
    const root = await from.image();
    return inPlace(
      destination,
      options,
      terminal,
      async (to) => {
        if (to.digest !== undefined && to.digest !== root.digest) throw otherDigest(destination, root.digest);
        terminal.progress(`copying ${source}`);
        const onProgress = copyProgress(source, terminal);
        const report = await copyImage(from.store, root, to.store, { tag: to.tag, onProgress });
        return { report, digest: root.digest };
      },
      { create: true },
    );
  });
}

function otherDigest(destination: string, digest: string): PlimsollError {
  return new PlimsollError('cli/other-digest', `${destination} names another image than the one to copy, ${digest}`, {
    hint: 'Give the destination a tag, or no digest: an image keeps its own.',
  });
}
