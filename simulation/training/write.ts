/** Draws a labelled set and writes it for Python: `images.npy` (uint8, N × 256 × 256) and `index.csv`. */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { INPUT_SIDE } from '../../lambdas/imaging/resize.ts';
import { workInThreads } from '../work-in-threads.ts';
import type { DrawAnswer, DrawRequest } from './draw-worker.ts';
import { npyHeader } from './npy.ts';
import { planTrainingSet } from './plan.ts';

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
    const jobs = rows.map(
      ({ row, mechanism, plate, well, viability_true }): DrawRequest => ({
        row,
        mechanism,
        plate,
        well,
        viability: viability_true,
      }),
    );
    await workInThreads(new URL('./draw-worker.ts', import.meta.url), jobs, async ({ row, input }: DrawAnswer) => {
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
