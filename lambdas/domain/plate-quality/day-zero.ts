/**
 * Spheroids that were malformed before the first dose, on a plate read of day 0: no drug can be the reason, so their wells are left
 * out on every day. Only a method that kills nothing can know. labelled/malformed.ts says why training has a stricter rule.
 */
import { median } from '../statistics.ts';
import { robustSd } from './robust.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';
import type { QualityWell } from './wells.ts';

/** Flags that on day 0 mean that there is nothing to dose, with what they mean. */
const MALFORMED_FLAGS: Readonly<Record<string, string>> = {
  'no-spheroid': 'no spheroid was found',
  'several-spheroids': 'several spheroids lie in the well',
};

/** @returns reasons by well. None where so many are odd that it may be the images. */
export function malformedOnDayZero(wells: readonly QualityWell[]): Map<string, string> {
  const reasons = new Map<string, string>();
  const diameters = wells.flatMap(({ diameter }) => diameter ?? []);
  if (diameters.length < 2 * T.wellsForSpread) return reasons;
  const usual = median(diameters);
  const sd = robustSd(diameters);
  for (const { well, flags, diameter } of wells) {
    const flag = flags.find((candidate) => candidate in MALFORMED_FLAGS);
    const off = diameter === undefined ? 0 : Math.abs(diameter - usual);
    if (flag !== undefined) reasons.set(well, `malformed on day 0: ${MALFORMED_FLAGS[flag]}`);
    else if (off > T.malformed.diameterBeyond * usual && off > T.malformed.distance * sd)
      reasons.set(
        well,
        `malformed on day 0: its spheroid has ${Math.round((100 * (diameter ?? 0)) / usual)} % of the plate’s usual diameter`,
      );
  }
  return reasons.size > T.controlsLeftOutUpTo * wells.length ? new Map() : reasons;
}
