import { Command, InvalidArgumentError } from 'commander';
import type { Terminal } from './terminal.ts';

/** A command whose messages go through `terminal` and which throws instead of ending the process. */
export function newCommand(
  name: string,
  description: string,
  examples: readonly string[],
  terminal: Terminal,
): Command {
  return new Command(`plimsoll ${name}`)
    .description(description)
    .exitOverride()
    .showHelpAfterError(`Run "plimsoll ${name} --help" for all options.`)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => Math.min(terminal.width ?? 100, 120),
      getErrHelpWidth: () => Math.min(terminal.width ?? 100, 120),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n`);
}

/** For options that may be given several times. */
export function gather(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** An option parser that takes one of a few words. */
export function oneOf<Word extends string>(words: readonly Word[]) {
  return (text: string): Word => {
    const word = words.find((known) => known === text);
    if (word === undefined) throw new InvalidArgumentError(`It is one of: ${words.join(', ')}.`);
    return word;
  };
}
