/**
 * Normalisation to the vehicle wells of the same plate read; a plate read without any takes the pooled vehicle wells of
 * the study's same day (step 1 of the method), and so do all where the study asks for it. Vehicle wells that are dead or were misread normalise nothing.
 */
import { groupBy, median } from './statistics.ts';
import { VEHICLE_THRESHOLDS as T } from './thresholds.ts';

export const NORMALISATIONS = ['vehicle-plate', 'vehicle-day', 'day-0', 'b-score'] as const;
/**
 * `vehicle-plate`: by the vehicle median of the plate read, else of the day. `vehicle-day`: by that of the day, all plates pooled. `day-0`: each
 * well by its own viability on day 0, then by the plate read's vehicle wells. `b-score`: without row and column effects, then by vehicle.
 */
export type Normalisation = (typeof NORMALISATIONS)[number];

export interface ControlWell {
  plate: string;
  role: string | undefined;
  viability: number;
}

export interface VehicleLevel {
  /** Median viability of the vehicle wells, before normalisation. */
  median: number;
  /** Number of vehicle wells behind it. */
  n: number;
  /** True when they come from other plates of the same day. */
  pooled: boolean;
  /** Why nothing may be normalised to it. */
  unusable?: string;
  /** What to do about it, where looking at the images of the controls does not help. */
  remedy?: string;
}

export interface LevelOptions {
  /** Every plate takes the pool of the day. */
  pooled?: boolean;
  /** Plate reads that must not be scored, each with the reason; their wells are in no pool. */
  rejected?: ReadonlyMap<string, string>;
}

/** The level of each plate with a well that day. None where the study-day has no vehicle well at all. */
export function vehicleLevels(
  wellsOfDay: readonly ControlWell[],
  { pooled = false, rejected = new Map() }: LevelOptions = {},
): Map<string, VehicleLevel> {
  const untreatedOfDay = valuesOf(wellsOfDay, 'untreated');
  const plates = groupBy(wellsOfDay, ({ plate }) => plate);
  const levels = new Map<string, VehicleLevel>();
  for (const [plate, wells] of plates) {
    const untreated = valuesOf(wells, 'untreated');
    const own = levelOf(valuesOf(wells, 'vehicle'), untreated.length > 0 ? untreated : untreatedOfDay, false);
    const refused = rejected.get(plate);
    if (own) levels.set(plate, refused === undefined ? own : { ...own, unusable: refused });
    else if (refused !== undefined) levels.set(plate, { median: 0, n: 0, pooled: false, unusable: refused });
  }
  // A plate whose own vehicle wells are dead does not dilute the pool.
  const usable = wellsOfDay.filter(({ plate }) => levels.get(plate)?.unusable === undefined);
  const values = valuesOf(usable, 'vehicle');
  const pool = levelOf(values.length > 0 ? values : valuesOf(wellsOfDay, 'vehicle'), untreatedOfDay, true);
  if (pool)
    for (const plate of plates.keys())
      if (!levels.has(plate) || (pooled && levels.get(plate)?.unusable === undefined)) levels.set(plate, pool);
  return levels;
}

const valuesOf = (wells: readonly ControlWell[], role: string): number[] =>
  wells.filter((well) => well.role === role).map(({ viability }) => viability);

function levelOf(vehicle: readonly number[], untreated: readonly number[], pooled: boolean): VehicleLevel | undefined {
  if (vehicle.length === 0) return undefined;
  const level = median(vehicle);
  const unusable = whyUnusable(level, untreated.length > 0 ? median(untreated) : undefined);
  return { median: level, n: vehicle.length, pooled, ...(unusable === undefined ? {} : { unusable }) };
}

function whyUnusable(level: number, untreated: number | undefined): string | undefined {
  if (!(level >= T.atLeast))
    return `the vehicle wells read a viability of ${figure(level)}, and at least ${T.atLeast} is needed to normalise to them`;
  if (untreated === undefined || !(level < T.ofUntreatedAtLeast * untreated)) return undefined;
  return `the vehicle wells read ${figure(level)}, less than ${100 * T.ofUntreatedAtLeast} % of the untreated ones (${figure(untreated)})`;
}

const figure = (value: number): string => String(Number(value.toPrecision(2)));
