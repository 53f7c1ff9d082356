/**
 * Normalisation to the vehicle wells of the same plate read; a plate read without any takes the pooled vehicle wells of
 * the study's same day (step 1 of the method), and so do all where the study asks for it. Vehicle wells that are dead or were misread normalise nothing.
 */
import { groupBy, median } from '../statistics.ts';
import { VEHICLE_THRESHOLDS as T } from '../verdict/thresholds.ts';

export const NORMALISATIONS = ['vehicle-plate', 'vehicle-day', 'day-0', 'b-score'] as const;
/**
 * `vehicle-plate`: by the vehicle median of the plate read, else of the day. `vehicle-day`: by that of the day, all plates pooled. `day-0`: each
 * well by its own viability on day 0, then by the plate read's vehicle wells. `b-score`: without row and column effects, then by vehicle.
 */
export type Normalisation = (typeof NORMALISATIONS)[number];

/** Day 0 is not divided by itself. */
export const normalisationOn = (day: number, chosen: Normalisation = 'vehicle-plate'): Normalisation =>
  day === 0 && chosen === 'day-0' ? 'vehicle-plate' : chosen;

export interface ControlWell {
  plate: string;
  role: string | undefined;
  viability: number;
  /** As the model reads it, where `viability` was adjusted. */
  asRead?: number;
}

export interface VehicleLevel {
  /** Median of the vehicle wells, on the scale of the wells that are divided by it: viability as read, or as adjusted. */
  median: number;
  /** Number of vehicle wells behind it. */
  n: number;
  /** True when they come from other plates of the same day. */
  pooled: boolean;
  /** Why nothing may be normalised to it. */
  unusable?: string;
  /** It is unusable because several models read its images. */
  mixedModels?: true;
  /** What to do about it, where looking at the images of the controls does not help. */
  remedy?: string;
  /** Why it is another than the study asks for, and what to do about it. */
  instead?: string;
}

/** Whether wells may be normalised to it. */
export const isUsable = (level: VehicleLevel | undefined): level is VehicleLevel =>
  level !== undefined && level.unusable === undefined;

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
    const own = levelOf(vehiclesOf(wells), untreated.length > 0 ? untreated : untreatedOfDay, false);
    const refused = rejected.get(plate);
    if (own) levels.set(plate, refused === undefined ? own : { ...own, unusable: refused });
    else if (refused !== undefined) levels.set(plate, { median: 0, n: 0, pooled: false, unusable: refused });
  }
  const pool = poolOf(wellsOfDay, levels, rejected);
  if (pool)
    for (const plate of plates.keys())
      if (!levels.has(plate) || (pooled && isUsable(levels.get(plate)))) levels.set(plate, pool);
  return levels;
}

/** Of the plates that may be normalised to. Where there are none, the level of the others says why; a rejected plate read says nothing. */
function poolOf(
  wellsOfDay: readonly ControlWell[],
  levels: ReadonlyMap<string, VehicleLevel>,
  rejected: ReadonlyMap<string, string>,
): VehicleLevel | undefined {
  const untreated = valuesOf(wellsOfDay, 'untreated');
  const pool = levelOf(vehiclesOf(wellsOfDay.filter(({ plate }) => isUsable(levels.get(plate)))), untreated, true);
  if (pool) return pool;
  const dead = levelOf(vehiclesOf(wellsOfDay.filter(({ plate }) => !rejected.has(plate))), untreated, true);
  if (dead) return { unusable: 'no plate of the day has vehicle wells that could be normalised to', ...dead };
  if (vehiclesOf(wellsOfDay).length === 0) return undefined;
  const unusable = 'it has no vehicle wells of its own, and those of the day lie on plate reads that are rejected';
  return { median: 0, n: 0, pooled: false, unusable };
}

const ofRole = (wells: readonly ControlWell[], role: string): ControlWell[] =>
  wells.filter((well) => well.role === role);
const vehiclesOf = (wells: readonly ControlWell[]): ControlWell[] => ofRole(wells, 'vehicle');
const valuesOf = (wells: readonly ControlWell[], role: string): number[] =>
  ofRole(wells, role).map(({ viability }) => viability);

function levelOf(
  vehicle: readonly ControlWell[],
  untreated: readonly number[],
  pooled: boolean,
): VehicleLevel | undefined {
  if (vehicle.length === 0) return undefined;
  const level = median(vehicle.map(({ viability }) => viability));
  const asRead = median(vehicle.map(({ viability, asRead: read = viability }) => read));
  const unusable = whyUnusable({ level, asRead, untreated: untreated.length > 0 ? median(untreated) : undefined });
  return { median: level, n: vehicle.length, pooled, ...(unusable === undefined ? {} : { unusable }) };
}

/** An adjustment must not revive dead vehicle wells: they must live as read, and as adjusted. */
function whyUnusable({ level, asRead, untreated }: { level: number; asRead: number; untreated: number | undefined }) {
  const needed = `and at least ${T.atLeast} is needed to normalise to them`;
  if (!(asRead >= T.atLeast)) return `the vehicle wells read a viability of ${figure(asRead)}, ${needed}`;
  if (!(level >= T.atLeast)) return `the vehicle wells are left with ${figure(level)} once adjusted, ${needed}`;
  if (untreated === undefined || !(level < T.ofUntreatedAtLeast * untreated)) return undefined;
  return `the vehicle wells read ${figure(level)}, less than ${100 * T.ofUntreatedAtLeast} % of the untreated ones (${figure(untreated)})`;
}

const figure = (value: number): string => String(Number(value.toPrecision(2)));
