/** From placed readings to one viability a well and plate read: the median of its accepted images. */

import { type PlateMap, type PlateMapEntry, type Role, roleOf } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import { compareText, groupBy, median } from '../statistics.ts';
import type { PlacedReading } from './plate-reads.ts';

export interface WellValue {
  plate: string;
  day: number;
  entry: PlateMapEntry;
  role: Role;
  /** Viability as the model reads it, or as the study's normalisation adjusts it; not yet relative to vehicle. */
  viability: number;
  /** As the model reads it, where `viability` was adjusted. */
  asRead?: number;
  /** Half the width of the 90 % interval of what the model misreads in all wells alike, in the unit of `viability`; absent where no image states it. */
  sharedHalfWidth90?: number;
  /** The images that it is the median of. */
  readings: PlacedReading[];
  /** Images of day 0 that it was divided by. */
  divisors?: PlacedReading[];
}

/** Values of one plate's wells that its map knows; in order of day and well. */
export function wellValues(
  plate: string,
  placed: readonly PlacedReading[],
  map: PlateMap,
  study: Study | undefined,
): WellValue[] {
  const used = placed.filter((item) => item.status === 'used' && item.reading.viability !== undefined);
  const groups = groupBy(used, ({ name, day }) => `${String(day).padStart(6, '0')}|${name.well ?? ''}`);
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, images]) => {
      const [first] = images;
      const entry = map.wells.get(first?.name.well ?? '');
      if (!first || !entry || first.day === undefined) return [];
      const viability = median(images.flatMap(({ reading }) => reading.viability ?? []));
      const shared = images.flatMap(({ reading }) => reading.sharedHalfWidth90 ?? []);
      const stated = shared.length === 0 ? {} : { sharedHalfWidth90: median(shared) };
      return [{ plate, day: first.day, entry, role: roleOf(entry, study), viability, ...stated, readings: images }];
    });
}
