/** From a planned row of a labelled set to the model's input. */
import { toModelInput } from '../../lambdas/imaging/model-input.ts';
import { type Mechanism, mechanismByName, UNSEEN_MECHANISM } from '../profiles/mechanisms.ts';
import { seedOf } from '../random.ts';
import { renderWell } from '../render/index.ts';
import type { TrainingRow } from './plan.ts';

/** Half the demo's frame: after the resize to 256 the noise is the same, at a quarter of the cost. */
const TRAINING_SIDE = 512;
const UNSEEN_SIDE = 1024;

/** Side of the frames of a labelled set, pixels. */
export const frameSideOf = (mechanism: Mechanism): number =>
  mechanism === UNSEEN_MECHANISM ? UNSEEN_SIDE : TRAINING_SIDE;

/** 256 × 256 gray values. A row always has the same pixels: the shipped weights were trained on these. */
export function trainingInput(row: Pick<TrainingRow, 'mechanism' | 'plate' | 'well' | 'viability_true'>): Uint8Array {
  const mechanism = mechanismByName(row.mechanism);
  const side = frameSideOf(mechanism);
  const seed = seedOf('training', row.plate, row.well);
  const frame = renderWell({ mechanism, viability: row.viability_true, seed, side });
  return toModelInput(frame.pixels, side, side, frame.bitDepth);
}
