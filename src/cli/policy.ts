import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { PlimsollError } from '../error.ts';
import { defaultPolicyText, newPolicyText, type Problem, policyJsonSchema } from '../policy/index.ts';
import { asCalled } from './as-called.ts';
import { newCommand } from './command.ts';
import { exitCodes } from './failure.ts';
import { writeFile } from './output-file.ts';
import { policyFileName, problemsOf, readPolicyText } from './policy-file.ts';
import { count, shown } from './render/text.ts';
import { runSubcommand } from './subcommand.ts';
import type { Terminal } from './terminal.ts';

export function run(args: readonly string[], terminal: Terminal): Promise<number> {
  return runSubcommand(
    'policy',
    'The line that software is held against.',
    [
      { name: 'check', summary: 'say what is wrong with a policy file, by line and column', run: check },
      { name: 'show', summary: 'print the built-in default line', run: show },
      { name: 'init', summary: `start a ${policyFileName} in this folder`, run: init },
      { name: 'schema', summary: 'print the JSON Schema, for editors', run: schema },
    ],
    args,
    terminal,
  );
}

async function check(args: readonly string[], terminal: Terminal): Promise<number> {
  const command = newCommand(
    'policy check',
    'Says what is wrong with a policy file, by line and column.',
    ['plimsoll policy check', 'plimsoll policy check policies/production.yaml'],
    terminal,
  ).argument('[file]', 'the policy file', policyFileName);
  await command.parseAsync(args, { from: 'user' });
  const file = command.args[0] ?? policyFileName;
  const problems = await problemsOf(readPolicyText(file, 'plimsoll policy check FILE'), dirname(file));
  for (const problem of problems) terminal.out(problemText(file, problem, terminal));
  const errors = problems.filter(({ level }) => level === 'error').length;
  if (errors > 0) {
    terminal.err(`${count(errors, 'error')} in ${file}\n`);
    return exitCodes.usage;
  }
  terminal.out(
    `${file} is a valid policy${problems.length === 0 ? '' : ` with ${count(problems.length, 'warning')}`}\n`,
  );
  return exitCodes.holds;
}

function problemText(file: string, { level, line, column, message, hint }: Problem, { paint }: Terminal): string {
  return `${file}:${line}:${column}: ${paint(level === 'error' ? 'red' : 'yellow', level)}: ${shown(message)}\n  hint: ${shown(hint)}\n`;
}

async function show(args: readonly string[], terminal: Terminal): Promise<number> {
  await newCommand(
    'policy show',
    'Prints the built-in default line, which holds where a policy file does not change it.',
    ['plimsoll policy show'],
    terminal,
  ).parseAsync(args, { from: 'user' });
  terminal.out(defaultPolicyText);
  return exitCodes.holds;
}

async function init(args: readonly string[], terminal: Terminal): Promise<number> {
  await newCommand(
    'policy init',
    `Starts a ${policyFileName} in this folder. It never replaces one.`,
    ['plimsoll policy init'],
    terminal,
  ).parseAsync(args, { from: 'user' });
  if (existsSync(policyFileName)) {
    throw new PlimsollError('cli/policy-exists', `There is a ${policyFileName} in this folder already`, {
      hint: 'Check it with "plimsoll policy check".',
    });
  }
  writeFile(policyFileName, newPolicyText, { flag: 'wx' });
  terminal.out(
    asCalled(
      `wrote ${policyFileName}; it changes nothing yet. "plimsoll policy check" checks what you write in it.\n`,
      terminal.env,
    ),
  );
  return exitCodes.holds;
}

async function schema(args: readonly string[], terminal: Terminal): Promise<number> {
  await newCommand(
    'policy schema',
    'Prints the JSON Schema of the policy file, for editors.',
    ['plimsoll policy schema > plimsoll.schema.json'],
    terminal,
  ).parseAsync(args, { from: 'user' });
  terminal.out(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  return exitCodes.holds;
}
