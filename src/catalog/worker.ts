/** A thread that gathers facts. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { messageOf, PlimsollError } from '../error.ts';
import type { Facts } from './facts.ts';
import { type Job, runJob } from './job.ts';
import { layerMemory } from './memory.ts';

export interface Task {
  readonly job: Job;
  /** Where to remember the facts. */
  readonly memory?: { readonly folder: string; readonly key: string } | undefined;
}

/** What a thread is sent: a task, and where its {@link Answer}s go. */
export interface Assignment {
  readonly task: Task;
  readonly answers: MessagePort;
}

export type Answer =
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'facts'; readonly facts: Facts }
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly input: boolean;
    }
  | { readonly kind: 'defect'; readonly message: string };

const progressEvery = 4 * 1024 * 1024;

async function answer(task: Task, post: (answer: Answer) => void): Promise<void> {
  let unreported = 0;
  const onBytes = (bytes: number) => {
    unreported += bytes;
    if (unreported < progressEvery) return;
    post({ kind: 'progress', bytes: unreported });
    unreported = 0;
  };
  try {
    const facts = await runJob(task.job, onBytes);
    if (task.memory !== undefined) layerMemory(task.memory.folder).remember(task.memory.key, facts);
    post({ kind: 'facts', facts });
  } catch (thrown) {
    if (thrown instanceof PlimsollError) {
      const { code, message, hint } = thrown;
      post({ kind: 'error', code, message, hint, input: thrown.kind === 'input' });
    } else {
      post({ kind: 'defect', message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown) });
    }
  }
}

parentPort?.on('message', ({ task, answers }: Assignment) => {
  void answer(task, (message) => answers.postMessage(message));
});
