/** Draws pictures in threads and writes them as `images.npy` (uint8, N × 256 × 256), row by row as they come. */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { INPUT_SIDE } from '../../lambdas/imaging/resize.ts';
import { workInThreads } from '../work-in-threads.ts';
import { npyHeader } from './npy.ts';

const INPUT_BYTES = INPUT_SIDE * INPUT_SIDE;

/** Bytes of the whole file. */
export const imagesFileBytes = (images: number): number =>
  npyHeader([images, INPUT_SIDE, INPUT_SIDE]).length + images * INPUT_BYTES;

interface Drawn {
  row: number;
  input: Uint8Array;
}

/**
 * Takes away an `index.csv` that is there: where it is, the images are complete, so the caller writes it after them.
 *
 * @param module worker that answers each job with the row and its model input @param onDrawn gets each answer once written
 */
export async function writeImagesFile<Answer extends Drawn>(
  folder: string,
  module: URL,
  jobs: readonly { row: number }[],
  onDrawn: (answer: Answer) => void,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rm(join(folder, 'index.csv'), { force: true });
  const header = npyHeader([jobs.length, INPUT_SIDE, INPUT_SIDE]);
  const file = await open(join(folder, 'images.npy'), 'w');
  try {
    await file.write(header, 0, header.length, 0);
    await workInThreads(module, jobs, async (answer: Answer) => {
      await file.write(answer.input, 0, answer.input.length, header.length + answer.row * INPUT_BYTES);
      onDrawn(answer);
    });
  } finally {
    await file.close();
  }
}
