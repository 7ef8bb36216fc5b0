import { nearest } from '../nearest.ts';
import { exitCodes } from './failure.ts';
import type { Terminal } from './terminal.ts';

export interface Subcommand {
  readonly name: string;
  readonly summary: string;
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Calls the subcommand that the first argument names, or lists them. */
export async function runSubcommand(
  parent: string,
  description: string,
  subcommands: readonly Subcommand[],
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [name, ...rest] = args;
  const found = subcommands.find((subcommand) => subcommand.name === name);
  if (found !== undefined) return found.run(rest, terminal);
  const width = Math.max(...subcommands.map((subcommand) => subcommand.name.length));
  const list = subcommands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  const help = `Usage: plimsoll ${parent} COMMAND [options]\n\n${description}\n\n${list}\n\n"plimsoll ${parent} COMMAND --help" tells more.\n`;
  if (name === '--help' || name === '-h' || name === 'help') {
    terminal.out(help);
    return exitCodes.holds;
  }
  if (name === undefined) {
    terminal.err(help);
    return exitCodes.usage;
  }
  const near = nearest(
    name,
    subcommands.map((subcommand) => subcommand.name),
  );
  terminal.err(
    `error: There is no command "plimsoll ${parent} ${name.slice(0, 60)}"\n  hint: ${near === undefined ? `Run "plimsoll ${parent} --help" for the list.` : `Did you mean "plimsoll ${parent} ${near}"?`}\n`,
  );
  return exitCodes.usage;
}
