/** Wells for plate-quality tests, with what matters to each test said. */
import type { QualityWell } from '../../../lambdas/domain/plate-quality/wells.ts';
import { compoundKey } from '../../../lambdas/domain/reference.ts';
import { parseWell } from '../../../lambdas/domain/well.ts';

export function qualityWell(well: string, viability: number, over: Partial<QualityWell> = {}): QualityWell {
  const compound = over.compound ?? 'drug';
  return {
    well,
    ...(parseWell(well) ?? { row: 0, column: 0 }),
    key: compoundKey(compound),
    compound,
    concentration_uM: 0,
    role: 'treated',
    viability,
    flags: [],
    ...over,
  };
}

const control =
  (role: 'vehicle' | 'untreated', compound: string) =>
  (well: string, viability: number, over: Partial<QualityWell> = {}): QualityWell =>
    qualityWell(well, viability, { role, compound, ...over });

export const vehicleWell = control('vehicle', 'dmso');
export const untreatedWell = control('untreated', 'medium');

/** Vehicle wells down column 1 from row A. */
export const vehicleColumn = (...viabilities: number[]): QualityWell[] =>
  viabilities.map((viability, i) => vehicleWell(`${String.fromCharCode(65 + i)}01`, viability));
