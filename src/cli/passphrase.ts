import { PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { readInput } from './input-file.ts';
import type { Terminal } from './terminal.ts';

/** In this order: ours, and the one that other Sigstore tools read. */
const variables = ['PLIMSOLL_KEY_PASSPHRASE', 'COSIGN_PASSWORD'] as const;

/**
 * The passphrase of a key: from a file, from the environment, or from whoever sits at the terminal. Never from an argument,
 * which everyone on the machine could read.
 *
 * @throws PlimsollError `cli/no-passphrase` where nobody can be asked
 */
export async function passphraseFor(name: string, file: string | undefined, { env }: Terminal): Promise<Buffer> {
  if (file !== undefined) return withoutLineEnd(readInput(file, limits.keyFileBytes));
  for (const variable of variables) {
    const text = env[variable];
    if (text !== undefined) return Buffer.from(text);
  }
  return ask(`Passphrase of ${name}: `);
}

/** For a new key: whoever types it types it twice. @throws PlimsollError `cli/no-passphrase`, `cli/passphrases-differ` */
export async function newPassphrase(name: string, file: string | undefined, terminal: Terminal): Promise<Buffer> {
  const passphrase = await passphraseFor(`the new key ${name}`, file, terminal);
  const isTyped = file === undefined && variables.every((variable) => terminal.env[variable] === undefined);
  if (isTyped && !(await ask('The same again: ')).equals(passphrase)) {
    throw new PlimsollError('cli/passphrases-differ', 'The two passphrases differ, and no key was made', {
      hint: 'Call it again.',
    });
  }
  if (passphrase.length === 0) terminal.err('warning: the key has no passphrase: who has the file can sign\n');
  return passphrase;
}

async function ask(question: string): Promise<Buffer> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new PlimsollError('cli/no-passphrase', 'There is nobody to ask for the passphrase of the key', {
      hint: `Set ${variables[0]}, or name a file: --passphrase-file FILE`,
    });
  }
  stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await typedLine(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

/** Nothing of it is shown. */
async function typedLine(input: NodeJS.ReadStream): Promise<Buffer> {
  let typed = '';
  input.setEncoding('utf8');
  for await (const piece of input.iterator({ destroyOnReturn: false })) {
    for (const key of String(piece)) {
      if (key === '\r' || key === '\n' || key === '\u0004') return Buffer.from(typed);
      if (key === '\u0003') {
        throw new PlimsollError('cli/interrupted', 'It was interrupted, and nothing was done', {
          hint: 'Call it again.',
        });
      }
      typed = key === '\u007f' || key === '\b' ? [...typed].slice(0, -1).join('') : typed + key;
    }
  }
  return Buffer.from(typed);
}

function withoutLineEnd(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return bytes.subarray(0, text.endsWith('\r\n') ? -2 : text.endsWith('\n') ? -1 : bytes.length);
}
