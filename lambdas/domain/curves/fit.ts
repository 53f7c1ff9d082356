/** Fits each model to a compound's wells by weighted least squares and chooses one by AICc and size of effect. */
import type { CurveData } from './data.ts';
import { type Bounds, minimise } from './least-squares.ts';
import { type Curve, FREE_PLATEAUS, LIMITS, MODEL_NAMES, type ModelName, valueAt } from './models.ts';

export interface ModelFit {
  model: ModelName;
  curve: Curve;
  /** Weighted sum of squared residuals, noise within cells included. */
  rss: number;
  /** Wells less every fitted number: curve and scales. */
  degreesOfFreedom: number;
  /** What AICc adds to the deviance for the number of parameters. */
  penalty: number;
  /** Akaike's criterion with the small-sample correction of Hurvich and Tsai (1989); infinite when it is not defined. */
  aicc: number;
}

export interface ChosenCurve {
  chosen: ModelFit;
  fits: ModelFit[];
  /** Standard deviation of a single vehicle well, relative to the vehicle level, as the chosen curve leaves it. */
  noise: number;
}

/** Below three concentrations two parameters are no fit but an interpolation. */
const MIN_CONCENTRATIONS: Record<ModelName, number> = { constant: 1, '2PL': 3, '3PL': 4, '4PL': 5 };
const START_HILLS = [0.5, 1, 2.5, 8];
const REFINED_STARTS = 3;

/** @returns null below one concentration or without a single degree of freedom. */
export function chooseCurve(data: CurveData): ChosenCurve | null {
  const fits = MODEL_NAMES.filter((model) => data.concentrations >= MIN_CONCENTRATIONS[model])
    .map((model) => fitModel(data, model))
    .filter((fit) => fit.degreesOfFreedom > 0);
  const flat = fits.find((fit) => fit.model === 'constant');
  if (!flat) return null;
  const best = fits.reduce((a, b) => (b.aicc < a.aicc ? b : a));
  const chosen = lossOver(data, best.curve) > noiseOf(best) ? best : flat;
  return { chosen: settleFlat(data, chosen), fits, noise: noiseOf(chosen) };
}

const noiseOf = ({ rss, degreesOfFreedom }: ModelFit): number => Math.sqrt(rss / degreesOfFreedom);

/** Viability lost between no compound and the highest dose: less than the vehicle's noise is no effect. */
const lossOver = (data: CurveData, curve: Curve): number =>
  curve.upper - valueAt(curve, Math.log(data.highestTested_uM));

/** A constant level is "no effect" unless the data exclude it: a mean of 0.93 between noisy controls is not a loss. */
function settleFlat(data: CurveData, fit: ModelFit): ModelFit {
  if (fit.model !== 'constant') return fit;
  const atOne: Curve = { ...fit.curve, upper: 1 };
  const rss = weightedRss(data, atOne);
  const excess = ((rss - fit.rss) / fit.rss) * fit.degreesOfFreedom;
  return excess <= TWO_ERRORS ** 2 ? { ...fit, curve: atOne } : fit;
}

/** Standard errors by which a constant level must differ from 1 to count as a loss. */
const TWO_ERRORS = 2;

function fitModel(data: CurveData, model: ModelName): ModelFit {
  const optimum = model === 'constant' ? fitConstant(data) : fitSigmoid(data, model);
  const fitted = FREE_PLATEAUS[model].parameters + data.scales;
  // The noise itself is estimated too.
  const k = fitted + 1;
  const spare = data.wells - k - 1;
  const penalty = spare > 0 ? 2 * k + (2 * k * (k + 1)) / spare : Number.POSITIVE_INFINITY;
  return {
    model,
    ...optimum,
    degreesOfFreedom: data.wells - fitted,
    penalty,
    aicc: deviance(data, optimum.rss) + penalty,
  };
}

/** Minus twice the log-likelihood at the best noise, up to a constant. */
export const deviance = (data: CurveData, rss: number): number =>
  data.wells * Math.log(Math.max(rss, 1e-12) / data.wells);

type Optimum = Pick<ModelFit, 'curve' | 'rss'>;

function fitConstant(data: CurveData): Optimum {
  const curveOf = ([upper = 1]: readonly number[]): Curve => ({
    upper,
    lower: 0,
    middle: Number.POSITIVE_INFINITY,
    hill: 1,
  });
  return solve(data, curveOf, [1], { low: [0], high: [LIMITS.upper[1]] });
}

function fitSigmoid(data: CurveData, model: ModelName): Optimum {
  const free = FREE_PLATEAUS[model];
  const curveOf = curveFrom(free);
  const bounds = boundsOf(data, free);
  const starts = startingCurves(data, free)
    .map((curve) => ({ curve, rss: weightedRss(data, curve) }))
    .sort((a, b) => a.rss - b.rss)
    .slice(0, REFINED_STARTS);
  return starts
    .map(({ curve }) => solve(data, curveOf, parametersOf(curve, free), bounds))
    .reduce((a, b) => (b.rss < a.rss ? b : a));
}

interface Free {
  upper: boolean;
  lower: boolean;
}

const parametersOf = (curve: Curve, free: Free): number[] => [
  curve.middle,
  Math.log(curve.hill),
  ...(free.upper ? [curve.upper] : []),
  ...(free.lower ? [curve.lower] : []),
];

const curveFrom =
  (free: Free) =>
  ([middle = 0, lnHill = 0, upper = 1, lower = 0]: readonly number[]): Curve => ({
    middle,
    hill: Math.exp(lnHill),
    upper: free.upper ? upper : 1,
    // Never above the upper plateau: a curve that rises with the dose is no loss.
    lower: free.lower ? Math.min(lower, free.upper ? upper : 1) : 0,
  });

const boundsOf = (data: CurveData, free: Free): Bounds => ({
  low: [
    Math.log(data.lowestTested_uM) - LIMITS.beyond,
    LIMITS.lnHill[0],
    ...(free.upper ? [LIMITS.upper[0]] : []),
    ...(free.lower ? [LIMITS.lower[0]] : []),
  ],
  high: [
    Math.log(data.highestTested_uM) + LIMITS.beyond,
    LIMITS.lnHill[1],
    ...(free.upper ? [LIMITS.upper[1]] : []),
    ...(free.lower ? [LIMITS.lower[1]] : []),
  ],
});

/** Middles between and beyond the doses, gentle and steep; plateaus from the data. */
function startingCurves(data: CurveData, free: Free): Curve[] {
  const xs = [...new Set(data.x)].filter((x) => x !== Number.NEGATIVE_INFINITY);
  const middles = [(xs[0] ?? 0) - 2, ...xs.slice(1).map((x, i) => (x + (xs[i] ?? x)) / 2), (xs.at(-1) ?? 0) + 2];
  const means = data.mean.filter((_, i) => data.x[i] !== Number.NEGATIVE_INFINITY);
  const clamp = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, value));
  const upper = free.upper ? clamp(Math.max(...means), LIMITS.upper) : 1;
  const lower = free.lower ? clamp(Math.min(...means), [0, upper]) : 0;
  return middles.flatMap((middle) => START_HILLS.map((hill) => ({ upper, lower, middle, hill })));
}

/**
 * Minimises over the parameters that `curveOf` takes; the scales' levels are eliminated, being linear (variable
 * projection, Golub and Pereyra 1973).
 */
export function solve(
  data: CurveData,
  curveOf: (parameters: readonly number[]) => Curve,
  start: readonly number[],
  bounds: Bounds,
): Optimum & { parameters: number[] } {
  const optimum = minimise(
    (parameters, into) => fillResiduals(data, curveOf(parameters), into),
    data.x.length,
    start,
    bounds,
  );
  return { curve: curveOf(optimum.parameters), rss: optimum.rss + data.within, parameters: optimum.parameters };
}

function weightedRss(data: CurveData, curve: Curve): number {
  const residuals = new Float64Array(data.x.length);
  fillResiduals(data, curve, residuals);
  return residuals.reduce((sum, value) => sum + value * value, data.within);
}

/** Weighted residuals of the cells under a curve, each scale at its best level. */
function fillResiduals({ scale, x, mean, weight, scales }: CurveData, curve: Curve, into: Float64Array): void {
  const explained = new Float64Array(scales);
  const norms = new Float64Array(scales);
  for (let i = 0; i < x.length; i += 1) {
    const value = valueAt(curve, x[i] ?? 0);
    const weighted = (weight[i] ?? 0) ** 2 * value;
    const of = scale[i] ?? 0;
    into[i] = value;
    explained[of] = (explained[of] ?? 0) + weighted * (mean[i] ?? 0);
    norms[of] = (norms[of] ?? 0) + weighted * value;
  }
  for (let i = 0; i < x.length; i += 1) {
    const of = scale[i] ?? 0;
    const level = (explained[of] ?? 0) / ((norms[of] ?? 0) || 1e-300);
    into[i] = (weight[i] ?? 0) * ((mean[i] ?? 0) - level * (into[i] ?? 0));
  }
}
