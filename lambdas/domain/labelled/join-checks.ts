/** Refuses a join of images and ATP that looks shifted, turned, or of another plate. */
import type { PlacedSignal } from '../atp/place.ts';
import { NotesError } from '../notes-error.ts';
import type { PlacedReading } from '../plate-reads.ts';
import { type PlateMap, roleOf } from '../platemap.ts';
import type { Study } from '../study.ts';
import { parseWell, smallestFormatFor } from '../well.ts';
import type { Control } from './control.ts';

export interface ExportedPlate {
  study: string;
  plate: string;
  notes: Study;
  map: PlateMap;
  /** Placed by placeReadings. */
  images: readonly PlacedReading[];
}

export interface JoinOptions {
  /** See controlOf. */
  vehicleInstead: boolean;
  /** Share of a plate read's wells that may lack their counterpart before the join is refused. */
  mismatchAtMost: number;
}

export interface PlateRead {
  plate: ExportedPlate;
  day: number;
  images: readonly PlacedReading[];
  lights: readonly PlacedSignal[];
  control: Control | string;
  options: JoinOptions;
}

/** A well outside the map with this share of a control's light holds living cells: the map, or the plate, is turned. */
const LIVING_SHARE = 0.2;
/** Wells outside the plate, and days on which no plate read was imaged. */
export function checkPlaces(plate: ExportedPlate, signals: readonly PlacedSignal[], days: readonly number[]): void {
  const mapped = [...plate.map.wells.values()].map(({ well }) => well);
  // A map of a few wells may be of a larger plate than it fills.
  const format = smallestFormatFor([...mapped, { row: 7, column: 11 }]);
  for (const signal of signals) {
    const { file, line, well, day } = signal;
    if (!days.includes(day))
      throw new NotesError(
        file,
        `no image of plate ${plate.plate} is of day ${day}; its plate reads are of ${days.length > 0 ? `day ${[...days].sort((a, b) => a - b).join(', ')}` : 'no day'}`,
        'Mend the day, or the imagingDays and firstDosing of study.json; days count from the first dosing.',
        line,
      );
    const place = parseWell(well);
    if (place && (place.row >= format.rows || place.column >= format.columns) && !signal.format)
      throw new NotesError(
        file,
        `well ${well} lies outside plate ${plate.plate}, which has ${format.wells} wells by its map`,
        'Mend the well, or the plate map.',
        line,
      );
    const beyond =
      signal.format &&
      mapped.find((w) => w.row >= (signal.format?.rows ?? 0) || w.column >= (signal.format?.columns ?? 0));
    if (beyond)
      throw new NotesError(
        file,
        `the block has ${signal.format?.rows} × ${signal.format?.columns} wells, and the map of plate ${plate.plate} holds wells outside it`,
        'This is the luminometer file of another plate, or the map is.',
        line,
      );
  }
}

/** A join by a shifted or turned table finds partners for some wells and for others none. */
export function checkMismatch({ plate, day, images, lights, control, options }: PlateRead): void {
  const isCell = (well: string | undefined): boolean => {
    const entry = plate.map.wells.get(well ?? '');
    return entry !== undefined && roleOf(entry, plate.notes) !== 'blank';
  };
  const lit = new Set(lights.map(({ well }) => well));
  const wells = [...new Set(images.map(({ name }) => name.well))].filter(isCell);
  const alone = unpaired({ plate, day, lights, control });
  const counts = [
    { of: 'imaged wells have no ATP', n: wells.filter((well) => !lit.has(well ?? '')).length, total: wells.length },
    {
      of: 'wells with ATP have no image',
      n: alone.filter(({ well }) => isCell(well)).length,
      total: [...lit].filter(isCell).length,
    },
    {
      of: 'wells with ATP are not in the plate map',
      n: alone.filter(({ well }) => !plate.map.wells.has(well)).length,
      total: lights.length,
    },
  ];
  const [first] = lights;
  for (const { of, n, total } of counts)
    if (n > options.mismatchAtMost * total)
      throw new NotesError(
        first?.file ?? plate.plate,
        `plate ${plate.plate} of ${plate.study}, day ${day}: ${n} of ${total} ${of}, more than ${100 * options.mismatchAtMost} %`,
        'Look whether the file is of this plate and the right way round, and the map complete. If it is right so, allow it with --mismatch 1.',
        first?.line,
      );
}

/**
 * ATP without an image, blank wells left aside. Whoever reads a whole plate also reads its empty wells: of a block, a well outside the
 * map counts only where it shines. A file that cannot be read is still an image of its well.
 */
export function unpaired({
  plate,
  day,
  lights,
  control,
}: Pick<PlateRead, 'plate' | 'day' | 'lights' | 'control'>): PlacedSignal[] {
  const shown = new Set(plate.images.filter((image) => image.day === day).map(({ name }) => name.well));
  const level = typeof control === 'string' ? Number.POSITIVE_INFINITY : control.atp_rlu * LIVING_SHARE;
  return lights.filter(({ well, light, format }) => {
    const entry = plate.map.wells.get(well);
    if (entry) return roleOf(entry, plate.notes) !== 'blank' && !shown.has(well);
    return !format || light === 'saturated' || light > level;
  });
}
