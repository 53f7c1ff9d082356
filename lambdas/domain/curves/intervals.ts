/**
 * Concentrations at which a fraction of viability is lost, each with a 95 % interval by profile likelihood: the set of
 * concentrations at which a curve crosses the level that is not significantly worse than the best of its model. Plateaus,
 * steepness and the level of every scale are fitted anew for each, so the error that wells share through their controls counts.
 * The interval spans those of every log-logistic model whose AICc is near the best one's, so the choice of a model is not taken
 * for certain: beyond 4 its support is "considerably less" (Burnham and Anderson 2002, 10.1007/b97636, section 2.6).
 */
import jStat from 'jstat';
import { LOSS_LEVELS } from '../dose-response/icx.ts';
import type { CurveData } from './data.ts';
import type { ChosenCurve, ModelFit } from './fit.ts';
import { type Bounds, minimiser } from './least-squares.ts';
import { crossing, FREE_PLATEAUS, LIMITS } from './models.ts';
import { residualsOf, valuesThrough } from './residuals.ts';

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
/** AICc above the best one's up to which a model's interval counts. */
const SUPPORTED = 4;
/** How far beyond the tested doses an end of an interval is looked for. */
const MARGIN = Math.log(10);
/** ln distance, and share of the way to the limit, within which an end of an interval is found. */
const ENOUGH = 1e-3;
const NEAR_LIMIT = 1e-3;
const MAX_LOOKS = 30;
/** Distance that a plateau keeps from the level that the curve must cross. */
const CLEARANCE = 1e-6;

export function lossEstimates(
  data: CurveData,
  { chosen, fits }: ChosenCurve,
  levels: readonly AnalysedLevel[],
): LossEstimate[] {
  const sigmoid = fits.filter((fit) => fit.model !== 'constant' && Number.isFinite(fit.aicc));
  return levels.map((level) => {
    const remaining = 1 - level / 100;
    const at = crossing(chosen.curve, remaining);
    const estimate = placed(data, level, at);
    if (chosen.model === 'constant' || sigmoid.length === 0) return estimate;
    return { ...estimate, ...interval(data, chosen, sigmoid, remaining) };
  });
}

function placed(data: CurveData, level: AnalysedLevel, at: number): LossEstimate {
  const open = { level, concentration_uM: null, low_uM: null, high_uM: null };
  // Rounding must not push a crossing at the very highest dose out of the range.
  if (at > Math.log(data.highestTested_uM) + 1e-9) return { ...open, beyond: 'above highest tested' };
  if (at < Math.log(data.lowestTested_uM) - 1e-9) return { ...open, beyond: 'below lowest tested' };
  return { ...open, concentration_uM: Math.exp(at), beyond: null };
}

interface Interval {
  low_uM: number | null;
  high_uM: number | null;
}

function interval(data: CurveData, chosen: ModelFit, fits: readonly ModelFit[], remaining: number): Interval {
  const range = { from: Math.log(data.lowestTested_uM) - MARGIN, to: Math.log(data.highestTested_uM) + MARGIN };
  const accepted = fits
    .filter((fit) => fit.aicc <= chosen.aicc + SUPPORTED)
    .map((fit) => acceptedBy(data, fit, remaining, range));
  const low = Math.min(...accepted.map((part) => part.low));
  const high = Math.max(...accepted.map((part) => part.high));
  return { low_uM: low <= range.from ? null : Math.exp(low), high_uM: high >= range.to ? null : Math.exp(high) };
}

/** What a model accepts, in ln µM: an end at the edge of the range is open. */
function acceptedBy(
  data: CurveData,
  fit: ModelFit,
  remaining: number,
  { from, to }: { from: number; to: number },
): { low: number; high: number } {
  const limit = acceptedRss(fit);
  const profile = profiler(data, fit, remaining, limit);
  const crossed = crossing(fit.curve, remaining);
  const best = Math.min(to, Math.max(from, crossed));
  // A curve that lies wholly on one side of the level crosses it nowhere in the range.
  const least = best === crossed ? fit.rss : Math.min(limit, profile(best));
  return { low: end(profile, limit, best, least, from), high: end(profile, limit, best, least, to) };
}

/**
 * Where the sum of squares reaches the limit between the best concentration and the edge of what is looked at; the edge when it
 * does not. Its square root above the least is nearly linear, so false position (Illinois) needs few looks.
 */
function end(profile: (at: number) => number, limit: number, best: number, least: number, edge: number): number {
  if (best === edge) return edge;
  const goal = Math.sqrt(Math.max(0, limit - least));
  const excess = (at: number): number => Math.sqrt(Math.max(0, profile(at) - least)) - goal;
  let previous = 0;
  let [inside, inner] = [best, -goal];
  let [outside, outer] = [edge, excess(edge)];
  if (outer <= 0) return edge;
  for (let i = 0; i < MAX_LOOKS && Math.abs(outside - inside) > ENOUGH; i += 1) {
    const at = inside + ((outside - inside) * inner) / (inner - outer);
    const value = excess(at);
    if (Math.abs(value) < NEAR_LIMIT * goal) return at;
    if (value <= 0) {
      [inside, inner] = [at, value];
      if (previous < 0) outer /= 2;
    } else {
      [outside, outer] = [at, value];
      if (previous > 0) inner /= 2;
    }
    previous = Math.sign(value);
  }
  return (inside + outside) / 2;
}

/** Sum of squares up to which a curve of the model is not significantly worse than its best (F test of one parameter). */
function acceptedRss({ rss, degreesOfFreedom }: ModelFit): number {
  const t = quantileOfT((1 + CONFIDENCE) / 2, degreesOfFreedom);
  return rss * (1 + (t * t) / degreesOfFreedom);
}

const quantiles = new Map<string, number>();
function quantileOfT(p: number, degreesOfFreedom: number): number {
  const name = `${p}|${degreesOfFreedom}`;
  const known = quantiles.get(name) ?? jStat.studentt.inv(p, degreesOfFreedom);
  quantiles.set(name, known);
  return known;
}

/** Sum of squares of the best curve of a model that crosses the level at a given ln concentration; starts from accepted ones. */
function profiler(data: CurveData, fit: ModelFit, remaining: number, limit: number): (at: number) => number {
  const free = FREE_PLATEAUS[fit.model];
  const plateaus = [...(free.upper ? [LIMITS.upper[1] - remaining] : []), ...(free.lower ? [remaining] : [])];
  const bounds: Bounds = {
    low: [LIMITS.lnHill[0], ...plateaus.map(() => Math.log(CLEARANCE))],
    high: [LIMITS.lnHill[1], ...plateaus.map(Math.log)],
  };
  const { hill, upper, lower } = fit.curve;
  const through = { x: 0 };
  const values = valuesThrough(data, free, remaining, through);
  const descend = minimiser(residualsOf(data, values), data.x.length, bounds, data.within);
  const distance = (value: number): number => Math.log(Math.max(CLEARANCE, value));
  const own = [
    Math.log(hill),
    ...(free.upper ? [distance(upper - remaining)] : []),
    ...(free.lower ? [distance(remaining - lower)] : []),
  ];
  let warm = own;
  return (at) => {
    through.x = at;
    let optimum = descend(warm);
    // What a far concentration left behind may be a valley of its own.
    if (optimum.rss + data.within > limit && warm !== own) {
      const again = descend(own);
      if (again.rss < optimum.rss) optimum = again;
    }
    if (optimum.rss + data.within <= limit) warm = optimum.parameters;
    return optimum.rss + data.within;
  };
}
