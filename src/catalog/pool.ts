import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { messageOf, PlimsollError } from '../error.ts';
import type { Facts } from './facts.ts';
import type { Answer, Assignment, Task } from './worker.ts';

/** Sources run as they are; the build puts the worker beside the bundle. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './catalog-worker.js', import.meta.url);

/**
 * V8 collects garbage once buffers outgrow a multiple of the heap. A thread has a small heap and lets a gigabyte of
 * buffers go by, so it would collect at every turn: a third of a scan's time. In MB, for heaps made from now on.
 */
const initialHeap = 80;

/** Most of what a thread makes is short-lived; room for more of it than this is memory that buys no time. In MB. */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/** A thread has nothing to do while zlib, on a thread of its own, inflates the next piece; more than this takes memory for no time. */
const tasksPerThread = 1.5;

export interface Threads {
  /**
   * Runs tasks, the first ones first; `onFacts` hears of each as it is done. The first task that fails, or whose facts
   * `onFacts` does not take, ends the others: half an answer about an artifact is none. With the last task the threads begin to end.
   */
  run(
    tasks: readonly Task[],
    onFacts: (index: number, facts: Facts) => void,
    onBytes: (bytes: number) => void,
  ): Promise<void>;
  /** Resolves when they have ended. */
  end(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  /** Rejects when it ends, which it never does by itself. */
  readonly ended: Promise<never>;
}

/** As many threads as there are processors, at most. They get ready while the caller does something else. */
export function startThreads(most: number): Threads {
  setFlagsFromString(`--initial-old-space-size=${initialHeap}`);
  const threads = Array.from({ length: Math.min(availableParallelism(), most) }, startThread);
  let ended: Promise<unknown> | undefined;
  const end = async () => {
    ended ??= Promise.all(threads.map(({ worker }) => worker.terminate()));
    await ended;
  };
  return {
    async run(tasks, onFacts, onBytes) {
      const waiting = tasks.map((task, index) => ({ task, index }));
      const lanes = [...threads, ...threads.slice(0, Math.ceil(threads.length * (tasksPerThread - 1)))];
      try {
        await Promise.all(
          lanes.map(async (thread) => {
            for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
              onFacts(next.index, await runTask(thread, next.task, onBytes));
            }
          }),
        );
      } finally {
        // Giving back a thread's memory takes a tenth of a second, in which there is something to do here.
        void end();
      }
    },
    end,
  };
}

function startThread(): Thread {
  const worker = new Worker(workerFile, { resourceLimits });
  const ended = new Promise<never>((_, reject) => {
    worker.on('error', (thrown) => reject(outOfMemory(thrown) ?? thrown));
    worker.on('exit', () => reject(new Error('a catalog thread ended without an answer')));
  });
  // It may end when nobody waits for it; whoever gives it a task is told.
  ended.catch(() => {});
  return { worker, ended };
}

async function runTask({ worker, ended }: Thread, task: Task, onBytes: (bytes: number) => void): Promise<Facts> {
  const { port1: answers, port2: port } = new MessageChannel();
  const answered = new Promise<Facts>((resolve, reject) => {
    answers.on('message', (answer: Answer) => {
      switch (answer.kind) {
        case 'progress':
          onBytes(answer.bytes);
          return;
        case 'facts':
          resolve(answer.facts);
          return;
        case 'error': {
          const { code, message, hint, input } = answer;
          reject(new PlimsollError(code, message, { hint, kind: input ? 'input' : 'unavailable' }));
          return;
        }
        case 'defect':
          reject(new Error(answer.message));
      }
    });
  });
  worker.postMessage({ task, answers: port } satisfies Assignment, [port]);
  try {
    return await Promise.race([answered, ended]);
  } finally {
    answers.close();
  }
}

function outOfMemory(thrown: unknown): PlimsollError | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY')) return undefined;
  return new PlimsollError('catalog/out-of-memory', `A layer needs more memory than there is: ${messageOf(thrown)}`, {
    hint: 'Inspect the layer by hand: its file list or one of its files is far larger than any ordinary one.',
    kind: 'unavailable',
    cause: thrown,
  });
}
