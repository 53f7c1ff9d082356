/** Worker: one image file to the model's input by the pipeline's own imaging. */
import { readFile, stat } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { imaging } from '../../lambdas/preprocess/imaging.ts';
import { type Prepared, type Rejected, tooLarge } from '../../lambdas/preprocess/look.ts';

export interface ImageJob {
  index: number;
  file: string;
  declaredBitDepth: number | undefined;
}

export interface ImageDone {
  index: number;
  bytes: number;
  /** When the file was last changed, ISO 8601: the nearest that a folder has to an upload. */
  changedAt: string;
  outcome: Prepared | Rejected;
}

parentPort?.on('message', (job: ImageJob) => {
  void prepare(job).then((done) => parentPort?.postMessage(done), failed);
});

async function prepare({ index, file, declaredBitDepth }: ImageJob): Promise<ImageDone> {
  const { size, mtime } = await stat(file);
  const outcome =
    size > imaging.maxBytes
      ? tooLarge(size, imaging.maxBytes)
      : await imaging.prepare(await readFile(file), declaredBitDepth === undefined ? {} : { declaredBitDepth });
  return { index, bytes: size, changedAt: mtime.toISOString(), outcome };
}

/** Out of the promise, so that it reaches the main thread as the worker's error. */
const failed = (error: unknown): void => {
  setImmediate(() => {
    throw error;
  });
};
