import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { PlimsollError, unwritable } from '../error.ts';
import { limits } from '../limits.ts';
import {
  algorithmOf,
  keyForms,
  keyHint,
  openPublicKey,
  parsePlainPrivateKey,
  publicKeyPem,
  sealPrivateKey,
} from '../trust/index.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { readInput } from './input-file.ts';
import { checkOutputs, type Output, outputOption, writeOutput } from './output.ts';
import { checkWritable } from './output-file.ts';
import { newPassphrase, passphraseFor } from './passphrase.ts';
import { shown } from './render/text.ts';
import { runSubcommand } from './subcommand.ts';
import type { Terminal } from './terminal.ts';

const formats = ['table', 'pem', 'json'] as const;
const passphraseHelp =
  'a file with the passphrase (default: PLIMSOLL_KEY_PASSPHRASE, COSIGN_PASSWORD, or you are asked)';

interface KeyFileOptions {
  readonly passphraseFile?: string;
}

interface ShowOptions extends KeyFileOptions {
  readonly output?: readonly Output<(typeof formats)[number]>[];
}

export function run(args: readonly string[], terminal: Terminal): Promise<number> {
  return runSubcommand(
    'keys',
    'Keys to sign with. They are kept as Sigstore’s tools keep them, and are good for those as well.',
    [
      { name: 'create', summary: 'make a key pair: NAME.key and NAME.pub', run: create },
      { name: 'import', summary: 'make such a pair of a private key that you have', run: importKey },
      { name: 'show', summary: 'print the public key, its algorithm and its fingerprint', run: show },
    ],
    args,
    terminal,
  );
}

async function create(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'keys create',
    'Makes a key pair (ECDSA, P-256): NAME.key, encrypted with a passphrase, and NAME.pub for everyone. Files that are there already stay as they are.',
    ['plimsoll keys create release', 'plimsoll keys create release --passphrase-file passphrase.txt'],
    terminal,
  )
    .argument('[name]', 'of the files, with their folder if need be', 'plimsoll')
    .option('--passphrase-file <file>', passphraseHelp);
  await command.parseAsync(args, { from: 'user' });
  const [name = 'plimsoll'] = command.processedArgs;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return writePair(String(name), privateKey, command.opts<KeyFileOptions>(), terminal);
}

async function importKey(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'keys import',
    'Encrypts a private key that you have (PEM: PKCS #8, SEC 1 or PKCS #1; ECDSA on P-256, P-384 or P-521, Ed25519, RSA from 2048 bits) and writes NAME.key and NAME.pub.',
    [
      'plimsoll keys import old.pem release',
      'openssl pkey -in encrypted.pem | plimsoll keys import - release --passphrase-file passphrase.txt',
    ],
    terminal,
  )
    .argument('<file>', 'the private key; - is standard input')
    .argument('<name>', 'of the new files')
    .option('--passphrase-file <file>', passphraseHelp);
  await command.parseAsync(args, { from: 'user' });
  const [file = '', name = ''] = command.args;
  const content = file === '-' ? await standardInput() : readInput(file, limits.keyFileBytes);
  const key = parsePlainPrivateKey(content, file === '-' ? 'What stands on standard input' : file);
  return writePair(name, key, command.opts<KeyFileOptions>(), terminal);
}

async function show(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'keys show',
    'Prints the public key, its algorithm and its fingerprint: of a public key, of a private one, or of one that a service keeps.',
    ['plimsoll keys show release.pub', 'plimsoll keys show hashivault://release -o pem=release.pub'],
    terminal,
  )
    .argument('<key>', keyForms)
    .option('-o, --output <format[=file]>', `${formats.join(', ')} (default: table)`, outputOption(formats))
    .option('--passphrase-file <file>', `${passphraseHelp}; for private keys`);
  await command.parseAsync(args, { from: 'user' });
  const { output: outputs = [{ format: 'table' }], passphraseFile } = command.opts<ShowOptions>();
  checkOutputs(outputs);
  const [name = ''] = command.args;
  const ask = () => passphraseFor(name, passphraseFile, terminal);
  const key = await openPublicKey(name, { env: terminal.env }, ask);
  const facts = { algorithm: algorithmOf(key, name), fingerprint: keyHint(key), publicKey: publicKeyPem(key) };
  for (const output of outputs) writeOutput(output, factsText(output.format, name, facts), terminal);
  return exitCodes.holds;
}

function factsText(
  format: (typeof formats)[number],
  name: string,
  facts: { readonly algorithm: string; readonly fingerprint: string; readonly publicKey: string },
): string {
  if (format === 'pem') return facts.publicKey;
  if (format === 'json') return `${JSON.stringify({ name, ...facts }, null, 2)}\n`;
  return `${shown(name)}\n  algorithm    ${facts.algorithm}\n  fingerprint  ${facts.fingerprint}\n\n${facts.publicKey}`;
}

async function writePair(
  name: string,
  key: KeyObject,
  { passphraseFile }: KeyFileOptions,
  terminal: Terminal,
): Promise<number> {
  const [privateFile, publicFile] = [`${name}.key`, `${name}.pub`];
  // Nobody is asked for a passphrase in vain.
  for (const file of [privateFile, publicFile]) {
    if (existsSync(file)) throw isThere(file);
    checkWritable(file);
  }
  const passphrase = await newPassphrase(name, passphraseFile, terminal);
  writeNew(privateFile, 0o600, await sealPrivateKey(key, passphrase));
  writeNew(publicFile, 0o644, publicKeyPem(key));
  terminal.err(
    `wrote ${privateFile}, which signs: keep it and its passphrase secret\nwrote ${publicFile}, which verifies: give it to everyone\nnext: plimsoll sign --key ${privateFile} IMAGE\n`,
  );
  return exitCodes.holds;
}

/** @throws PlimsollError `cli/file-exists`, `cli/cannot-write` */
function writeNew(file: string, mode: number, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode, flush: true });
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') throw isThere(file);
    throw unwritable('cli/cannot-write', file, thrown);
  }
}

function isThere(file: string): PlimsollError {
  return new PlimsollError('cli/file-exists', `There is a file ${file} already; it stays as it is`, {
    hint: 'Give the new key another name. A key that is lost cannot be made again.',
  });
}

async function standardInput(): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    length += chunk.length;
    if (length > limits.keyFileBytes) break;
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
