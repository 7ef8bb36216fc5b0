import type { Terminal } from './terminal.ts';

/** What a command's file exports. */
export interface CommandModule {
  /** Resolves to the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

export interface CommandEntry {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly summary: string;
  load(): Promise<CommandModule>;
}
