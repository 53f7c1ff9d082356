/**
 * What each well of a plate read should have read, by its compound's own dose-response curve on that plate read, without a word
 * from the controls: the level 1 is that of the lowest doses. Controls should read the median of their kind.
 */

import { fitDoseResponse } from '../dose-response/dose-response.ts';
import { isDosed } from '../notes/platemap.ts';
import { doseSummaries } from '../scoring/assess.ts';
import { groupBy, mean, median } from '../statistics.ts';
import type { QualityWell } from './wells.ts';

export interface WellResidual extends QualityWell {
  /** Relative to the level of undamaged wells, as `value` and `residual`. */
  expected: number;
  value: number;
  /** Value less expected. */
  residual: number;
}

/** As in the published definition of NRFE. */
export const MIN_DOSES = 5;
/** Compounds from which the level of the lowest doses is taken; with fewer the vehicle wells say it. */
const MIN_COMPOUNDS = 3;
const LOWEST_DOSES = 2;

export interface PlateResiduals {
  /** Viability of undamaged wells, on the model's scale; null where nothing says it. */
  level: number | null;
  wells: WellResidual[];
}

export function residualsOf(wells: readonly QualityWell[]): PlateResiduals {
  const compounds = [
    ...groupBy(
      wells.filter(({ role, concentration_uM }) => isDosed(role) && concentration_uM > 0),
      ({ key }) => key,
    ).values(),
  ].filter((own) => new Set(own.map(({ concentration_uM }) => concentration_uM)).size >= MIN_DOSES);
  const level = levelOf(compounds, wells);
  if (level === null || !(level > 0)) return { level: null, wells: [] };
  const controls = (['vehicle', 'untreated'] as const).flatMap((role) => {
    const own = wells.filter((well) => well.role === role);
    if (own.length === 0) return [];
    const expected = median(own.map(({ viability }) => viability)) / level;
    return own.map((well) => withResidual(well, expected, level));
  });
  return { level, wells: [...compounds.flatMap((own) => curveResiduals(own, level)), ...controls] };
}

function levelOf(compounds: readonly QualityWell[][], wells: readonly QualityWell[]): number | null {
  const vehicle = wells.filter(({ role }) => role === 'vehicle').map(({ viability }) => viability);
  if (compounds.length < MIN_COMPOUNDS) return vehicle.length > 0 ? median(vehicle) : null;
  return median(
    compounds.map((own) => {
      const doses = doseSummaries(own).slice(0, LOWEST_DOSES);
      return mean(doses.map(({ viability }) => viability));
    }),
  );
}

function curveResiduals(own: readonly QualityWell[], level: number): WellResidual[] {
  const fit = fitDoseResponse(doseSummaries(own.map((well) => ({ ...well, viability: well.viability / level }))));
  if (!fit) return [];
  return own.map((well) => withResidual(well, 1 / (1 + (well.concentration_uM / fit.ic50_uM) ** fit.hill), level));
}

function withResidual(well: QualityWell, expected: number, level: number): WellResidual {
  const value = well.viability / level;
  return { ...well, expected, value, residual: value - expected };
}
