import { PlimsollError } from '../error.ts';
import { asCalled } from './as-called.ts';
import { shown } from './render/text.ts';
import type { Terminal } from './terminal.ts';

/** The line holds; it does not; usage or bad input; could not find out. */
export const exitCodes = { holds: 0, broken: 1, usage: 2, unavailable: 3 } as const;

/** Writes an error for a person to standard error and gives the exit code for it. */
export function renderError(thrown: unknown, terminal: Terminal): number {
  if (isCommanderError(thrown)) {
    // Commander has written its message (or the help that was asked for) already.
    return thrown.exitCode === 0 ? exitCodes.holds : exitCodes.usage;
  }
  if (thrown instanceof PlimsollError) {
    const { message, details, hint, code } = thrown;
    const lines = [`error: ${message}`, ...details, `  hint: ${asCalled(hint, terminal.env)}`, `  code: ${code}`];
    terminal.err(linesOf(lines));
    return thrown.kind === 'input' ? exitCodes.usage : exitCodes.unavailable;
  }
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  terminal.err(
    linesOf([
      'error: Plimsoll failed unexpectedly; nothing was decided',
      ...detail.split('\n'),
      '  hint: Please report this with the lines above.',
    ]),
  );
  return exitCodes.unavailable;
}

/** An error can quote what was read, which may be out to steer the terminal. */
function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${shown(line)}\n`).join('');
}

/** Told by its shape, so that a command without options need not load commander. */
function isCommanderError(thrown: unknown): thrown is Error & { exitCode: number } {
  return thrown instanceof Error && thrown.name === 'CommanderError' && 'exitCode' in thrown;
}
