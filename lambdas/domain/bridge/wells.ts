/** Wells of which both the image's viability and the ATP's are known. */
import { groupBy, mean } from '../statistics.ts';

export interface BridgeWell {
  study: string;
  plate: string;
  /** `A01`. */
  well: string;
  day: number;
  compound: string | undefined;
  concentration_uM: number | undefined;
  /** Viability that the model reads from the image. */
  predicted: number;
  /** ATP over that of the untreated wells. */
  label: number;
}

/** Wells of one plate, over all its days: they share a control, a hand and an hour, and are resampled as one. */
export const platesOf = (wells: readonly BridgeWell[]): BridgeWell[][] => [
  ...groupBy(wells, ({ study, plate }) => JSON.stringify([study, plate])).values(),
];

export interface Line {
  slope: number;
  intercept: number;
}

/** Least squares of label on prediction: what a label is expected to be, given the prediction. NaN where predictions do not vary. */
export function lineOf(wells: readonly BridgeWell[]): Line {
  const x = mean(wells.map(({ predicted }) => predicted));
  const y = mean(wells.map(({ label }) => label));
  let xx = 0;
  let xy = 0;
  for (const { predicted, label } of wells) {
    xx += (predicted - x) ** 2;
    xy += (predicted - x) * (label - y);
  }
  const slope = xx > 1e-12 ? xy / xx : Number.NaN;
  return { slope, intercept: y - slope * x };
}

export const biasOf = (wells: readonly BridgeWell[]): number =>
  mean(wells.map(({ predicted, label }) => predicted - label));

export const maeOf = (wells: readonly BridgeWell[]): number =>
  mean(wells.map(({ predicted, label }) => Math.abs(predicted - label)));
