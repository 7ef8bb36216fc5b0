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
 * @throws PlimsollError `cli/no-passphrase` where nobody can be asked, `cli/interrupted`
 */
export async function passphraseFor(name: string, file: string | undefined, { env }: Terminal): Promise<Buffer> {
  const [passphrase] = givenPassphrase(file, env) ?? (await ask([`Passphrase of ${name}: `]));
  return passphrase;
}

/** For a new key: whoever types it types it twice. @throws PlimsollError as {@link passphraseFor}, `cli/passphrases-differ` */
export async function newPassphrase(name: string, file: string | undefined, { env, err }: Terminal): Promise<Buffer> {
  const questions = [`Passphrase of the new key ${name}: `, 'The same again: '] as const;
  const [passphrase, again = passphrase] = givenPassphrase(file, env) ?? (await ask(questions));
  if (!again.equals(passphrase)) {
    throw new PlimsollError('cli/passphrases-differ', 'The two passphrases differ, and no key was made', {
      hint: 'Call it again.',
    });
  }
  if (passphrase.length === 0) err('warning: the key has no passphrase: who has the file can sign\n');
  return passphrase;
}

type Passphrases = readonly [Buffer, ...Buffer[]];

function givenPassphrase(file: string | undefined, env: NodeJS.ProcessEnv): Passphrases | undefined {
  if (file !== undefined) return [withoutLineEnd(readInput(file, limits.keyFileBytes))];
  const text = variables.map((variable) => env[variable]).find((each) => each !== undefined);
  return text === undefined ? undefined : [Buffer.from(text)];
}

/** One answer to each question. */
async function ask([first, ...others]: readonly [string, ...string[]]): Promise<Passphrases> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new PlimsollError('cli/no-passphrase', 'There is nobody to ask for the passphrase of the key', {
      hint: `Set ${variables[0]}, or name a file: --passphrase-file FILE`,
    });
  }
  // First of all: what is typed is shown until then.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  const lines = typedLines(stdin);
  const answer = async (question: string) => {
    stderr.write(question);
    try {
      return await nextLine(lines);
    } finally {
      stderr.write('\n');
    }
  };
  try {
    const answers: [Buffer, ...Buffer[]] = [await answer(first)];
    for (const question of others) answers.push(await answer(question));
    return answers;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}

async function nextLine(lines: AsyncIterator<string, void>): Promise<Buffer> {
  const { value } = await lines.next();
  if (typeof value === 'string') return Buffer.from(value);
  throw new PlimsollError('cli/interrupted', 'It was interrupted, and nothing was done', { hint: 'Call it again.' });
}

/** What is typed where the terminal neither shows nor edits it. Ctrl-C and Ctrl-D end it. */
export async function* typedLines(pieces: AsyncIterable<string>): AsyncGenerator<string, void> {
  let typed = '';
  for await (const piece of pieces) {
    for (const key of piece) {
      if (key === '\u0003' || key === '\u0004') return;
      if (key === '\r' || key === '\n') {
        yield typed;
        typed = '';
      } else {
        typed = key === '\u007f' || key === '\b' ? [...typed].slice(0, -1).join('') : typed + key;
      }
    }
  }
}

function withoutLineEnd(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return bytes.subarray(0, text.endsWith('\r\n') ? -2 : text.endsWith('\n') ? -1 : bytes.length);
}
