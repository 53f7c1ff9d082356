/**
 * Concentrations at which a fraction of viability is lost, each with a 95 % interval by profile likelihood: the set of
 * concentrations at which some curve crosses the level that is not significantly worse than the best of all. Plateaus,
 * steepness and the level of every scale are fitted anew for each, so the error that wells share through their controls
 * counts; every log-logistic model competes with its AICc penalty, so the choice of a model is not taken for certain
 * (model-averaged profile likelihood in the manner of Fletcher and Turek 2012, 10.1007/s13253-011-0064-8).
 */
import jStat from 'jstat';
import { LOSS_LEVELS } from '../icx.ts';
import type { CurveData } from './data.ts';
import { type ChosenCurve, deviance, type ModelFit, solve } from './fit.ts';
import type { Bounds } from './least-squares.ts';
import { type Curve, crossing, FREE_PLATEAUS, LIMITS, middleFor } from './models.ts';

/** Fractions lost, in percent, that the analysis reports. */
export const ANALYSED_LEVELS = [...LOSS_LEVELS, 90] as const;
export type AnalysedLevel = (typeof ANALYSED_LEVELS)[number];

export interface LossEstimate {
  /** Percent of the vehicle's viability that is lost. */
  level: AnalysedLevel;
  /** Within the tested range, else null. */
  concentration_uM: number | null;
  /** Which side of the tested range it lies on when it does not lie within. */
  beyond: 'above highest tested' | 'below lowest tested' | null;
  /** 95 % interval; null on a side that stays open a tenfold beyond the tested range. */
  low_uM: number | null;
  high_uM: number | null;
}

const CONFIDENCE = 0.95;
/** How far beyond the tested doses an end of an interval is looked for. */
const MARGIN = Math.log(10);
/** Halvings of the step in which an end of an interval is found. */
const REFINEMENTS = 7;
/** Distance that a plateau keeps from the level that the curve must cross. */
const CLEARANCE = 0.01;

export function lossEstimates(data: CurveData, { chosen, fits }: ChosenCurve): LossEstimate[] {
  const sigmoid = fits.filter((fit) => fit.model !== 'constant' && Number.isFinite(fit.aicc));
  return ANALYSED_LEVELS.map((level) => {
    const remaining = 1 - level / 100;
    const at = crossing(chosen.curve, remaining);
    const estimate = placed(data, level, at);
    if (chosen.model === 'constant' || sigmoid.length === 0) return estimate;
    return { ...estimate, ...interval(data, chosen, sigmoid, remaining, at) };
  });
}

function placed(data: CurveData, level: AnalysedLevel, at: number): LossEstimate {
  const open = { level, concentration_uM: null, low_uM: null, high_uM: null };
  // Rounding must not push a crossing at the very highest dose out of the range.
  if (at > Math.log(data.highestTested_uM) + 1e-9) return { ...open, beyond: 'above highest tested' };
  if (at < Math.log(data.lowestTested_uM) - 1e-9) return { ...open, beyond: 'below lowest tested' };
  return { ...open, concentration_uM: Math.exp(at), beyond: null };
}

function interval(
  data: CurveData,
  chosen: ModelFit,
  fits: readonly ModelFit[],
  remaining: number,
  crossed: number,
): Pick<LossEstimate, 'low_uM' | 'high_uM'> {
  const from = Math.log(data.lowestTested_uM) - MARGIN;
  const to = Math.log(data.highestTested_uM) + MARGIN;
  const limit = acceptedCriterion(data, chosen);
  // A model that is worse than the limit at its best is so everywhere.
  const profiles = fits.filter((fit) => fit.aicc <= limit).map((fit) => profiler(data, fit, remaining));
  const accepted = (at: number): boolean => profiles.some((profile) => profile(at) <= limit);
  const best = Math.min(to, Math.max(from, crossed));
  return { low_uM: end(accepted, best, from), high_uM: end(accepted, best, to) };
}

/** The last accepted concentration between the best one and the edge of what is looked at; null when that is open. */
function end(accepted: (at: number) => boolean, best: number, edge: number): number | null {
  if (best === edge || accepted(edge)) return null;
  let [inside, outside] = [best, edge];
  for (let i = 0; i < REFINEMENTS; i += 1) {
    const middle = (inside + outside) / 2;
    if (accepted(middle)) inside = middle;
    else outside = middle;
  }
  return Math.exp((inside + outside) / 2);
}

/** AICc up to which a curve through another concentration is not significantly worse (F test of one parameter). */
function acceptedCriterion(data: CurveData, { rss, degreesOfFreedom, penalty }: ModelFit): number {
  const t = quantileOfT((1 + CONFIDENCE) / 2, degreesOfFreedom);
  return deviance(data, rss * (1 + (t * t) / degreesOfFreedom)) + penalty;
}

const quantiles = new Map<string, number>();
function quantileOfT(p: number, degreesOfFreedom: number): number {
  const name = `${p}|${degreesOfFreedom}`;
  const known = quantiles.get(name) ?? jStat.studentt.inv(p, degreesOfFreedom);
  quantiles.set(name, known);
  return known;
}

/** AICc of the best curve of a model that crosses the level at a given ln concentration. */
function profiler(data: CurveData, fit: ModelFit, remaining: number): (at: number) => number {
  const free = FREE_PLATEAUS[fit.model];
  const bounds: Bounds = {
    low: [
      LIMITS.lnHill[0],
      ...(free.upper ? [Math.max(LIMITS.upper[0], remaining + CLEARANCE)] : []),
      ...(free.lower ? [LIMITS.lower[0]] : []),
    ],
    high: [LIMITS.lnHill[1], ...(free.upper ? [LIMITS.upper[1]] : []), ...(free.lower ? [remaining - CLEARANCE] : [])],
  };
  const { hill, upper, lower } = fit.curve;
  let warm = [Math.log(hill), ...(free.upper ? [upper] : []), ...(free.lower ? [lower] : [])];
  return (at) => {
    const curveOf = ([lnHill = 0, top = 1, bottom = 0]: readonly number[]): Curve => {
      const shape = { hill: Math.exp(lnHill), upper: free.upper ? top : 1, lower: free.lower ? bottom : 0 };
      return { ...shape, middle: middleFor(shape, remaining, at) };
    };
    const optimum = solve(data, curveOf, warm, bounds);
    warm = optimum.parameters;
    return deviance(data, optimum.rss) + fit.penalty;
  };
}
