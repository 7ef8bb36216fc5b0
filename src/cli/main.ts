#!/usr/bin/env node
import * as module from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { cacheFolder } from '../cache-folder.ts';
import { commands } from './commands.ts';
import { exitCodes, renderError } from './failure.ts';
import { processTerminal } from './terminal.ts';

const oldestNode = 24;

/**
 * How often a function or loop runs before V8 compiles it anew, and better: ten times as often as by default. Each thread
 * does so on its own, and most commands are over before that pays. What runs a million times is still compiled.
 */
const compilation = [
  'invocation-count-for-maglev=4000',
  'invocation-count-for-turbofan=30000',
  'invocation-count-for-osr=5000',
];

async function main(argv: readonly string[]): Promise<number> {
  const terminal = processTerminal();
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    terminal.err(
      `plimsoll needs Node.js ${oldestNode} or newer; this is ${process.versions.node}.\n` +
        'Run it with "npx plimsoll", which uses the Node.js that is installed with it, or install a newer one.\n',
    );
    return exitCodes.usage;
  }
  const [name = '--help', ...args] = argv;
  const command = commands.find((known) => known.name === name || known.flags?.includes(name) === true);
  try {
    if (command !== undefined) return await (await command.load()).run(args, terminal);
    const { unknownCommand } = await import('./help.ts');
    return unknownCommand(name, commands, terminal);
  } catch (thrown) {
    terminal.progress(undefined);
    return renderError(thrown, terminal);
  }
}

for (const flag of compilation) setFlagsFromString(`--${flag}`);
// Node's own place for it is a folder that all users share, where somebody else may have put other code. Older versions,
// which are told what is wrong, do not have it.
module.enableCompileCache?.(join(cacheFolder(process.env), 'code'));
// A reader that closes early (`plimsoll gate … | head`) is not an error, and changes nothing of the answer.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`error: The result cannot be written to standard output: ${error.message}\n`);
  process.exit(exitCodes.unavailable);
});
// Nobody can be told, but the exit code says what it is; that of a crash would be the one of a denial.
process.stderr.on('error', () => {});
process.exitCode = await main(process.argv.slice(2));
