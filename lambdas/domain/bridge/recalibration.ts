/**
 * A straight line from predictions to labels for one microscope and donor. Offered only where it helps on plates that it was not
 * fitted on; a version of its own, never a silent change of the model.
 */
import { RECALIBRATION_EVIDENCE as E } from './criteria.ts';
import { type Estimate, meanOfPlates, plateJackknife } from './intervals.ts';
import { type BridgeVerdict, judgeBridge, rangeOf, whyThin } from './judge.ts';
import { type BridgeWell, type Line, lineOf, maeOf, platesOf } from './wells.ts';

export interface CrossValidation {
  /** Mean absolute error on plates left out, before and with the line of the others. */
  maeBefore: number;
  maeAfter: number;
  /** What it takes away, a plate a value. */
  gain: Estimate;
  /** Within which 90 % of labels lie of what the line of the others says: served half widths are no narrower. */
  residual90: number;
  /** The criteria's verdict on the plates left out, with the line of the others. */
  verdictAfter: BridgeVerdict;
}

export interface Recalibration {
  slope: Estimate;
  intercept: Estimate;
  wells: number;
  plates: number;
  /** Predictions that it was fitted on, 10th to 90th percentile; beyond them it is a guess. */
  predictedRange: { low: number; high: number };
  crossValidation: CrossValidation;
}

export type RecalibrationOffer =
  | { offered: true; recalibration: Recalibration }
  | { offered: false; reasons: string[] };

/** recalibrated = intercept + slope × predicted */
export const recalibrated = ({ slope, intercept }: Line, predicted: number): number => intercept + slope * predicted;

export function offerRecalibration(wells: readonly BridgeWell[]): RecalibrationOffer {
  const plates = platesOf(wells);
  const thin = whyThin(wells, plates.length, rangeOf(wells.map(({ label }) => label)), E);
  if (thin.length > 0) return { offered: false, reasons: thin };
  const slope = plateJackknife(plates, (some) => lineOf(some).slope);
  const intercept = plateJackknife(plates, (some) => lineOf(some).intercept);
  if (!(slope.low >= E.slope.atLeast && slope.high <= E.slope.atMost))
    return {
      offered: false,
      reasons: [
        `the slope ${slope.value.toFixed(2)} (${slope.low.toFixed(2)} to ${slope.high.toFixed(2)}) reaches outside ${E.slope.atLeast.toFixed(2)} to ${E.slope.atMost}: predictions do not follow viability there, and no line mends that`,
      ],
    };
  const line = { slope: slope.value, intercept: intercept.value };
  const ends = [0, 1].map((end) => recalibrated(line, end));
  if (ends.some((of, end) => !(Math.abs(of - end) <= E.endsMoveAtMost)))
    return {
      offered: false,
      reasons: [
        `the line makes ${ends.map((of) => of.toFixed(2)).join(' and ')} of readings of 0 and 1, more than ${E.endsMoveAtMost} away: predictions lie elsewhere than viability, and no line mends that`,
      ],
    };
  const crossValidation = crossValidate(plates);
  const { gain, residual90, verdictAfter } = crossValidation;
  if (gain.low <= 0 || gain.value < E.leastGain)
    return {
      offered: false,
      reasons: [
        `on plates left out it takes ${gain.value.toFixed(3)} (${gain.low.toFixed(3)} to ${gain.high.toFixed(3)}) from the mean absolute error: ${gain.low <= 0 ? 'that may be nothing' : `less than ${E.leastGain} is not worth a version`}`,
      ],
    };
  if (verdictAfter === 'does not hold')
    return {
      offered: false,
      reasons: ['on plates left out the model does not hold with the line of the others either'],
    };
  if (!(residual90 <= E.residual90AtMost))
    return {
      offered: false,
      reasons: [
        `90 % of labels of plates left out lie within ${residual90.toFixed(2)} of the line of the others, more than ${E.residual90AtMost}: an interval wider than the scale says nothing`,
      ],
    };
  const predictedRange = rangeOf(wells.map(({ predicted }) => predicted));
  return {
    offered: true,
    recalibration: { slope, intercept, wells: wells.length, plates: plates.length, predictedRange, crossValidation },
  };
}

/** Every plate by the line of the others. */
function crossValidate(plates: readonly BridgeWell[][]): CrossValidation {
  const after = plates.map((plate, left) => {
    const line = lineOf(plates.filter((_, i) => i !== left).flat());
    return plate.map((well) => ({ ...well, predicted: recalibrated(line, well.predicted) }));
  });
  return {
    maeBefore: maeOf(plates.flat()),
    maeAfter: maeOf(after.flat()),
    gain: meanOfPlates(plates.map((plate, i) => maeOf(plate) - maeOf(after[i] ?? plate))),
    residual90: covering(after.flat().map(({ predicted, label }) => Math.abs(predicted - label))),
    verdictAfter: judgeBridge(after.flat()).verdict,
  };
}

/** The value that covers a further one with 90 %: of rank ⌈0.9 (n + 1)⌉, as the model's own half widths are set. */
function covering(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length, Math.ceil(0.9 * (sorted.length + 1))) - 1] ?? Number.NaN;
}
