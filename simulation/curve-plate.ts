/** One plate of wells that follow a known curve, in numbers alone: what curve fits and intervals are judged on. */
import type { CurveWell } from '../lambdas/domain/curves/data.ts';
import { median } from '../lambdas/domain/statistics.ts';
import { normal, type Random } from './random.ts';

export interface CurveTruth {
  upper: number;
  lower: number;
  /** µM, half-way between the plateaus. */
  middle_uM: number;
  hill: number;
}

export interface PlateDesign {
  doses_uM: readonly number[];
  replicates: number;
  vehicleWells: number;
  /** Standard deviation of a vehicle well, relative to its level. */
  controlCv: number;
  /** Noise of a dead well as a share of a living one's, roughly: 0 = proportional to the level, large = constant. */
  noiseFloor: number;
}

/** 8 doses over three and a half decades in triplicate, with the noise that the weights of the fits assume. */
export const USUAL_DESIGN: PlateDesign = {
  doses_uM: [0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316],
  replicates: 3,
  vehicleWells: 6,
  controlCv: 0.14,
  noiseFloor: 0.3,
};

/** @param plate names the wells' scale: wells of several plates are normalised each to their own vehicle wells. */
export function plateOfCurve(truth: CurveTruth, design: PlateDesign, random: Random, plate = 'plate'): CurveWell[] {
  const { doses_uM, replicates, vehicleWells, controlCv, noiseFloor } = design;
  const noisy = (level: number): number =>
    level + (controlCv * Math.hypot(level, noiseFloor) * normal(random)) / Math.hypot(1, noiseFloor);
  const vehicle = Array.from({ length: vehicleWells }, () => noisy(1));
  const middle = median(vehicle);
  const well = (concentration_uM: number, value: number): CurveWell => ({
    scale: plate,
    concentration_uM,
    viability: value / middle,
  });
  const treated = doses_uM.flatMap((dose) =>
    Array.from({ length: replicates }, () => well(dose, noisy(levelAt(truth, dose)))),
  );
  return [...vehicle.map((value) => well(0, value)), ...treated];
}

export const levelAt = ({ upper, lower, middle_uM, hill }: CurveTruth, dose_uM: number): number =>
  lower + (upper - lower) / (1 + (dose_uM / middle_uM) ** hill);

/** µM at which the true curve crosses a level; NaN where it does not. */
export const trueCrossing = ({ upper, lower, middle_uM, hill }: CurveTruth, level: number): number =>
  middle_uM * ((upper - level) / (level - lower)) ** (1 / hill);
