/** Refuses a join of images and ATP that looks shifted, turned, or of another plate. */
import type { PlacedSignal } from '../atp/place.ts';
import type { Exclusion } from '../notes/exclusions.ts';
import { NotesError } from '../notes/notes-error.ts';
import { type PlateMap, roleOf } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import type { PlacedReading } from '../reads/plate-reads.ts';
import { parseWell, smallestFormatFor } from '../well.ts';
import type { Control } from './control.ts';
import { betterShift, outerLineIn } from './shifts.ts';

export interface ExportedPlate {
  study: string;
  plate: string;
  notes: Study;
  map: PlateMap;
  /** Of the study. */
  exclusions: readonly Exclusion[];
  /** Placed by placeReadings. */
  images: readonly PlacedReading[];
}

export interface JoinOptions {
  /** See controlOf. */
  vehicleInstead: boolean;
  /** From this share of a plate read's wells without their counterpart on, the join is refused; 1 asks for no such check, of shifts neither. */
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

/**
 * A join by a shifted or turned table finds partners for some wells and for others none. Their share alone does not tell: a column of
 * 96 wells is 8 %, a row of 384 wells 6 %, and all the other labels are wrong.
 */
export function checkMismatch(read: PlateRead): void {
  const { plate, day, images, lights, options } = read;
  if (options.mismatchAtMost >= 1) return;
  const isCell = (well: string | undefined): well is string => {
    const entry = plate.map.wells.get(well ?? '');
    return entry !== undefined && roleOf(entry, plate.notes) !== 'blank';
  };
  const lit = new Set(lights.map(({ well }) => well));
  const imaged = [...new Set(images.map(({ name }) => name.well))].filter(isCell);
  const alone = unpaired(read);
  const dark = { of: 'imaged wells have no ATP', wells: imaged.filter((well) => !lit.has(well)), all: imaged };
  const blind = {
    of: 'wells with ATP have no image',
    wells: alone.map(({ well }) => well).filter(isCell),
    all: [...lit].filter(isCell),
  };
  const unmapped = {
    of: 'wells with ATP are not in the plate map',
    wells: alone.map(({ well }) => well).filter((well) => !plate.map.wells.has(well)),
    all: lights.map(({ well }) => well),
  };
  const refuse = (what: string): never => {
    const [first] = lights;
    throw new NotesError(
      first?.file ?? plate.plate,
      `plate ${plate.plate} of ${plate.study}, day ${day}: ${what}`,
      'Look whether the file is of this plate and the right way round, and the map complete. If it is right so, allow it with --mismatch 1.',
      first?.line,
    );
  };
  const shown = plate.images.filter((image) => image.day === day).map(({ name }) => name.well);
  const shift = betterShift(litCells(read), shown.filter(isCell));
  if (shift)
    refuse(`moved by one ${shift.by}, ${shift.pairs} wells with ATP have an image, and as it stands ${shift.now}`);
  for (const { of, wells, all } of [dark, blind]) {
    const line = outerLineIn(wells, all);
    if (line !== undefined)
      refuse(`${wells.length} of ${all.length} ${of}, among them the whole outer ${line}, as in a shifted table`);
  }
  for (const { of, wells, all } of [dark, blind, unmapped])
    if (wells.length > 0 && wells.length >= options.mismatchAtMost * all.length)
      refuse(`${wells.length} of ${all.length} ${of}, ${100 * options.mismatchAtMost} % or more`);
}

/** Wells whose ATP shows where cells are: all of a table, and of a block, which also holds what nobody used, those that shine. */
function litCells({ plate, lights, control }: PlateRead): string[] {
  const level = typeof control === 'string' ? Number.POSITIVE_INFINITY : control.atp_rlu * LIVING_SHARE;
  const isBlank = (well: string): boolean => {
    const entry = plate.map.wells.get(well);
    return entry !== undefined && roleOf(entry, plate.notes) === 'blank';
  };
  return lights
    .filter(({ well, light, format }) => (format ? light === 'saturated' || light > level : !isBlank(well)))
    .map(({ well }) => well);
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
