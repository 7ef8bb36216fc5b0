import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { PlimsollError } from '../error.ts';
import { asCalled } from './as-called.ts';
import { checkWritable, writeFile } from './output-file.ts';
import type { Looks } from './render/index.ts';
import type { Terminal } from './terminal.ts';

/** One `-o FORMAT[=FILE]`; without a file the result goes to standard output. */
export interface Output<Format extends string = string> {
  readonly format: Format;
  readonly file?: string | undefined;
}

/** An option parser for commander that gathers repeated `-o`, knowing the formats of its command. */
export function outputOption<Format extends string>(formats: readonly Format[]) {
  return (text: string, previous: readonly Output<Format>[] | undefined): readonly Output<Format>[] => {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const format = formats.find((known) => known === name);
    if (format === undefined)
      throw new InvalidArgumentError(`There is no format "${name}". The formats are: ${formats.join(', ')}.`);
    if (equals >= 0 && text.length === equals + 1) throw new InvalidArgumentError(`Name a file after "${name}=".`);
    return [...(previous ?? []), { format, file: equals < 0 ? undefined : text.slice(equals + 1) }];
  };
}

/**
 * At most one result can go to standard output, no two to one file, and each file needs a place.
 *
 * @throws PlimsollError `cli/output-twice`, `cli/cannot-write`
 */
export function checkOutputs(outputs: readonly Output[]): void {
  const places = outputs.map(({ file }) => (file === undefined ? undefined : resolve(file)));
  const twice = outputs.find((_, index) => places.indexOf(places[index]) !== index);
  if (twice !== undefined) {
    throw new PlimsollError('cli/output-twice', `Two outputs go to ${twice.file ?? 'standard output'}`, {
      hint: 'Give each its own file: -o table -o sarif=findings.sarif',
    });
  }
  for (const { file } of outputs) if (file !== undefined) checkWritable(file);
}

/** How a result may look where it goes: a file has neither colours nor columns. */
export function looksFor({ file }: Output, terminal: Terminal): Looks {
  if (file !== undefined) return { width: undefined, paint: (_, text) => text };
  const { width, paint, env } = terminal;
  return { width, paint, asCalled: (text) => asCalled(text, env) };
}

export function writeOutput(output: Output, text: string, terminal: Terminal): void {
  if (output.file === undefined) {
    terminal.out(text);
    return;
  }
  writeFile(output.file, text);
  terminal.err(`wrote ${output.format} to ${output.file}\n`);
}
