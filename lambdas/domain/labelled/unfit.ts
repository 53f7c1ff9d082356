/** Wells whose ATP says nothing about a spheroid's viability: they give no label, and stand in no control. */
import type { PlacedSignal } from '../atp/place.ts';
import { excludedOn } from '../notes/exclusions.ts';
import { isDosed, type Role, roleOf } from '../notes/platemap.ts';
import type { PlacedReading } from '../reads/plate-reads.ts';
import { groupBy, median } from '../statistics.ts';
import type { DropReason } from './dropped.ts';
import type { ExportedPlate } from './join-checks.ts';
import { malformedWells } from './malformed.ts';

export interface Unfit {
  reason: Extract<DropReason, 'excluded' | 'malformed-on-day-0' | 'lost-spheroid'>;
  detail: string;
}

/** ATP over the brightest control's below which a control well holds nothing: no control varies that far. */
const LOST_BELOW = 0.1;

interface Day {
  day: number;
  images: readonly PlacedReading[];
  lights: readonly PlacedSignal[];
}

/**
 * By well of one plate read. A control well is lost when no image of it shows a spheroid and it holds next to none of the ATP of the
 * brightest control: of their median it could not be told, for several empty wells pull that down. Of dosed wells nobody
 * can say: a drug may have dissolved the spheroid.
 *
 * @param malformed see malformedOn0
 */
export function unfitWells(
  plate: ExportedPlate,
  { day, images, lights }: Day,
  malformed: ReadonlyMap<string, string>,
): Map<string, Unfit> {
  const unfit = new Map<string, Unfit>();
  for (const [well, detail] of malformed) unfit.set(well, { reason: 'malformed-on-day-0', detail });
  for (const [well, detail] of excludedOn(plate.exclusions, plate.plate, day))
    unfit.set(well, { reason: 'excluded', detail });
  const controls = countsOf(plate, lights, (role) => !isDosed(role)).filter(({ well }) => !unfit.has(well));
  const brightest = controls.reduce((most, { counts }) => Math.max(most, counts), 0);
  const shown = groupBy(images, ({ name }) => name.well ?? '');
  for (const { well, counts } of controls) {
    const own = shown.get(well) ?? [];
    if (own.length === 0 || counts >= LOST_BELOW * brightest) continue;
    if (own.every(({ reading }) => reading.quality?.spheroid.found === false))
      unfit.set(well, {
        reason: 'lost-spheroid',
        detail: 'a control well with neither a spheroid in the image nor ATP: empty, not dead',
      });
  }
  return unfit;
}

/** Wells malformed on day 0, by image and, where it was measured, by ATP over that of the untreated wells (without any, the vehicle's) that hold some. */
export function malformedOn0(
  plate: ExportedPlate,
  images: readonly PlacedReading[],
  lights: readonly PlacedSignal[],
): Map<string, string> {
  const byImage = malformedWells(images);
  const excluded = excludedOn(plate.exclusions, plate.plate, 0);
  const controls = (role: Role): number[] =>
    countsOf(plate, lights, (of) => of === role)
      .filter(({ well }) => !byImage.has(well) && !excluded.has(well))
      .map(({ counts }) => counts);
  const untreated = controls('untreated');
  const all = untreated.length > 0 ? untreated : controls('vehicle');
  const living = all.filter((counts) => counts > 0 && counts >= LOST_BELOW * Math.max(...all));
  if (living.length === 0) return byImage;
  const level = median(living);
  const shares = countsOf(plate, lights, () => true).map(({ well, counts }): [string, number] => [
    well,
    counts / level,
  ]);
  return malformedWells(images, new Map(shares));
}

/** Wells with cells, by role; saturated ones left aside. */
function countsOf(
  { map, notes }: ExportedPlate,
  lights: readonly PlacedSignal[],
  isWanted: (role: Role) => boolean,
): { well: string; counts: number }[] {
  return lights.flatMap(({ well, light }) => {
    const entry = map.wells.get(well);
    if (!entry || light === 'saturated') return [];
    const role = roleOf(entry, notes);
    return role !== 'blank' && isWanted(role) ? [{ well, counts: light }] : [];
  });
}
