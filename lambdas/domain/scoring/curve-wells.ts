/**
 * Which vehicle wells stand behind a compound's wells, and how they share an error: the wells of a plate read are too high or
 * too low together, whatever they were divided by, so each plate read is a scale of its own.
 */
import type { BorrowedLevel, CurveWell } from '../curves/data.ts';
import { quantileOfT } from '../curves/profile.ts';
import { groupBy, mean, median } from '../statistics.ts';
import { BORROWED_LEVEL } from '../verdict/thresholds.ts';
import type { VehicleLevel } from './normalise.ts';

interface Well {
  plate: string;
  /** That read it. */
  model?: string | undefined;
  concentration_uM: number;
  /** As the model or the assay reads it. */
  viability: number;
  /** In the unit of `viability`. */
  sharedHalfWidth90?: number | undefined;
}

/**
 * A plate read that borrows the level of others knows it as well as plates agree: of it there is one observation, at the level, whose error it shares with every
 * other that borrows. The wells that it was borrowed from are scales of their own, which tell the noise and how plates differ.
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
  const models = new Set(own.filter(({ plate }) => isUsable(levels.get(plate))).flatMap(({ model }) => model ?? []));
  const treated = own.flatMap(({ plate, model, concentration_uM, viability, sharedHalfWidth90 }): CurveWell[] => {
    const level = levels.get(plate);
    if (!level || !isUsable(level) || concentration_uM <= 0) return [];
    divisors.set(plate, level.median);
    const stated = sharedHalfWidth90 === undefined ? {} : { sharedHalfWidth90: sharedHalfWidth90 / level.median };
    const by = models.size > 1 && model !== undefined ? { model } : {};
    return [{ scale: scaleOf(plate), concentration_uM, viability: viability / level.median, ...stated, ...by }];
  });
  const borrowing = [...divisors.keys()].filter((plate) => !withVehicles.has(plate));
  const known = borrowedLevel(usable);
  const borrowed = borrowing.map((plate) => ({
    ...{ scale: scaleOf(plate), concentration_uM: 0, viability: 1 },
    borrowed: known,
  }));
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

/**
 * How well the level of another plate is known from the vehicle wells of these. From three plates on the spread of their medians tells, by Student's t: two
 * medians that happen to agree say nothing. The spread of medians holds the noise of their wells too, so it is no smaller than that of levels.
 */
function borrowedLevel(vehicles: readonly Well[]): BorrowedLevel {
  const medians = [...groupBy(vehicles, ({ plate }) => plate).values()].map((own) =>
    median(own.map(({ viability }) => viability)),
  );
  const plates = medians.length;
  const another = Math.sqrt(1 + 1 / plates);
  if (plates < BORROWED_LEVEL.measuredFrom)
    return { pool: POOL, sd: BORROWED_LEVEL.platesDifferBy * another, plates, assumed: true };
  const centre = mean(medians);
  const spread = Math.sqrt(medians.reduce((sum, one) => sum + (one - centre) ** 2, 0) / (plates - 1)) / centre;
  return {
    pool: POOL,
    sd: Math.max(LEAST_SPREAD, spread) * another * (quantileOfT(0.975, plates - 1) / NORMAL_975),
    plates,
    assumed: false,
  };
}

const NORMAL_975 = 1.959964;
/** Medians that agree to the last digit are of wells that are copies of each other. */
const LEAST_SPREAD = 1e-3;

/** All plates of a day that have no vehicle wells borrow the same ones. */
const POOL = 'vehicle wells of the day';

const scaleOf = (plate: string): string => `plate ${plate}`;

/** A plate whose own vehicle wells are dead lends them to no other. */
const isUsable = (level: VehicleLevel | undefined): boolean => level?.unusable === undefined;
