import { dbSearch } from './db-search.ts';
import { dbStatus } from './db-status.ts';
import { dbUpdate } from './db-update.ts';
import { runSubcommand } from './subcommand.ts';
import type { Terminal } from './terminal.ts';

export function run(args: readonly string[], terminal: Terminal): Promise<number> {
  return runSubcommand(
    'db',
    'The advisory data that scans rest on.',
    [
      { name: 'update', summary: 'get the data, or what changed since the last time', run: dbUpdate },
      { name: 'status', summary: 'say what the database holds and how old it is', run: dbStatus },
      { name: 'search', summary: 'find advisories by package, purl or id', run: dbSearch },
    ],
    args,
    terminal,
  );
}
