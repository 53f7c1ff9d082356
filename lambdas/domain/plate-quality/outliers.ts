/** Wells that read far from what they should, in robust standard deviations of their plate read. */
import { isDosed } from '../platemap.ts';
import { median } from '../statistics.ts';
import type { WellResidual } from './residuals.ts';
import { robustSd } from './robust.ts';
import { noiseAt } from './spatial.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';

export interface Outlier {
  well: string;
  role: string;
  /** In robust standard deviations, signed: negative reads less than expected. */
  distance: number;
  reason: string;
}

/** Spread that a plate has at least, relative to its level: the model itself repeats no better. */
const LEAST_SD = 0.03;

/** The farthest first. */
export function outliersOf(residuals: readonly WellResidual[]): Outlier[] {
  if (residuals.length < T.wellsForSpread) return [];
  const relative = residuals.map((well) => ({ well, residual: well.residual / noiseAt(well.expected) }));
  const values = relative.map(({ residual }) => residual);
  const middle = median(values);
  const sd = Math.max(LEAST_SD, robustSd(values));
  return relative
    .map(({ well, residual }) => ({ well, distance: (residual - middle) / sd }))
    .filter(({ distance }) => Math.abs(distance) >= T.outlier.namedFrom)
    .sort((a, b) => Math.abs(b.distance) - Math.abs(a.distance))
    .map(({ well, distance }) => ({
      well: well.well,
      role: well.role,
      distance,
      reason: `reads ${figure(well.value)} of the plate’s level where ${expectation(well)} ${figure(well.expected)}: ${Math.abs(distance).toFixed(1)} robust standard deviations`,
    }));
}

const expectation = ({ role, compound }: WellResidual): string =>
  isDosed(role) ? `the curve of ${compound} has` : `${role} wells have`;

const figure = (value: number): string => value.toFixed(2);
