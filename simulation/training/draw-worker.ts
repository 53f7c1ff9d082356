/** Worker: draws the rows that it is sent and answers with the model's inputs. */
import { parentPort } from 'node:worker_threads';
import { trainingInput } from './input.ts';
import type { TrainingRow } from './plan.ts';

export type DrawRequest = Pick<TrainingRow, 'row' | 'mechanism' | 'plate' | 'well' | 'viability_true'>;

export interface DrawAnswer {
  row: number;
  input: Uint8Array;
}

parentPort?.on('message', (request: DrawRequest) => {
  const input = trainingInput(request);
  parentPort?.postMessage({ row: request.row, input } satisfies DrawAnswer, [input.buffer as ArrayBuffer]);
});
