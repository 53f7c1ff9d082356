/** Worker: draws the rows that it is sent and answers with the model's inputs. */
import { parentPort } from 'node:worker_threads';
import { toModelInput } from '../../lambdas/imaging/model-input.ts';
import { mechanismByName, UNSEEN_MECHANISM } from '../profiles/mechanisms.ts';
import { seedOf } from '../random.ts';
import { renderWell } from '../render/index.ts';

export interface DrawRequest {
  row: number;
  mechanism: string;
  plate: string;
  well: string;
  viability: number;
}

export interface DrawAnswer {
  row: number;
  input: Uint8Array;
}

/** Half the demo's frame: after the resize to 256 the noise is the same, at a quarter of the cost. */
const TRAINING_SIDE = 512;
const UNSEEN_SIDE = 1024;

parentPort?.on('message', (request: DrawRequest) => {
  const mechanism = mechanismByName(request.mechanism);
  const side = mechanism === UNSEEN_MECHANISM ? UNSEEN_SIDE : TRAINING_SIDE;
  const frame = renderWell({
    mechanism,
    viability: request.viability,
    seed: seedOf('training', request.plate, request.well),
    side,
  });
  const input = toModelInput(frame.pixels, side, side, frame.bitDepth);
  parentPort?.postMessage({ row: request.row, input } satisfies DrawAnswer, [input.buffer as ArrayBuffer]);
});
