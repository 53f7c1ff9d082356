/**
 * Precipitate or a coloured compound, suspected from a background that changes with dose: an image model may take either for death.
 * The background is the median gray of the frame, of which a spheroid covers the smaller part.
 */

import { isDosed } from '../notes/platemap.ts';
import { groupBy, median } from '../statistics.ts';
import { robustSd } from './robust.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';
import type { QualityWell } from './wells.ts';

export interface BackgroundSuspicion {
  compound: string;
  /** The lowest dose from which on every dose stands out. */
  from_uM: number;
  /** At the highest dose, as a fraction of the vehicle wells': −0.2 = a fifth darker. */
  change: number;
  reason: string;
}

export function suspectedByBackground(wells: readonly QualityWell[]): BackgroundSuspicion[] {
  const usual = wells.flatMap(({ role, background }) => (role === 'vehicle' ? (background ?? []) : []));
  if (usual.length < T.wellsForSpread) return [];
  const middle = median(usual);
  const limit = Math.max(T.background.changeBeyond * middle, T.background.distance * robustSd(usual));
  const compounds = groupBy(
    wells.filter(({ role }) => isDosed(role)),
    ({ key }) => key,
  );
  return [...compounds.values()].flatMap((own) => suspicion(own, middle, limit));
}

function suspicion(own: readonly QualityWell[], usual: number, limit: number): BackgroundSuspicion[] {
  const doses = [...groupBy(own, ({ concentration_uM }) => concentration_uM)]
    .map(([concentration_uM, wells]) => ({
      concentration_uM,
      levels: wells.flatMap(({ background }) => background ?? []),
    }))
    .filter(({ levels }) => levels.length > 0)
    .map(({ concentration_uM, levels }) => ({ concentration_uM, off: median(levels) - usual }))
    .sort((a, b) => a.concentration_uM - b.concentration_uM);
  const top = doses.at(-1);
  if (!top || doses.length < 3 || Math.abs(top.off) <= limit) return [];
  const before = doses.findLastIndex(({ off }) => Math.sign(off) !== Math.sign(top.off) || Math.abs(off) <= limit);
  const from = doses[before + 1];
  // One that is off at every dose is off for another reason than dose.
  if (before < 0 || !from) return [];
  const change = top.off / usual;
  const compound = own[0]?.compound ?? '';
  return [
    {
      compound,
      from_uM: from.concentration_uM,
      change,
      reason: `the background is ${Math.round(Math.abs(100 * change))} % ${change < 0 ? 'darker' : 'brighter'} at ${top.concentration_uM} µM than in vehicle wells, from ${from.concentration_uM} µM on: ${compound} may be coloured or precipitate, which the model can take for death`,
    },
  ];
}
