/** Where a command writes and what it may assume about the reader. Tests hand in their own. */
export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Everything else. */
  err(text: string): void;
  readonly env: NodeJS.ProcessEnv;
  /** Whether a person reads standard output. */
  readonly interactive: boolean;
  /** Columns of standard output; `undefined` where nothing wraps (a pipe, a file). */
  readonly width: number | undefined;
  /** Standard output in colours; honours NO_COLOR and FORCE_COLOR. */
  paint(style: Style, text: string): string;
  /** One line on standard error that replaces itself, on a terminal only; `undefined` wipes it. */
  progress(line: string | undefined): void;
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan' | 'magenta' | 'underline';

const eraseLine = '\r\u001b[2K';

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  let shown = false;
  const progress = (line: string | undefined) => {
    if (!stderr.isTTY || (line === undefined && !shown)) return;
    const room = Math.max((stderr.columns ?? 80) - 1, 1);
    stderr.write(line === undefined ? eraseLine : eraseLine + line.slice(0, room));
    shown = line !== undefined;
  };
  return {
    out: (text) => {
      progress(undefined);
      stdout.write(text);
    },
    err: (text) => {
      progress(undefined);
      stderr.write(text);
    },
    env,
    interactive: stdout.isTTY === true,
    width: stdout.isTTY ? stdout.columns : undefined,
    // It brings a good part of Node along, and most output has no colours.
    paint: (style, text) =>
      process.getBuiltinModule('node:util').styleText(style, text, { stream: stdout, validateStream: true }),
    progress,
  };
}
