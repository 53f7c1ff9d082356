/**
 * Weighted residuals of the cells under a curve and their slopes, each scale at its best level: the levels are eliminated
 * (variable projection, Golub and Pereyra 1973, with Kaufman's slopes of 1975).
 */
import { fillBorrowed, fillMoved } from './borrowed-levels.ts';
import type { CurveData } from './data.ts';
import type { Evaluate } from './least-squares.ts';
import { type Curve, valueAt } from './models.ts';

/** Fills the curve's values at each cell's dose, and its slopes by each parameter. */
export type Values = (parameters: Float64Array, values: Float64Array, slopes: readonly Float64Array[]) => void;

/** Plateaus that a model leaves free; the fixed ones are 1 and 0. */
export interface Free {
  upper: boolean;
  lower: boolean;
}

/** Residuals of the cells, and behind them those of the pools. */
export function residualsOf(data: CurveData, values: Values): Evaluate {
  const { scale, mean, weight, scales, pools } = data;
  const explained = new Float64Array(scales);
  const norms = new Float64Array(scales);
  const levels = new Float64Array(scales);
  const centres = new Float64Array(pools.length);
  const along = new Float64Array(scales);
  const moved = new Float64Array(scales);
  return (parameters, residuals, slopes) => {
    values(parameters, residuals, slopes);
    explained.fill(0);
    norms.fill(1e-300);
    for (let i = 0; i < mean.length; i += 1) {
      const of = scale[i] ?? 0;
      const weighted = (weight[i] ?? 0) ** 2 * (residuals[i] ?? 0);
      explained[of] = (explained[of] ?? 0) + weighted * (mean[i] ?? 0);
      norms[of] = (norms[of] ?? 0) + weighted * (residuals[i] ?? 0);
    }
    for (let of = 0; of < scales; of += 1) levels[of] = (explained[of] ?? 0) / (norms[of] ?? 1);
    if (pools.length > 0) fillBorrowed(pools, { explained, norms }, { levels, centres }, residuals, mean.length);
    for (const slope of slopes) {
      along.fill(0);
      for (let i = 0; i < mean.length; i += 1) {
        const of = scale[i] ?? 0;
        slope[i] = (levels[of] ?? 0) * (slope[i] ?? 0);
        along[of] = (along[of] ?? 0) + (weight[i] ?? 0) ** 2 * (residuals[i] ?? 0) * (slope[i] ?? 0);
      }
      for (let of = 0; of < scales; of += 1) moved[of] = (along[of] ?? 0) / (norms[of] ?? 1);
      if (pools.length > 0) fillMoved(pools, { along, norms, levels, centres }, moved, slope, mean.length);
      for (let i = 0; i < mean.length; i += 1) {
        const across = (slope[i] ?? 0) - (residuals[i] ?? 0) * (moved[scale[i] ?? 0] ?? 0);
        slope[i] = -(weight[i] ?? 0) * across;
      }
    }
    for (let i = 0; i < mean.length; i += 1) {
      const level = levels[scale[i] ?? 0] ?? 0;
      residuals[i] = (weight[i] ?? 0) * ((mean[i] ?? 0) - level * (residuals[i] ?? 0));
    }
  };
}

/** Weighted sum of squares under a curve, noise within cells included. */
export function sumOfSquares(data: CurveData, curve: Curve): number {
  const residuals = new Float64Array(data.residuals);
  const fill = residualsOf(data, (_, values) => {
    for (let i = 0; i < data.x.length; i += 1) values[i] = valueAt(curve, data.x[i] ?? 0);
  });
  fill(new Float64Array(0), residuals, []);
  return residuals.reduce((sum, value) => sum + value * value, data.within);
}

/** A level that no dose changes. */
export const constantValues =
  ({ x }: CurveData): Values =>
  (parameters, values, slopes) => {
    for (let i = 0; i < x.length; i += 1) {
      const vehicle = x[i] === Number.NEGATIVE_INFINITY;
      values[i] = vehicle ? 1 : (parameters[0] ?? 1);
      const slope = slopes[0];
      if (slope) slope[i] = vehicle ? 0 : 1;
    }
  };

/** Log-logistic by middle, ln steepness and the free plateaus, in this order. */
export const sigmoidValues =
  ({ x }: CurveData, free: Free): Values =>
  (parameters, values, slopes) => {
    const middle = parameters[0] ?? 0;
    const hill = Math.exp(parameters[1] ?? 0);
    const { upper, lower: below } = plateausOf(parameters, 2, free);
    // Never above the upper plateau: a curve that rises with the dose is no loss.
    const lower = Math.min(below, upper);
    const risen = below > upper;
    const [byMiddle, byHill, third, fourth] = slopes;
    const byUpper = free.upper ? third : undefined;
    const byLower = free.lower ? (free.upper ? fourth : third) : undefined;
    for (let i = 0; i < x.length; i += 1) {
      const at = x[i] ?? 0;
      const vehicle = at === Number.NEGATIVE_INFINITY;
      const alive = vehicle ? 1 : 1 / (1 + Math.exp(hill * (at - middle)));
      const bend = vehicle ? 0 : (upper - lower) * alive * (1 - alive) * hill;
      values[i] = vehicle ? 1 : lower + (upper - lower) * alive;
      if (byMiddle) byMiddle[i] = bend;
      if (byHill) byHill[i] = vehicle ? 0 : -bend * (at - middle);
      if (byUpper) byUpper[i] = vehicle ? 0 : risen ? 1 : alive;
      if (byLower) byLower[i] = vehicle || risen ? 0 : 1 - alive;
    }
  };

/**
 * Log-logistic through a level at a given ln concentration, by ln steepness and the logarithms of how far the free plateaus
 * lie from the level: a plateau may come as near to it as it likes, where the crossing is anywhere. With a half width of the
 * level there is a last parameter: how many of them the level is moved.
 */
export const valuesThrough =
  (
    { x }: CurveData,
    free: Free,
    { remaining, halfWidth95 }: { remaining: number; halfWidth95: number },
    at: { x: number },
  ): Values =>
  (parameters, values, slopes) => {
    const plateaus = 1 + Number(free.upper) + Number(free.lower);
    const level = remaining + halfWidth95 * (parameters[plateaus] ?? 0);
    const hill = Math.exp(parameters[0] ?? 0);
    const above = free.upper ? Math.exp(parameters[1] ?? 0) : 1 - level;
    const below = free.lower ? Math.exp(parameters[free.upper ? 2 : 1] ?? 0) : level;
    const ratio = above / below;
    const byHill = slopes[0];
    const byAbove = free.upper ? slopes[1] : undefined;
    const byBelow = free.lower ? slopes[free.upper ? 2 : 1] : undefined;
    const byLevel = slopes[plateaus];
    for (let i = 0; i < x.length; i += 1) {
      const dose = x[i] ?? 0;
      const vehicle = dose === Number.NEGATIVE_INFINITY;
      const distance = vehicle ? 0 : dose - at.x;
      const alive = vehicle ? 1 : 1 / (1 + ratio * Math.exp(hill * distance));
      // By the logarithm of the exponential.
      const bend = vehicle ? 0 : -(above + below) * alive * (1 - alive);
      const byLnAbove = vehicle ? 0 : alive * above + bend;
      const byLnBelow = vehicle ? 0 : -(1 - alive) * below - bend;
      values[i] = vehicle ? 1 : level - below + (above + below) * alive;
      if (byHill) byHill[i] = bend * hill * distance;
      if (byAbove) byAbove[i] = byLnAbove;
      if (byBelow) byBelow[i] = byLnBelow;
      // A plateau that is fixed comes nearer as the level moves towards it.
      if (byLevel)
        byLevel[i] = vehicle
          ? 0
          : halfWidth95 * (1 - (free.upper ? 0 : byLnAbove / above) + (free.lower ? 0 : byLnBelow / below));
    }
  };

function plateausOf(parameters: Float64Array, from: number, free: Free): Pick<Curve, 'upper' | 'lower'> {
  const upper = free.upper ? (parameters[from] ?? 1) : 1;
  const lower = free.lower ? (parameters[free.upper ? from + 1 : from] ?? 0) : 0;
  return { upper, lower };
}
