/** Which vehicle wells stand behind a compound's wells: those of the plate read, or the pool of the day. */
import type { CurveWell } from './curves/data.ts';
import type { VehicleLevel } from './normalise.ts';

interface Well {
  plate: string;
  concentration_uM: number;
  /** As the model or the assay reads it. */
  viability: number;
}

/**
 * @param own of one compound; those of a plate without a usable level are left out
 * @param vehicles of all plates of the day
 * @returns treated wells and the vehicle wells behind them, relative to their level, each under the level that it shares
 */
export function curveWells(
  own: readonly Well[],
  vehicles: readonly Well[],
  levels: ReadonlyMap<string, VehicleLevel>,
): CurveWell[] {
  const usable = (plate: string): VehicleLevel | undefined => {
    const level = levels.get(plate);
    return level?.unusable === undefined ? level : undefined;
  };
  const scales = new Map<string, { divisor: number; plate: string | undefined }>();
  const treated = own.flatMap(({ plate, concentration_uM, viability }): CurveWell[] => {
    const level = usable(plate);
    if (!level || concentration_uM <= 0) return [];
    const scale = level.pooled ? 'pool' : `plate ${plate}`;
    scales.set(scale, { divisor: level.median, plate: level.pooled ? undefined : plate });
    return [{ scale, concentration_uM, viability: viability / level.median }];
  });
  const controls = [...scales].flatMap(([scale, { divisor, plate }]) =>
    vehicles
      .filter((well) => (plate === undefined ? isPoolable(levels.get(well.plate)) : well.plate === plate))
      .map(({ viability }) => ({ scale, concentration_uM: 0, viability: viability / divisor })),
  );
  return [...treated, ...controls];
}

/** A plate whose own vehicle wells are dead is not in the pool. */
const isPoolable = (level: VehicleLevel | undefined): boolean => level?.unusable === undefined;
