import { readFileSync } from 'node:fs';
import { packageFile } from './package-folder.ts';
import type { Terminal } from './terminal.ts';

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length > 0) {
    const { newCommand } = await import('./command.ts');
    newCommand('version', 'Prints the version, and what it runs on.', ['plimsoll version'], terminal)
      .action(() => {})
      .parse(args, { from: 'user' });
  }
  terminal.out(`plimsoll ${version()} (node ${process.versions.node}, ${process.platform} ${process.arch})\n`);
  return 0;
}

export function version(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  return version;
}
