import { saveImage } from '../image/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions, imageHelp, inPlace, type PlaceOptions } from './image-place.ts';
import { checkWritable } from './output-file.ts';
import { copyProgress, copyText } from './render/copy.ts';
import type { Terminal } from './terminal.ts';

interface SaveOptions extends PlaceOptions {
  readonly force?: boolean;
}

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'save',
    'Saves an image with all of its platforms and everything that is attached to any of them in one file, an OCI archive. The same image gives the same bytes.',
    ['plimsoll save registry.example/app:1.4 app.tar', 'plimsoll verify oci-archive:app.tar --key release.pub'],
    terminal,
  )
    .argument('<image>', imageHelp)
    .argument('<file>', 'the new archive')
    .option('--force', 'replace a file that is there');
  await addPlaceOptions(command).parseAsync(args, { from: 'user' });
  const [name = '', file = ''] = command.args;
  const options = command.opts<SaveOptions>();
  checkWritable(file);
  const { report, digest } = await inPlace(name, options, terminal, async (opened) => {
    const root = await opened.image();
    const { tag, store } = opened;
    const onProgress = copyProgress(name, terminal);
    const saved = await saveImage(store, root, file, { tag: tag ?? 'latest', overwrite: options.force, onProgress });
    return { report: saved, digest: root.digest };
  });
  terminal.out(copyText('saved', name, file, digest, report));
  return exitCodes.holds;
}
