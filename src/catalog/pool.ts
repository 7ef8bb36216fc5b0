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
const resourceLimits = { maxYoungGenerationSizeMb: 12 };

/**
 * How often a function or loop runs before V8 compiles it anew, and better: ten times as often as by default, for each
 * thread does so on its own, and most scans are over before that pays. What runs a million times is still compiled.
 */
const compilation = [
  'invocation-count-for-maglev=4000',
  'invocation-count-for-turbofan=30000',
  'invocation-count-for-osr=5000',
];

/** A thread has nothing to do while zlib, on a thread of its own, inflates the next piece; more than this takes memory for no time. */
const tasksPerThread = 1.5;

/**
 * Runs tasks on as many threads as there are processors, the first ones first; `onFacts` hears of each as it is done. The
 * first task that fails, or whose facts `onFacts` does not take, ends the others: half an answer about an artifact is none.
 */
export async function runTasks(
  tasks: readonly Task[],
  onFacts: (index: number, facts: Facts) => void,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const waiting = tasks.map((task, index) => ({ task, index }));
  const workers: Worker[] = [];
  const threads = Math.min(availableParallelism(), tasks.length);
  const atOnce = Math.min(Math.ceil(threads * tasksPerThread), tasks.length);
  for (const flag of [`initial-old-space-size=${initialHeap}`, ...compilation]) setFlagsFromString(`--${flag}`);
  try {
    await Promise.all(
      Array.from({ length: atOnce }, async (_, lane) => {
        const worker = workers[lane % threads] ?? new Worker(workerFile, { resourceLimits });
        workers[lane % threads] = worker;
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          onFacts(next.index, await runTask(worker, next.task, onBytes));
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function runTask(worker: Worker, task: Task, onBytes: (bytes: number) => void): Promise<Facts> {
  return new Promise((resolve, reject) => {
    const { port1: answers, port2: port } = new MessageChannel();
    const onMessage = (answer: Answer) => {
      switch (answer.kind) {
        case 'progress':
          onBytes(answer.bytes);
          return;
        case 'facts':
          done();
          resolve(answer.facts);
          return;
        case 'error':
          done();
          reject(
            new PlimsollError(answer.code, answer.message, {
              hint: answer.hint,
              kind: answer.input ? 'input' : 'unavailable',
            }),
          );
          return;
        case 'defect':
          done();
          reject(new Error(answer.message));
      }
    };
    const onError = (thrown: unknown) => {
      done();
      reject(outOfMemory(thrown) ?? thrown);
    };
    const onExit = () => onError(new Error('a catalog thread ended without an answer'));
    const done = () => {
      answers.close();
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    answers.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage({ task, answers: port } satisfies Assignment, [port]);
  });
}

function outOfMemory(thrown: unknown): PlimsollError | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY')) return undefined;
  return new PlimsollError('catalog/out-of-memory', `A layer needs more memory than there is: ${messageOf(thrown)}`, {
    hint: 'Inspect the layer by hand: its file list or one of its files is far larger than any ordinary one.',
    kind: 'unavailable',
    cause: thrown,
  });
}
