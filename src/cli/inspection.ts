import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { layerMemoryFolder } from '../catalog/index.ts';
import { messageOf, PlimsollError } from '../error.ts';
import { takeInventory } from '../gate/index.ts';
import { limits } from '../limits.ts';
import type { Inventory } from '../sbom/index.ts';
import {
  type AdvisoryDatabase,
  databasePath,
  openDatabase,
  openStarter,
  readVex,
  type VexStatement,
} from '../vuln/index.ts';
import { gather } from './command.ts';
import { platformOption } from './image-place.ts';
import { packageFile } from './package-folder.ts';
import { bytesText, throttledProgress } from './progress.ts';
import { shown } from './render/text.ts';
import type { Terminal } from './terminal.ts';

/** What `scan`, `sbom` and `gate` share. */
export interface ReadingOptions {
  readonly platform?: string;
  readonly plainHttp?: readonly string[];
  readonly allowRealm?: readonly string[];
  /** False with `--no-cache`. */
  readonly cache: boolean;
}

export const targetHelp =
  'an image in a registry (alpine:3.20), an OCI layout or archive, a docker archive, a folder, a file, an SBOM; SCHEME:… says which: registry, oci, oci-archive, docker-archive, dir, file, sbom';

export function addReadingOptions(command: Command): Command {
  return command
    .option(
      '--platform <os/arch>',
      'which image of several, such as linux/arm64 (default: this machine)',
      platformOption,
    )
    .option('--plain-http <host>', 'speak to this registry without TLS; repeatable (loopback needs no mention)', gather)
    .option('--allow-realm <host>', 'a token service elsewhere that may get the credentials; repeatable', gather)
    .option('--no-cache', 'read every layer, remember none');
}

/** Reads and lists one target, with progress on a terminal. */
export async function readTarget(name: string, options: ReadingOptions, terminal: Terminal): Promise<Inventory> {
  terminal.progress(`reading ${name}`);
  const onProgress = throttledProgress(
    terminal,
    ({ bytes, total }: { bytes: number; total: number | undefined }) =>
      `reading ${name}  ${bytesText(bytes)}${total === undefined ? '' : ` of ${bytesText(total)}`}`,
  );
  const inventory = await takeInventory(name, {
    env: terminal.env,
    platform: options.platform,
    plainHttp: options.plainHttp,
    allowRealm: options.allowRealm,
    memory: options.cache ? layerMemoryFolder(terminal.env) : undefined,
    stdin: process.stdin,
    onProgress: (bytes, total) => onProgress({ bytes, total }),
    onWarning: (sentence) => terminal.err(`warning: ${shown(sentence)}\n`),
  });
  terminal.progress(undefined);
  return inventory;
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org): seconds since the epoch, as RFC 3339. */
export function documentTimestamp(env: NodeJS.ProcessEnv): string | undefined {
  const text = env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === '') return undefined;
  const time = new Date(Number(text) * 1000);
  if (!/^\d{1,12}$/.test(text) || Number.isNaN(time.getTime())) {
    throw new PlimsollError('cli/bad-source-date', `SOURCE_DATE_EPOCH is "${text.slice(0, 40)}"`, {
      hint: 'It is a number of seconds since 1970, such as the output of: git log -1 --format=%ct',
    });
  }
  return time.toISOString();
}

export const databaseHelp = 'advisory database file, or "starter" for the small set that comes with Plimsoll';

/** The database the user names, or the one that `db update` made. */
export function openAdvisories(named: string | undefined, terminal: Terminal): AdvisoryDatabase {
  if (named === 'starter') return openStarter(packageFile('starter'));
  return openDatabase(named ?? databasePath(terminal.env));
}

/** For a first look: the real database where there is one, else the starter set. */
export function openAdvisoriesOrStarter(terminal: Terminal): AdvisoryDatabase {
  return openAdvisories(existsSync(databasePath(terminal.env)) ? undefined : 'starter', terminal);
}

/** The statements of all files. One that cannot be read stops the call: what it would say is not known. */
export function readVexFiles(files: readonly string[] | undefined): VexStatement[] {
  return (files ?? []).flatMap((file) => {
    try {
      if (statSync(file).size > limits.vexBytes) throw new Error(`it is larger than ${limits.vexBytes} bytes`);
      return readVex(readFileSync(file, 'utf8'), file);
    } catch (thrown) {
      if (thrown instanceof PlimsollError) throw thrown;
      throw new PlimsollError('cli/unreadable-vex', `The VEX document ${file} cannot be read: ${messageOf(thrown)}`, {
        hint: 'Check that the file exists and that you may read it.',
        cause: thrown,
      });
    }
  });
}
