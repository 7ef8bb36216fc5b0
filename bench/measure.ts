import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Run {
  readonly seconds: number;
  /** Highest resident memory, in MB; 0 where /proc does not tell. */
  readonly peak: number;
}

const pollMs = 5;

/** Runs a command as a whole process, its output thrown away, and says how long it took and how much memory it had. */
export function runProcess(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    let errors = '';
    let peak = 0;
    child.stderr.on('data', (piece: Buffer) => {
      errors += piece.toString();
    });
    const poll = setInterval(() => {
      peak = Math.max(peak, peakMemory(child.pid));
    }, pollMs);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(poll);
      const seconds = (performance.now() - started) / 1000;
      if (code === 0) resolve({ seconds, peak });
      else reject(new Error(`${command.join(' ')} ended with ${code}:\n${errors}`));
    });
  });
}

/** Runs two commands in turn, so that a machine whose speed drifts is fair to both, and gives the medians. */
export async function inTurn(
  times: number,
  first: () => Promise<Run>,
  second: () => Promise<Run>,
): Promise<{ first: Run; second: Run; ratio: number }> {
  const pairs: { first: Run; second: Run }[] = [];
  for (let round = 0; round <= times; round++) {
    const pair = { first: await first(), second: await second() };
    // The first round only warms the disk cache.
    if (round > 0) pairs.push(pair);
  }
  return {
    first: middle(pairs.map((pair) => pair.first)),
    second: middle(pairs.map((pair) => pair.second)),
    ratio: median(pairs.map((pair) => pair.first.seconds / pair.second.seconds)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function middle(runs: readonly Run[]): Run {
  return { seconds: median(runs.map(({ seconds }) => seconds)), peak: Math.max(...runs.map(({ peak }) => peak)) };
}

function peakMemory(pid: number | undefined): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}
