/** The place that an image is in, for all commands that look at or change what is attached to it. */
import type { Command } from 'commander';
import { type OpenedStore, openStore, parsePlatform, parseTarget, type StoredManifest } from '../image/index.ts';
import { gather } from './command.ts';
import { shown } from './render/text.ts';
import type { Terminal } from './terminal.ts';

export interface PlaceOptions {
  readonly plainHttp?: readonly string[];
  readonly allowRealm?: readonly string[];
}

export const imageHelp =
  'an image in a registry (registry.example/app:1), an OCI layout (oci:PATH[:TAG]) or, to read it, an archive of one (oci-archive:PATH[:TAG])';

export function addPlaceOptions(command: Command): Command {
  return command
    .option('--plain-http <host>', 'speak to this registry without TLS; repeatable (loopback needs no mention)', gather)
    .option('--allow-realm <host>', 'a token service elsewhere that may get the credentials; repeatable', gather);
}

/** For `--platform`: what is no platform is refused before any work is done, whatever is looked at. */
export function platformOption(text: string): string {
  parsePlatform(text);
  return text;
}

/** Opens the place of an image, and closes it when done. */
export async function inPlace<T>(
  name: string,
  { plainHttp, allowRealm }: PlaceOptions,
  terminal: Terminal,
  use: (opened: OpenedStore) => Promise<T>,
  { create }: { readonly create?: boolean } = {},
): Promise<T> {
  const { env } = terminal;
  const options = { env, plainHttp, allowRealm, create, stdin: process.stdin };
  const opened = await openStore(await parseTarget(name), options);
  try {
    return await use(opened);
  } finally {
    terminal.progress(undefined);
    await opened.close();
  }
}

/** What a tag stands for, asked once: from here on its digest counts, whatever becomes of the tag. */
export async function imageToSign(name: string, opened: OpenedStore, { err }: Terminal): Promise<StoredManifest> {
  const image = await opened.image();
  if (opened.digest === undefined) {
    err(
      `warning: ${shown(name)} names no digest, and may come to mean another image: ${image.digest}, which it means now, is what is signed\n`,
    );
  }
  return image;
}
