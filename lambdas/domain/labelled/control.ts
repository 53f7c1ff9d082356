/** The ATP that stands for "as alive as untreated" in one plate read. */
import type { Light } from '../atp/signal.ts';
import type { Role } from '../notes/platemap.ts';
import { median } from '../statistics.ts';
import type { DropReason } from './dropped.ts';

export interface ControlWellLight {
  role: Role;
  light: Light;
  /** Why the well holds no control, though the plate map says so. */
  unfit?: DropReason | undefined;
}

/**
 * Coefficient of variation from which no median stands for the wells: a convention. Controls of one experiment vary by 7 to 21 %; at 50 %
 * half of the wells may be of something else.
 */
const CV_AT_MOST = 0.5;

export interface Control {
  /** Median over the fit wells, whether or not they have an image. */
  atp_rlu: number;
  wells: number;
  role: 'untreated' | 'vehicle';
  /** Coefficient of variation of the wells that were not saturated. */
  cv: number | undefined;
}

/**
 * The median of the fit untreated wells (role `untreated`, by the plate map or the control names of study.json), as published.
 * A saturated well counts as brighter than all others, so that it cannot pull the median down by its absence.
 *
 * @param vehicleInstead whether vehicle wells may stand in where a plate read has no untreated ones: labels are then
 *   viability relative to vehicle
 * @returns why there is none, as a text
 */
export function controlOf(wells: readonly ControlWellLight[], vehicleInstead: boolean): Control | string {
  const fit = wells.filter(({ unfit }) => unfit === undefined);
  const of = (role: Role): Light[] => fit.filter((well) => well.role === role).map(({ light }) => light);
  const role = of('untreated').length === 0 && vehicleInstead ? 'vehicle' : 'untreated';
  const lights = of(role);
  if (lights.length === 0) {
    const left = wells.filter((well) => well.role === role).flatMap(({ unfit }) => unfit ?? []);
    if (left.length > 0) return `all ${role} wells with ATP are left out (${[...new Set(left)].join(', ')})`;
    if (vehicleInstead) return 'neither untreated nor vehicle wells have ATP';
    const vehicles = of('vehicle').length;
    return vehicles === 0
      ? 'no untreated wells have ATP'
      : `no untreated wells have ATP, only ${vehicles} vehicle wells: --vehicle-as-control divides by those`;
  }
  const atp_rlu = median(lights.map((light) => (light === 'saturated' ? Number.POSITIVE_INFINITY : light)));
  if (!Number.isFinite(atp_rlu)) return `half of the ${role} wells or more are saturated`;
  if (atp_rlu <= 0) return `the ${role} wells have a median ATP of ${atp_rlu}`;
  const cv = cvOf(lights.filter((light) => light !== 'saturated'));
  if (cv !== undefined && cv > CV_AT_MOST)
    return `the ${lights.length} ${role} wells vary by ${(100 * cv).toFixed(0)} % (CV), more than ${100 * CV_AT_MOST} %: no median stands for them`;
  return { atp_rlu, wells: lights.length, role, cv };
}

function cvOf(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return mean > 0 ? Math.sqrt(variance) / mean : undefined;
}
