/** A model that misreads all wells of a study alike, by a bias that grows towards the middle of the range, and states how large it may be. */
import type { CurveWell } from '../lambdas/domain/curves/data.ts';
import { type CurveTruth, levelAt } from './curve-plate.ts';
import { normal, type Random } from './random.ts';

/** Normal quantile of a two-sided 90 %. */
const HALF_WIDTH_90 = 1.644854;

export interface Misreading {
  /** Standard deviation of the bias at a viability of one half, over studies; none at 0 and 1, which models read well. */
  sd: number;
  /** Correlation of the bias at viabilities that lie far apart: 1 = one number for a study. */
  correlation: number;
}

/** @param wells of one compound, as an unbiased model reads them */
export function misread(
  wells: readonly CurveWell[],
  truth: CurveTruth,
  { sd, correlation }: Misreading,
  random: Random,
): CurveWell[] {
  const [all, sine, cosine] = [normal(random), normal(random), normal(random)];
  const rest = Math.sqrt(1 - correlation);
  const sdAt = (viability: number): number => sd * 4 * Math.max(0, viability * (1 - viability));
  const bias = (viability: number): number =>
    sdAt(viability) *
    (Math.sqrt(correlation) * all + rest * (sine * Math.sin(3 * viability) + cosine * Math.cos(3 * viability)));
  return wells.map((well) => {
    if (well.concentration_uM === 0) return well;
    const viability = well.viability + bias(levelAt(truth, well.concentration_uM));
    return { ...well, viability, sharedHalfWidth90: HALF_WIDTH_90 * sdAt(viability) };
  });
}
