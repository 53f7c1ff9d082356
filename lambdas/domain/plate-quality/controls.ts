/** What the control wells of a plate read say: spread of the vehicle, and how far a positive control stands from it. */
import { compoundKey } from '../reference.ts';
import { mean, median } from '../statistics.ts';
import { robustSd, standardDeviation } from './robust.ts';
import { PLATE_THRESHOLDS as T } from './thresholds.ts';
import type { QualityWell } from './wells.ts';

export interface ControlQuality {
  vehicleWells: number;
  /** Standard deviation / mean; null below three wells. */
  vehicleCv: number | null;
  /** 1.4826 · MAD / median. */
  robustVehicleCv: number | null;
  positiveWells: number;
  /** Against the positive control; null without, see {@link missing}. */
  zPrime: number | null;
  robustZPrime: number | null;
  ssmd: number | null;
  signalWindow: number | null;
  /** Why the last four are null. */
  missing?: string;
}

/** @param positiveControls compound names; their wells of the highest concentration on the plate are the positive control. */
export function controlQuality(wells: readonly QualityWell[], positiveControls: readonly string[]): ControlQuality {
  const vehicle = wells.filter(({ role }) => role === 'vehicle').map(({ viability }) => viability);
  const positive = positiveWells(wells, positiveControls).map(({ viability }) => viability);
  const missing = whyNoWindow(vehicle.length, positive.length, positiveControls);
  return {
    vehicleWells: vehicle.length,
    ...spreadOf(vehicle),
    positiveWells: positive.length,
    ...(missing === undefined ? windowOf(vehicle, positive) : { ...NO_WINDOW, missing }),
  };
}

function spreadOf(vehicle: readonly number[]): Pick<ControlQuality, 'vehicleCv' | 'robustVehicleCv'> {
  if (vehicle.length < T.wellsForSpread || !(median(vehicle) > 0)) return { vehicleCv: null, robustVehicleCv: null };
  return {
    vehicleCv: standardDeviation(vehicle) / mean(vehicle),
    robustVehicleCv: robustSd(vehicle) / median(vehicle),
  };
}

function positiveWells(wells: readonly QualityWell[], names: readonly string[]): QualityWell[] {
  const keys = new Set(names.map(compoundKey));
  return [...keys].flatMap((key) => {
    const own = wells.filter((well) => well.key === key);
    const highest = Math.max(...own.map(({ concentration_uM }) => concentration_uM));
    return own.filter(({ concentration_uM }) => concentration_uM === highest);
  });
}

const NO_WINDOW = { zPrime: null, robustZPrime: null, ssmd: null, signalWindow: null };

function whyNoWindow(vehicle: number, positive: number, names: readonly string[]): string | undefined {
  if (names.length === 0)
    return 'study.json names no positiveControls; wells of a compound that happen to be dead are no control';
  if (positive < T.wellsForSpread)
    return `${positive} wells of the positive control (${names.join(', ')}); at least ${T.wellsForSpread} are needed`;
  return vehicle < T.wellsForSpread ? `${vehicle} vehicle wells; at least ${T.wellsForSpread} are needed` : undefined;
}

/**
 * Z' = 1 − 3(σ₊ + σ₋)/|μ₊ − μ₋| (Zhang 1999), its robust form with median and 1.4826 · MAD; SSMD = (μ₋ − μ₊)/√(σ₊² + σ₋²)
 * (Zhang 2007); signal window = (μ₋ − μ₊ − 3(σ₊ + σ₋))/σ₋ (Sittampalam 1997). − is the vehicle.
 */
function windowOf(vehicle: readonly number[], positive: readonly number[]) {
  const [high, low] = [mean(vehicle), mean(positive)];
  const [sdHigh, sdLow] = [standardDeviation(vehicle), standardDeviation(positive)];
  const between = Math.abs(median(vehicle) - median(positive));
  return {
    zPrime: finite(1 - (3 * (sdHigh + sdLow)) / Math.abs(high - low)),
    robustZPrime: finite(1 - (3 * (robustSd(vehicle) + robustSd(positive))) / between),
    ssmd: finite((high - low) / Math.hypot(sdHigh, sdLow)),
    signalWindow: finite((high - low - 3 * (sdHigh + sdLow)) / sdHigh),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
