/**
 * Concentrations at which a fraction of viability is lost, each with a 95 % interval by profile likelihood: the set of
 * concentrations at which a curve crosses the level that is not significantly worse than the best of its model. Plateaus,
 * steepness and the level of every scale are fitted anew for each, so the error that wells share through their controls counts.
 * Where the readings state what their model misreads in all wells alike, that is fitted anew too.
 * The interval spans those of every log-logistic model whose AICc is near the best one's, so the choice of a model is not taken
 * for certain: beyond 4 its support is "considerably less" (Burnham and Anderson 2002, 10.1007/b97636, section 2.6).
 */
import { LOSS_LEVELS } from '../dose-response/icx.ts';
import type { CurveData } from './data.ts';
import type { ChosenCurve, ModelFit } from './fit.ts';
import { type Curve, crossing } from './models.ts';
import { acceptedRss, type Level, profiler } from './profile.ts';
import { sharedErrorAt } from './shared-error.ts';

/** Fractions lost, in percent, that the analysis reports. */
export const ANALYSED_LEVELS = [...LOSS_LEVELS, 90] as const;
export type AnalysedLevel = (typeof ANALYSED_LEVELS)[number];

/** µM; null on a side that stays open a tenfold beyond the tested range. */
export interface Interval {
  low_uM: number | null;
  high_uM: number | null;
}

/** What an interval is made of, each as the 95 % interval that it alone would leave. */
export interface IntervalParts {
  /** The scatter of wells and controls, and the choice of a model. */
  wells: Interval;
  /** What the model that reads images misreads in all wells alike: between a viability of the level ± `halfWidth95` on the curve. */
  model: Interval & { halfWidth95: number };
}

export interface LossEstimate extends Interval {
  /** Percent of the vehicle's viability that is lost. */
  level: AnalysedLevel;
  /** Within the tested range, else null. */
  concentration_uM: number | null;
  /** Which side of the tested range it lies on when it does not lie within. */
  beyond: 'above highest tested' | 'below lowest tested' | null;
  /** Of the 95 % interval; absent where the readings state no error that they share, and where there is no interval. */
  parts?: IntervalParts | undefined;
}

/** AICc above the best one's up to which a model's interval counts. */
const SUPPORTED = 4;
/** Fold beyond the tested doses up to which an end of an interval is looked for. */
export const TOLD_BEYOND = 10;
const MARGIN = Math.log(TOLD_BEYOND);
/** ln distance, and share of the way to the limit, within which an end of an interval is found. */
const ENOUGH = 1e-3;
const NEAR_LIMIT = 1e-3;
const MAX_LOOKS = 30;

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
    return { ...estimate, ...withParts(data, { chosen, fits: sigmoid }, remaining, at) };
  });
}

function placed(data: CurveData, level: AnalysedLevel, at: number): LossEstimate {
  const open = { level, concentration_uM: null, low_uM: null, high_uM: null };
  // Rounding must not push a crossing at the very highest dose out of the range.
  if (at > Math.log(data.highestTested_uM) + 1e-9) return { ...open, beyond: 'above highest tested' };
  if (at < Math.log(data.lowestTested_uM) - 1e-9) return { ...open, beyond: 'below lowest tested' };
  return { ...open, concentration_uM: Math.exp(at), beyond: null };
}

/** The interval with the shared error where one is stated at the crossing, and then what each of the two alone would leave. */
function withParts(
  data: CurveData,
  { chosen, fits }: Pick<ChosenCurve, 'chosen' | 'fits'>,
  remaining: number,
  at: number,
): Interval & { parts?: IntervalParts } {
  const range = { from: Math.log(data.lowestTested_uM) - MARGIN, to: Math.log(data.highestTested_uM) + MARGIN };
  const supported = fits.filter((fit) => fit.aicc <= chosen.aicc + SUPPORTED);
  const spanned = (halfWidth95: number): Ends => {
    const accepted = supported.map((fit) => acceptedBy(data, fit, { remaining, halfWidth95 }, range));
    return {
      low: Math.min(...accepted.map((part) => part.low)),
      high: Math.max(...accepted.map((part) => part.high)),
    };
  };
  const wells = spanned(0);
  const halfWidth95 = sharedErrorAt(data.sharedErrors, at);
  if (halfWidth95 === undefined) return within(wells, range);
  const model = shifted(chosen.curve, { remaining, halfWidth95 });
  const both = spanned(halfWidth95);
  // The search ends a little short of, or beyond, what it looks for.
  const low = Math.min(both.low, wells.low, model.low);
  const high = Math.max(both.high, wells.high, model.high);
  return {
    ...within({ low, high }, range),
    parts: { wells: within(wells, range), model: { ...within(model, range), halfWidth95 } },
  };
}

/** Where the curve crosses the level if the model reads it too low, and too high, by the half width. */
const shifted = (curve: Curve, { remaining, halfWidth95 }: Level): Ends => ({
  low: crossing(curve, remaining + halfWidth95),
  high: crossing(curve, remaining - halfWidth95),
});

/** An end beyond the far edge stands at it: of a curve that lies on one side of the level. */
const within = ({ low, high }: Ends, { from, to }: Range): Interval => ({
  low_uM: low <= from ? null : Math.exp(Math.min(low, to)),
  high_uM: high >= to ? null : Math.exp(Math.max(high, from)),
});

/** ln µM. */
interface Ends {
  low: number;
  high: number;
}

/** ln µM that is looked at: an end at its edge is open. */
interface Range {
  from: number;
  to: number;
}

/** What a model accepts; an end that is open lies at the edge of the range. */
function acceptedBy(data: CurveData, fit: ModelFit, level: Level, { from, to }: Range): Ends {
  const limit = acceptedRss(fit);
  const profile = profiler(data, fit, level, limit);
  const crossed = crossing(fit.curve, level.remaining);
  if (from <= crossed && crossed <= to)
    return {
      low: end(profile, limit, crossed, fit.rss, from),
      high: end(profile, limit, crossed, fit.rss, to),
    };
  // The best curve crosses the level nowhere in the range: it is open on that side, and ends where the last curve that is accepted crosses.
  const side = crossed < from ? 'low' : 'high';
  const looked = Array.from({ length: LOOKS_ACROSS }, (_, i) => from + ((to - from) * i) / (LOOKS_ACROSS - 1))
    .map((at) => ({ at, rss: profile(at) }))
    .filter(({ rss }) => rss <= limit);
  const [first, last] = [looked[0], looked.at(-1)];
  if (side === 'low') return { low: from, high: last ? end(profile, limit, last.at, last.rss, to) : from };
  return { low: first ? end(profile, limit, first.at, first.rss, from) : to, high: to };
}

/** Concentrations at which a curve that lies on one side of the level is made to cross it. */
const LOOKS_ACROSS = 9;

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
