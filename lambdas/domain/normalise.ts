/**
 * Normalisation to the vehicle wells of the same plate read; a plate read without any takes the pooled vehicle wells of
 * the study's same day (step 1 of the method).
 */
import { median } from './statistics.ts';
import type { WellValue } from './well-values.ts';

export interface VehicleLevel {
  /** Median viability of the vehicle wells, before normalisation. */
  median: number;
  /** Number of vehicle wells behind it. */
  n: number;
  /** True when they come from other plates of the same day. */
  pooled: boolean;
}

/** @returns undefined when the study-day has no usable vehicle well at all. */
export function vehicleLevel(plate: string, wellsOfDay: readonly WellValue[]): VehicleLevel | undefined {
  const vehicles = wellsOfDay.filter((well) => well.role === 'vehicle');
  const own = vehicles.filter((well) => well.plate === plate);
  const chosen = own.length > 0 ? own : vehicles;
  if (chosen.length === 0) return undefined;
  const level = median(chosen.map((well) => well.viability));
  return level > 0 ? { median: level, n: chosen.length, pooled: own.length === 0 } : undefined;
}
