/**
 * Plate reads whose viabilities are divided by one another. Where one of them changes its model, the others must change theirs: viabilities of two models
 * do not compare.
 */
import { type PlateMap, roleOf } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import { groupBy } from '../statistics.ts';
import { type PlacedReading, placeReadings } from './plate-reads.ts';
import { type ImageRead, isOutOfDate, isReadBy, type OutOfDate } from './read-again.ts';
import type { Reading } from './reading.ts';

export interface PlacedImage extends ImageRead {
  well?: string | undefined;
  placement: PlacedReading['status'];
}

/** A plate as it was read, with its map where it has one. */
export interface ReadPlate {
  plate: string;
  images: readonly PlacedImage[];
  map: PlateMap | undefined;
}

/** With days of plate reads as scoring places them. */
export const readPlateOf = (
  { plate, readings, map }: Pick<ReadPlate, 'plate' | 'map'> & { readings: readonly Reading[] },
  notes: Study | undefined,
): ReadPlate => ({
  plate,
  map,
  images: placeReadings(readings, notes, map).map(({ day, name, status, reading }) => ({
    key: reading.key,
    day,
    preprocessingVersion: reading.preprocessingVersion,
    model: reading.model,
    well: name.well,
    placement: status,
  })),
});

/** A plate read, as far as reading others again concerns it. */
export interface LinkedRead {
  plate: string;
  day: number;
  /** It has no vehicle wells of its own, and takes the pool of the day. */
  borrows: boolean;
  /** Another model than today's read an image of it. */
  byOther: boolean;
  /** It is read again for itself, and changes its model by that. */
  changesModel: boolean;
}

/** @param preprocessingVersion of those who read today */
export function linkedReads(
  { plate, images, map }: ReadPlate,
  notes: Study | undefined,
  what: OutOfDate,
  preprocessingVersion: string,
): LinkedRead[] {
  const days = groupBy(images, ({ day }) => day);
  return [...days].flatMap(([day, ofDay]) => {
    if (typeof day !== 'number') return [];
    const byOther = ofDay.some((image) => !isReadBy({ model: what.model }, image));
    const changesModel = byOther && ofDay.some((image) => isOutOfDate(image, what, preprocessingVersion));
    return [{ plate, day, borrows: borrows(ofDay, map, notes), byOther, changesModel }];
  });
}

function borrows(images: readonly PlacedImage[], map: PlateMap | undefined, notes: Study | undefined): boolean {
  const roles = images.flatMap(({ well, placement }) => {
    const entry = placement === 'used' && well !== undefined ? map?.wells.get(well) : undefined;
    return entry ? [roleOf(entry, notes)] : [];
  });
  return roles.length > 0 && !roles.includes('vehicle');
}

/**
 * Days of plate reads, by plate, that are read again because of others: whatever is divided by one that changes its model, over as many steps as it takes,
 * and was read by another model than today's.
 *
 * @param reads of all plates that are read again together
 */
export function daysDrawnIn(
  reads: readonly LinkedRead[],
  normalisation: Study['normalisation'] | undefined,
): Map<string, number[]> {
  const byPlate = groupBy(reads, ({ plate }) => plate);
  const byDay = groupBy(reads, ({ day }) => day);
  const hasDayZero = (plate: string): boolean => byPlate.get(plate)?.some(({ day }) => day === 0) ?? false;
  const isPooled = (day: number): boolean =>
    normalisation === 'vehicle-day' || (byDay.get(day)?.some((read) => read.borrows) ?? false);
  const linkedTo = ({ plate, day }: LinkedRead): LinkedRead[] => [
    ...(normalisation === 'day-0' && hasDayZero(plate) ? (byPlate.get(plate) ?? []) : []),
    ...(isPooled(day) ? (byDay.get(day) ?? []) : []),
  ];
  const reached = new Set(reads.filter(({ changesModel }) => changesModel));
  // A set that grows while it is walked through: what is added comes in turn.
  for (const read of reached) for (const linked of linkedTo(read)) reached.add(linked);
  const drawn = groupBy(
    [...reached].filter(({ byOther }) => byOther),
    ({ plate }) => plate,
  );
  return new Map([...drawn].map(([plate, ofPlate]) => [plate, ofPlate.map(({ day }) => day).sort((a, b) => a - b)]));
}
