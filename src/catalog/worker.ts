/** A thread that gathers facts: takes one {@link Task} at a time and answers with {@link Answer}s. */
import { parentPort } from 'node:worker_threads';
import { messageOf, PlimsollError } from '../error.ts';
import { type Job, runJob } from './job.ts';
import { layerMemory } from './memory.ts';

export interface Task {
  readonly job: Job;
  /** Where to remember the facts. */
  readonly memory?: { readonly folder: string; readonly key: string } | undefined;
}

export type Answer =
  | { readonly kind: 'progress'; readonly bytes: number }
  /** The facts as JSON. */
  | { readonly kind: 'facts'; readonly facts: Uint8Array<ArrayBuffer> }
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
    const facts = Buffer.from(JSON.stringify(await runJob(task.job, onBytes)));
    if (task.memory !== undefined) layerMemory(task.memory.folder).remember(task.memory.key, facts);
    post({ kind: 'facts', facts: new Uint8Array(facts) });
  } catch (thrown) {
    if (thrown instanceof PlimsollError) {
      const { code, message, hint } = thrown;
      post({ kind: 'error', code, message, hint, input: thrown.kind === 'input' });
    } else {
      post({ kind: 'defect', message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown) });
    }
  }
}

const port = parentPort;
port?.on('message', (task: Task) => {
  void answer(task, (message) => port.postMessage(message, message.kind === 'facts' ? [message.facts.buffer] : []));
});
