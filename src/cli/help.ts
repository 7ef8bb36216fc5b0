import { nearest } from '../nearest.ts';
import type { CommandEntry, CommandModule } from './command-entry.ts';
import { exitCodes } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** The help over these commands, as a command: `help` lists them, `help scan` is `scan --help`. */
export function helpOn(commands: readonly CommandEntry[]): CommandModule {
  return {
    run: async ([name, ...args], terminal) => {
      if (name === undefined || name === '--help' || name === '-h') return showHelp(commands, terminal);
      const command = commands.find((known) => known.name === name);
      if (command === undefined) return unknownCommand(name, commands, terminal);
      return (await command.load()).run([...args, '--help'], terminal);
    },
  };
}

function showHelp(commands: readonly CommandEntry[], terminal: Terminal): number {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, summary }) => `  ${terminal.paint('cyan', name.padEnd(width))}  ${summary}`);
  terminal.out(`Plimsoll ${version()}: the load line for your software supply chain.

${terminal.paint('bold', 'Usage')}  plimsoll COMMAND [options]

${list.join('\n')}

${terminal.paint('bold', 'Examples')}
  plimsoll db update                          get the advisory data (once, then daily)
  plimsoll scan alpine:3.20                   what is vulnerable in an image
  plimsoll sbom . -o cyclonedx-json=sbom.json what is in a project
  plimsoll gate myapp:1.4 --policy plimsoll.yaml
  plimsoll sign myapp:1.4 --key release.key   who says so
  plimsoll verify myapp:1.4 --key release.pub

"plimsoll COMMAND --help" tells more about each.
Exit codes: 0 the line holds, 1 it does not, 2 usage or bad input, 3 could not find out.
`);
  return exitCodes.holds;
}

export function unknownCommand(name: string, commands: readonly CommandEntry[], terminal: Terminal): number {
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  const guess = near === undefined ? 'Run "plimsoll help" for the list.' : `Did you mean "plimsoll ${near}"?`;
  const [what, hint] = name.startsWith('-')
    ? [
        'There is no option',
        'Options stand after the command: plimsoll COMMAND [options]. "plimsoll help" lists all commands.',
      ]
    : ['There is no command', guess];
  terminal.err(`error: ${what} "${name.slice(0, 60)}"\n  hint: ${hint}\n`);
  return exitCodes.usage;
}
