/** Fits each model to a compound's wells by weighted least squares and chooses one by AICc and size of effect. */
import type { CurveData } from './data.ts';
import { type Bounds, minimiser } from './least-squares.ts';
import { type Curve, FREE_PLATEAUS, LIMITS, MODEL_NAMES, type ModelName, valueAt } from './models.ts';
import { constantValues, type Free, residualsOf, sigmoidValues, sumOfSquares } from './residuals.ts';

export interface ModelFit {
  model: ModelName;
  curve: Curve;
  /** Weighted sum of squared residuals, noise within cells included. */
  rss: number;
  /** Wells, without borrowed levels, less every fitted number: curve and scales. */
  degreesOfFreedom: number;
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
  const fits: ModelFit[] = [];
  for (const model of MODEL_NAMES) {
    if (data.concentrations < MIN_CONCENTRATIONS[model]) continue;
    const fit = fitModel(data, model, fits.at(-1)?.curve);
    if (fit.degreesOfFreedom > 0) fits.push(fit);
  }
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
  const rss = sumOfSquares(data, atOne);
  const excess = ((rss - fit.rss) / fit.rss) * fit.degreesOfFreedom;
  return excess <= TWO_ERRORS ** 2 ? { ...fit, curve: atOne } : fit;
}

/** Standard errors by which a constant level must differ from 1 to count as a loss. */
const TWO_ERRORS = 2;

function fitModel(data: CurveData, model: ModelName, simpler: Curve | undefined): ModelFit {
  const nested = simpler && Number.isFinite(simpler.middle) ? simpler : undefined;
  const optimum = model === 'constant' ? fitConstant(data) : fitSigmoid(data, model, nested);
  const fitted = FREE_PLATEAUS[model].parameters + data.scales;
  // The noise itself is estimated too.
  const k = fitted + 1;
  const spare = data.wells - k - 1;
  const penalty = spare > 0 ? 2 * k + (2 * k * (k + 1)) / spare : Number.POSITIVE_INFINITY;
  return {
    model,
    ...optimum,
    degreesOfFreedom: data.wells - data.borrowed - fitted,
    aicc: deviance(data, optimum.rss) + penalty,
  };
}

/** Minus twice the log-likelihood at the best noise, up to a constant. */
const deviance = (data: CurveData, rss: number): number => data.wells * Math.log(Math.max(rss, 1e-12) / data.wells);

type Optimum = Pick<ModelFit, 'curve' | 'rss'>;

function fitConstant(data: CurveData): Optimum {
  const bounds: Bounds = { low: [0], high: [LIMITS.upper[1]] };
  const descend = minimiser(residualsOf(data, constantValues(data)), data.residuals, bounds, data.within);
  const { parameters, rss } = descend([1]);
  const curve: Curve = { upper: parameters[0] ?? 1, lower: 0, middle: Number.POSITIVE_INFINITY, hill: 1 };
  return { curve, rss: rss + data.within };
}

/** @param simpler a curve that this model holds: it can only fit better */
function fitSigmoid(data: CurveData, model: ModelName, simpler: Curve | undefined): Optimum {
  const free = FREE_PLATEAUS[model];
  const descend = minimiser(
    residualsOf(data, sigmoidValues(data, free)),
    data.residuals,
    boundsOf(data, free),
    data.within,
  );
  const starts = startingCurves(data, free)
    .map((curve) => ({ curve, rss: sumOfSquares(data, curve) }))
    .sort((a, b) => a.rss - b.rss)
    .slice(0, REFINED_STARTS)
    .map(({ curve }) => curve);
  const { parameters, rss } = (simpler ? [simpler, ...starts] : starts)
    .map((curve) => descend(parametersOf(curve, free)))
    .reduce((a, b) => (b.rss < a.rss ? b : a));
  return { curve: curveFrom(free, parameters), rss: rss + data.within };
}

const parametersOf = (curve: Curve, free: Free): number[] => [
  curve.middle,
  Math.log(curve.hill),
  ...(free.upper ? [curve.upper] : []),
  ...(free.lower ? [curve.lower] : []),
];

const curveFrom = (free: Free, [middle = 0, lnHill = 0, upper = 1, lower = 0]: readonly number[]): Curve => ({
  middle,
  hill: Math.exp(lnHill),
  upper: free.upper ? upper : 1,
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
