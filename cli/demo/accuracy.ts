/** How well readings meet the simulation's truth. */

export interface Pair {
  truth: number;
  predicted: number;
}

/** Coefficient of determination, 1 − residual / total sum of squares; NaN below two pairs. */
export function rSquared(pairs: readonly Pair[]): number {
  const mean = pairs.reduce((sum, pair) => sum + pair.truth, 0) / pairs.length;
  const total = pairs.reduce((sum, pair) => sum + (pair.truth - mean) ** 2, 0);
  const residual = pairs.reduce((sum, pair) => sum + (pair.truth - pair.predicted) ** 2, 0);
  return pairs.length < 2 ? Number.NaN : 1 - residual / total;
}

/** Mean absolute error, in units of viability. */
export const meanAbsoluteError = (pairs: readonly Pair[]): number =>
  pairs.reduce((sum, pair) => sum + Math.abs(pair.truth - pair.predicted), 0) / pairs.length;
