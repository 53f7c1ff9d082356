/**
 * Which vehicle wells stand behind a compound's wells, and how they share an error: the wells of a plate read are too high or
 * too low together, whatever they were divided by, so each plate read is a scale of its own.
 */
import type { CurveWell } from '../curves/data.ts';
import type { VehicleLevel } from './normalise.ts';

interface Well {
  plate: string;
  concentration_uM: number;
  /** As the model or the assay reads it. */
  viability: number;
  /** Relative to vehicle already: {@link CurveWell.sharedHalfWidth90}. */
  sharedHalfWidth90?: number | undefined;
}

/**
 * A plate read that borrows the level of others knows it no better than by one well: of it there is one, at the level. The
 * wells that it was borrowed from are scales of their own, which tell the noise and nothing of the level.
 *
 * @param own of one compound; those of a plate without a usable level are left out
 * @param vehicles of all plates of the day
 * @returns treated wells and the vehicle wells behind them, relative to their level, each under the level that it shares
 */
export function curveWells(
  own: readonly Well[],
  vehicles: readonly Well[],
  levels: ReadonlyMap<string, VehicleLevel>,
): CurveWell[] {
  const usable = vehicles.filter(({ plate }) => isUsable(levels.get(plate)));
  const withVehicles = new Set(usable.map(({ plate }) => plate));
  const divisors = new Map<string, number>();
  const treated = own.flatMap(({ plate, concentration_uM, viability, sharedHalfWidth90 }): CurveWell[] => {
    const level = levels.get(plate);
    if (!level || !isUsable(level) || concentration_uM <= 0) return [];
    divisors.set(plate, level.median);
    const stated = sharedHalfWidth90 === undefined ? {} : { sharedHalfWidth90 };
    return [{ scale: scaleOf(plate), concentration_uM, viability: viability / level.median, ...stated }];
  });
  const borrowing = [...divisors.keys()].filter((plate) => !withVehicles.has(plate));
  const borrowed = borrowing.map((plate) => ({ scale: scaleOf(plate), concentration_uM: 0, viability: 1 }));
  const [of] = borrowing;
  const pool = of === undefined ? undefined : divisors.get(of);
  const controls = usable.flatMap(({ plate, viability }): CurveWell[] => {
    const divisor = divisors.get(plate) ?? pool;
    return divisor === undefined
      ? []
      : [{ scale: scaleOf(plate), concentration_uM: 0, viability: viability / divisor }];
  });
  return [...treated, ...borrowed, ...controls];
}

const scaleOf = (plate: string): string => `plate ${plate}`;

/** A plate whose own vehicle wells are dead lends them to no other. */
const isUsable = (level: VehicleLevel | undefined): boolean => level?.unusable === undefined;
