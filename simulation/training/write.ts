/** Draws a labelled set and writes it for Python: `images.npy` (uint8, N × 256 × 256) and `index.csv`. */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { stringify } from 'csv-stringify/sync';
import { INPUT_SIDE } from '../../lambdas/imaging/resize.ts';
import type { DrawAnswer, DrawRequest } from './draw-worker.ts';
import { npyHeader } from './npy.ts';
import { planTrainingSet, type TrainingRow } from './plan.ts';

const INPUT_BYTES = INPUT_SIDE * INPUT_SIDE;

/** @returns the number of images written, the unseen microscope's included. */
export async function writeTrainingSet(
  folder: string,
  images: number,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  const rows = planTrainingSet(images);
  await mkdir(folder, { recursive: true });
  const header = npyHeader([rows.length, INPUT_SIDE, INPUT_SIDE]);
  const file = await open(join(folder, 'images.npy'), 'w');
  try {
    await file.write(header, 0, header.length, 0);
    let done = 0;
    await drawAll(rows, async ({ row, input }) => {
      await file.write(input, 0, input.length, header.length + row * INPUT_BYTES);
      done += 1;
      onProgress(done, rows.length);
    });
  } finally {
    await file.close();
  }
  // The index comes last: where it is, the images are complete.
  await writeFile(join(folder, 'index.csv'), stringify(rows, { header: true }));
  return rows.length;
}

async function drawAll(rows: readonly TrainingRow[], onDrawn: (answer: DrawAnswer) => Promise<void>): Promise<void> {
  const queue = rows.values();
  await Promise.all(Array.from({ length: availableParallelism() }, () => drawWithOneWorker(queue, onDrawn)));
}

function drawWithOneWorker(
  queue: Iterator<TrainingRow>,
  onDrawn: (answer: DrawAnswer) => Promise<void>,
): Promise<void> {
  const worker = new Worker(new URL('../worker.mjs', import.meta.url), {
    workerData: { module: new URL('./draw-worker.ts', import.meta.url).href },
  });
  return new Promise<void>((resolve, reject) => {
    const next = (): void => {
      const { value, done } = queue.next();
      if (done) {
        resolve();
        return;
      }
      const { row, mechanism, plate, well, viability_true } = value;
      worker.postMessage({ row, mechanism, plate, well, viability: viability_true } satisfies DrawRequest);
    };
    worker.on('error', reject);
    worker.on('message', (answer: DrawAnswer) => void onDrawn(answer).then(next, reject));
    next();
  }).finally(() => worker.terminate());
}
