/** Sum of squares of the best curve of a model that crosses a level at a given concentration: what intervals are read from. */
import jStat from 'jstat';
import type { CurveData } from './data.ts';
import type { ModelFit } from './fit.ts';
import { type Bounds, type Evaluate, minimiser } from './least-squares.ts';
import { FREE_PLATEAUS, LIMITS, valueAt } from './models.ts';
import { residualsOf, valuesThrough } from './residuals.ts';

const CONFIDENCE = 0.95;
/** Distance that a plateau keeps from the level that the curve must cross. */
const CLEARANCE = 1e-6;

/** A descent starts with plateaus no nearer than this: beside the level the logarithm of the distance moves nothing, and it would stay there. */
const START_CLEARANCE = 0.03;

/** Steepness from which a descent may stay where it starts. */
const STEEP = 4;

/** Steepness of a curve that falls from one dose to the next. */
const STEP_HILL = 12;

/** A level of viability, and how far from it the model may read it in all wells alike. */
export interface Level {
  remaining: number;
  /** 95 % half width of the model's shared error there; 0 = none. */
  halfWidth95: number;
}

/** Sum of squares up to which a curve of the model is not significantly worse than its best (F test of one parameter). */
export function acceptedRss({ rss, degreesOfFreedom }: ModelFit): number {
  const t = quantileOfT((1 + CONFIDENCE) / 2, degreesOfFreedom);
  return rss * (1 + (t * t) / degreesOfFreedom);
}

const quantiles = new Map<string, number>();
export function quantileOfT(p: number, degreesOfFreedom: number): number {
  const name = `${p}|${degreesOfFreedom}`;
  const known = quantiles.get(name) ?? jStat.studentt.inv(p, degreesOfFreedom);
  quantiles.set(name, known);
  return known;
}

/**
 * The shared error is one more number that is fitted anew for each concentration: the level as the model reads it is `remaining` + u · half width, and u costs
 * its square of what a curve may be worse by, so that u = ±1 alone makes the 95 % interval. Starts from what was accepted before.
 *
 * @returns sum of squares, the cost of u included, by ln concentration
 */
export function profiler(data: CurveData, fit: ModelFit, level: Level, limit: number): (at: number) => number {
  const free = FREE_PLATEAUS[fit.model];
  const { remaining, halfWidth95 } = level;
  const isShared = halfWidth95 > CLEARANCE;
  const plateaus = [...(free.upper ? [LIMITS.upper[1] - remaining] : []), ...(free.lower ? [remaining] : [])];
  const highest = free.upper ? LIMITS.upper[1] : 1;
  const bounds: Bounds = {
    low: [
      LIMITS.lnHill[0],
      ...plateaus.map(() => Math.log(CLEARANCE)),
      ...(isShared ? [Math.max(-1, (CLEARANCE - remaining) / halfWidth95)] : []),
    ],
    high: [
      LIMITS.lnHill[1],
      ...plateaus.map(Math.log),
      ...(isShared ? [Math.min(1, (highest - CLEARANCE - remaining) / halfWidth95)] : []),
    ],
  };
  const { hill, upper, lower, middle } = fit.curve;
  const through = { x: 0 };
  const residuals = residualsOf(data, valuesThrough(data, free, level, through));
  const descend = isShared
    ? minimiser(
        withCost(residuals, data.residuals, Math.sqrt(limit - fit.rss)),
        data.residuals + 1,
        bounds,
        data.within,
      )
    : minimiser(residuals, data.residuals, bounds, data.within);
  const distance = (value: number): number => Math.log(Math.max(START_CLEARANCE, value));
  const startAt = (u: number, steepness: number): number[] => {
    const moved = remaining + u * halfWidth95;
    return [
      Math.log(steepness),
      ...(free.upper ? [distance(upper - moved)] : []),
      ...(free.lower ? [distance(moved - lower)] : []),
      ...(isShared ? [u] : []),
    ];
  };
  /** The best curve of all, and where there is a shared error, with the level moved to where it runs; a step is a valley of its own. */
  const startsAt = (at: number): number[][] => {
    if (!isShared) return hill > STEEP ? [startAt(0, hill), startAt(0, hillThrough(at))] : [startAt(0, hill)];
    const u = Math.min(1, Math.max(-1, (valueAt(fit.curve, at) - remaining) / halfWidth95));
    const starts = [startAt(u, hill), startAt(0, STEP_HILL)];
    return hill > STEEP ? [...starts, startAt(0, hillThrough(at))] : starts;
  };
  /** Of the curve with the same middle: a steep one, made to cross the level far from it, lies where no slope leads back. */
  const hillThrough = (at: number): number => {
    const [above, below] = [Math.max(START_CLEARANCE, upper - remaining), Math.max(START_CLEARANCE, remaining - lower)];
    const through = Math.log(above / below) / (at - middle);
    return through > 0 && Number.isFinite(through) ? through : 1;
  };
  let warm: number[] | undefined;
  return (at) => {
    through.x = at;
    const [own = [], ...others] = startsAt(at);
    let optimum = descend(warm ?? own);
    // What a far concentration left behind may be a valley of its own.
    for (const start of warm ? [own, ...others] : others) {
      if (optimum.rss + data.within <= limit) break;
      const again = descend(start);
      if (again.rss < optimum.rss) optimum = again;
    }
    if (optimum.rss + data.within <= limit) warm = optimum.parameters;
    return optimum.rss + data.within;
  };
}

/** One residual more, after those of the cells: `weight` times the last parameter. */
const withCost =
  (evaluate: Evaluate, cells: number, weight: number): Evaluate =>
  (parameters, residuals, slopes) => {
    evaluate(parameters, residuals, slopes);
    const last = parameters.length - 1;
    residuals[cells] = weight * (parameters[last] ?? 0);
    slopes.forEach((slope, j) => {
      slope[cells] = j === last ? weight : 0;
    });
  };
