/** Wells that read far from what they should, in robust standard deviations of their plate read. */
import { isDosed } from '../notes/platemap.ts';
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
/** A well that should read less than this of what controls read is no measure of how living wells scatter: dead ones agree. */
const ALIVE = 0.5;
/** Fewer living wells have no spread by which a control could be called odd. */
const LIVING_WELLS = 8;

/** The farthest first. A control is judged by controls and other living wells, however many wells of the plate are dead. */
export function outliersOf(residuals: readonly WellResidual[]): Outlier[] {
  if (residuals.length < T.wellsForSpread) return [];
  const controls = residuals.filter(({ role }) => !isDosed(role));
  const level = controls.length > 0 ? median(controls.map(({ expected }) => expected)) : 1;
  const living = residuals.filter(({ role, expected }) => !isDosed(role) || expected >= ALIVE * level);
  const [ofAll, ofLiving] = [distancesBy(residuals), distancesBy(living)];
  return residuals
    .flatMap((well) => {
      if (isDosed(well.role)) return [{ well, distance: ofAll(well) }];
      return living.length >= LIVING_WELLS ? [{ well, distance: ofLiving(well) }] : [];
    })
    .filter(({ distance }) => Math.abs(distance) >= T.outlier.namedFrom)
    .sort((a, b) => Math.abs(b.distance) - Math.abs(a.distance))
    .map(({ well, distance }) => ({
      well: well.well,
      role: well.role,
      distance,
      reason: `reads ${figure(well.value)} of the plate’s level where ${expectation(well)} ${figure(well.expected)}: ${Math.abs(distance).toFixed(1)} robust standard deviations`,
    }));
}

const relative = ({ residual, expected }: WellResidual): number => residual / noiseAt(expected);

/** Robust standard deviations from the middle of these wells. */
function distancesBy(wells: readonly WellResidual[]): (well: WellResidual) => number {
  const values = wells.map(relative);
  if (values.length === 0) return () => 0;
  const middle = median(values);
  const sd = Math.max(LEAST_SD, robustSd(values));
  return (well) => (relative(well) - middle) / sd;
}

const expectation = ({ role, compound }: WellResidual): string =>
  isDosed(role) ? `the curve of ${compound} has` : `${role} wells have`;

const figure = (value: number): string => value.toFixed(2);
