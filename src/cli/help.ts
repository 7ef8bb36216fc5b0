import { commands } from './commands.ts';
import { exitCodes } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export async function run(_args: readonly string[], terminal: Terminal): Promise<number> {
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

"plimsoll COMMAND --help" tells more about each.
Exit codes: 0 the line holds, 1 it does not, 2 usage or bad input, 3 could not find out.
`);
  return exitCodes.holds;
}

export function unknownCommand(name: string, terminal: Terminal): number {
  const near = nearestName(
    name,
    commands.map((command) => command.name),
  );
  const guess = near === undefined ? 'Run "plimsoll help" for the list.' : `Did you mean "plimsoll ${near}"?`;
  terminal.err(`error: There is no command "${name.slice(0, 60)}"\n  hint: ${guess}\n`);
  return exitCodes.usage;
}

/** The known name that was most likely meant, if any is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 2 ? best.candidate : undefined;
}

/** Levenshtein's, on names of a few letters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a.slice(0, 60)].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
