/**
 * The curves that a compound may follow, as a function of ln concentration: no effect, and log-logistic curves whose
 * plateaus are fixed (2PL), free above (3PL) or free on both sides (4PL, upper in [0, 1.5], lower in [0, 1]).
 */

export const MODEL_NAMES = ['constant', '2PL', '3PL', '4PL'] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

/** Viability falls from `upper` to `lower`; half-way at exp(`middle`), with steepness `hill`. */
export interface Curve {
  upper: number;
  lower: number;
  /** ln µM. */
  middle: number;
  hill: number;
}

/** Limits of each parameter. A Hill slope above 30 is a step between two doses; below 0.1 it is no dose-response. */
export const LIMITS = {
  upper: [0.05, 1.5],
  lower: [0, 1],
  lnHill: [Math.log(0.1), Math.log(30)],
  /** Distance of the middle beyond the tested range, ln µM. */
  beyond: Math.log(1e4),
} as const;

export const FREE_PLATEAUS: Record<ModelName, { upper: boolean; lower: boolean; parameters: number }> = {
  constant: { upper: true, lower: false, parameters: 1 },
  '2PL': { upper: false, lower: false, parameters: 2 },
  '3PL': { upper: true, lower: false, parameters: 3 },
  '4PL': { upper: true, lower: true, parameters: 4 },
};

/** Viability at ln concentration `x`; −∞ is no compound at all, and the vehicle's level is 1 by definition. */
export function valueAt({ upper, lower, middle, hill }: Curve, x: number): number {
  if (x === Number.NEGATIVE_INFINITY) return 1;
  if (middle === Number.POSITIVE_INFINITY) return upper;
  return lower + (upper - lower) / (1 + Math.exp(hill * (x - middle)));
}

/** ln concentration at which the curve crosses `level`; ±∞ when it lies wholly above (+∞) or below (−∞). */
export function crossing({ upper, lower, middle, hill }: Curve, level: number): number {
  if (upper <= level) return Number.NEGATIVE_INFINITY;
  if (lower >= level || middle === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return middle + Math.log((upper - level) / (level - lower)) / hill;
}
