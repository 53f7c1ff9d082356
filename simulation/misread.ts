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

/**
 * As a model misreads that states half widths for viabilities evenly from 0 to 1: one draw moves all wells of the study, and each states the half width
 * at the viability that it is read to have.
 */
export function misreadAsStated(
  wells: readonly CurveWell[],
  truth: CurveTruth,
  halfWidths90: readonly number[],
  random: Random,
): CurveWell[] {
  if (halfWidths90.length === 0) return [...wells];
  const draw = normal(random) / HALF_WIDTH_90;
  return wells.map((well) => {
    if (well.concentration_uM === 0) return well;
    const viability = well.viability + draw * sharedHalfWidth90At(halfWidths90, levelAt(truth, well.concentration_uM));
    return { ...well, viability, sharedHalfWidth90: sharedHalfWidth90At(halfWidths90, viability) };
  });
}

/** Linear between half widths for viabilities evenly from 0 to 1; those at the ends beyond them. 0 where there are none. */
export function sharedHalfWidth90At(halfWidths90: readonly number[], viability: number): number {
  const place = Math.min(1, Math.max(0, viability)) * Math.max(0, halfWidths90.length - 1);
  const [below = 0, above = below] = halfWidths90.slice(Math.floor(place));
  return below + (above - below) * (place - Math.floor(place));
}
