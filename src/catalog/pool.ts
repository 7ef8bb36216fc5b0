import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { messageOf, PlimsollError } from '../error.ts';
import { limits } from '../limits.ts';
import { type Facts, tooMuch } from './facts.ts';
import type { Answer, Task } from './worker.ts';

/** Sources run as they are; the build puts the worker beside the bundle. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './catalog-worker.js', import.meta.url);

/**
 * V8 collects garbage once buffers outgrow a multiple of the heap. A thread has a small heap and lets a gigabyte of
 * buffers go by, so it would collect at every turn: a third of a scan's time. In MB, for heaps made from now on.
 */
const initialHeap = 48;

/** Most of what a thread makes is short-lived; room for more of it than this is memory that buys no time. In MB. */
const youngHeap = 12;

/**
 * Runs tasks on as many threads as there are processors, the first ones first, and answers in the order asked. The first
 * task that fails ends the others: half an answer about an artifact is none.
 */
export async function runTasks(
  tasks: readonly Task[],
  parse: FactsParser,
  onBytes: (bytes: number) => void,
): Promise<Facts[]> {
  const results = new Map<number, Facts>();
  const waiting = tasks.map((task, index) => ({ task, index }));
  const workers: Worker[] = [];
  setFlagsFromString(`--initial-old-space-size=${initialHeap}`);
  try {
    await Promise.all(
      Array.from({ length: Math.min(availableParallelism(), tasks.length) }, async () => {
        const worker = new Worker(workerFile, { resourceLimits: { maxYoungGenerationSizeMb: youngHeap } });
        workers.push(worker);
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          results.set(next.index, await runTask(worker, next.task, parse, onBytes));
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return tasks.flatMap((_, index) => results.get(index) ?? []);
}

export type FactsParser = (json: Uint8Array) => Facts;

/**
 * Parses the facts of one artifact's layers, as many as can be kept at once. They come from our own worker or memory, where
 * a checksum guards them: their shape is known.
 */
export function factsParser(): FactsParser {
  let left: number = limits.factsBytes;
  return (json) => {
    left -= json.length;
    if (left < 0) throw tooMuch();
    return JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
  };
}

function runTask(worker: Worker, task: Task, parse: FactsParser, onBytes: (bytes: number) => void): Promise<Facts> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: Answer) => {
      switch (answer.kind) {
        case 'progress':
          onBytes(answer.bytes);
          return;
        case 'facts':
          done();
          try {
            resolve(parse(answer.facts));
          } catch (thrown) {
            reject(thrown);
          }
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
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(task);
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
