import { runSubcommand } from './subcommand.ts';
import type { Terminal } from './terminal.ts';

export function run(args: readonly string[], terminal: Terminal): Promise<number> {
  return runSubcommand(
    'provenance',
    'Where software was built, from what and by whom (SLSA provenance).',
    [
      {
        name: 'create',
        summary: 'write what this build is made of, in GitHub Actions, GitLab CI or by options',
        run: async (rest, terminal) => (await import('./provenance-create.ts')).run(rest, terminal),
      },
      {
        name: 'verify',
        summary: 'hold the provenance of an image or a file against source, branch, builder and level',
        run: async (rest, terminal) => (await import('./provenance-verify.ts')).run(rest, terminal),
      },
    ],
    args,
    terminal,
  );
}
