/**
 * What the model may misread in all wells of a study alike: a bias that its images share (one microscope, one place), so that more wells do not average it out
 * and controls, which it reads well, do not show it. Readings state it as a half width at their viability; an assay that is no model states none.
 */
import { groupBy, mean, median } from '../statistics.ts';
import type { CurveWell } from './data.ts';

export interface SharedError {
  /** ln µM of a dose. */
  x: number;
  /** Viability, relative to the vehicle: the model's bias at that dose lies within ± this with 95 %. */
  halfWidth95: number;
}

/** Normal quantiles of two-sided 95 and 90 %: readings state the half width of 90 %, the intervals of curves are of 95 %. */
const TO_95_PERCENT = 1.959964 / 1.644854;

/**
 * One a dose, the median over its wells; where several models read them the mean over wells of each model's median: a curve follows the mean of
 * the wells, and its error is no larger than the mean of theirs, whichever way each model misreads. Where some wells state none, another model may have
 * read them, of which nothing is known: it is not taken for a better one, and every dose has the largest that is stated at any. None where no well states any.
 */
export function sharedErrors(wells: readonly CurveWell[]): SharedError[] {
  const treated = wells.filter(({ concentration_uM }) => concentration_uM > 0);
  const stated = treated.flatMap(({ sharedHalfWidth90 }) => sharedHalfWidth90 ?? []);
  if (stated.length === 0) return [];
  const largest = stated.length < treated.length ? Math.max(...stated) : undefined;
  return [...groupBy(treated, ({ concentration_uM }) => concentration_uM)]
    .map(([concentration_uM, group]) => ({
      x: Math.log(concentration_uM),
      halfWidth95:
        TO_95_PERCENT * (largest ?? mean([...groupBy(group, ({ model }) => model).values()].flatMap(medians))),
    }))
    .sort((a, b) => a.x - b.x);
}

/** For each of the wells, the median of all. */
function medians(wells: readonly CurveWell[]): number[] {
  const ofAll = median(wells.map(({ sharedHalfWidth90 = 0 }) => sharedHalfWidth90));
  return wells.map(() => ofAll);
}

/**
 * The larger one of the doses on either side: models misread most in the middle of the range, and a steep curve has its middle between two doses.
 *
 * @param x ln µM; beyond the doses it is that of the last of them
 * @returns undefined where no well states any
 */
export function sharedErrorAt(errors: readonly SharedError[], x: number): number | undefined {
  const before = errors.findLast((error) => error.x <= x);
  const after = errors.find((error) => error.x > x);
  if (!before || !after) return (before ?? after)?.halfWidth95;
  return Math.max(before.halfWidth95, after.halfWidth95);
}

/** @returns undefined where no well states any */
export const largestSharedError = (wells: readonly CurveWell[]): number | undefined =>
  sharedErrors(wells).reduce<number | undefined>(
    (largest = 0, { halfWidth95 }) => Math.max(largest, halfWidth95),
    undefined,
  );
