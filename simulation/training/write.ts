/** Draws a labelled set and writes it for Python: `images.npy` (uint8, N × 256 × 256) and `index.csv`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { DrawAnswer, DrawRequest } from './draw-worker.ts';
import { writeImagesFile } from './images-file.ts';
import { planTrainingSet, type TrainingRow } from './plan.ts';

/** @returns the number of images written, the unseen microscope's included. */
export async function writeTrainingSet(
  folder: string,
  images: number,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  const rows = planTrainingSet(images);
  let done = 0;
  const worker = new URL('./draw-worker.ts', import.meta.url);
  await writeImagesFile<DrawAnswer>(folder, worker, drawRequests(rows), () => {
    done += 1;
    onProgress(done, rows.length);
  });
  // The index comes last: where it is, the images are complete.
  await writeFile(join(folder, 'index.csv'), stringify(rows, { header: true }));
  return rows.length;
}

const drawRequests = (rows: readonly TrainingRow[]): DrawRequest[] =>
  rows.map(({ row, mechanism, plate, well, viability_true }) => ({ row, mechanism, plate, well, viability_true }));
