/** The ATP that stands for "as alive as untreated" in one plate read. */
import type { Light } from '../atp/signal.ts';
import type { Role } from '../platemap.ts';
import { median } from '../statistics.ts';

export interface ControlWellLight {
  role: Role;
  light: Light;
}

export interface Control {
  /** Median over the wells, whether or not they have an image. */
  atp_rlu: number;
  wells: number;
  role: 'untreated' | 'vehicle';
  /** Coefficient of variation of the wells that were not saturated. */
  cv: number | undefined;
}

/**
 * The median of the untreated wells (role `untreated`, by the plate map or the control names of study.json), as published.
 * A saturated well counts as brighter than all others, so that it cannot pull the median down by its absence.
 *
 * @param vehicleInstead whether vehicle wells may stand in where a plate read has no untreated ones: labels are then
 *   viability relative to vehicle
 * @returns why there is none, as a text
 */
export function controlOf(wells: readonly ControlWellLight[], vehicleInstead: boolean): Control | string {
  const of = (role: Role): Light[] => wells.filter((well) => well.role === role).map(({ light }) => light);
  const role = of('untreated').length === 0 && vehicleInstead ? 'vehicle' : 'untreated';
  const lights = of(role);
  if (lights.length === 0) {
    if (vehicleInstead) return 'neither untreated nor vehicle wells have ATP';
    const vehicles = of('vehicle').length;
    return vehicles === 0
      ? 'no untreated wells have ATP'
      : `no untreated wells have ATP, only ${vehicles} vehicle wells: --vehicle-as-control divides by those`;
  }
  const atp_rlu = median(lights.map((light) => (light === 'saturated' ? Number.POSITIVE_INFINITY : light)));
  if (!Number.isFinite(atp_rlu)) return `half of the ${role} wells or more are saturated`;
  if (atp_rlu <= 0) return `the ${role} wells have a median ATP of ${atp_rlu}`;
  return { atp_rlu, wells: lights.length, role, cv: cvOf(lights.filter((light) => light !== 'saturated')) };
}

function cvOf(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return mean > 0 ? Math.sqrt(variance) / mean : undefined;
}
