/** Sends jobs to worker threads, one at a time each, until there are none left. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/**
 * @param module TypeScript module that answers every message with one message
 * @param onAnswer called in the order in which answers come
 */
export async function workInThreads<Job, Answer>(
  module: URL,
  jobs: Iterable<Job>,
  onAnswer: (answer: Answer) => Promise<void> | void,
): Promise<void> {
  const queue = jobs[Symbol.iterator]();
  await Promise.all(Array.from({ length: availableParallelism() }, () => runOne(module, queue, onAnswer)));
}

async function runOne<Job, Answer>(
  module: URL,
  queue: Iterator<Job>,
  onAnswer: (answer: Answer) => Promise<void> | void,
): Promise<void> {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { module: module.href } });
  try {
    await new Promise<void>((resolve, reject) => {
      const next = (): void => {
        const job = queue.next();
        if (job.done) resolve();
        else worker.postMessage(job.value);
      };
      worker.on('error', reject);
      worker.on('message', (answer: Answer) => void Promise.resolve(onAnswer(answer)).then(next, reject));
      next();
    });
  } finally {
    await worker.terminate();
  }
}
