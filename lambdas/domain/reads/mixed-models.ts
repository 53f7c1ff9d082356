/**
 * Viabilities of two models do not compare: a plate read whose images were read by more than one normalises nothing. So it is
 * with a plate that borrows the vehicle wells of others, where those were read by another model.
 */
import { isUsable, type LevelOptions, type VehicleLevel, vehicleLevels } from '../scoring/normalise.ts';
import { compareText, groupBy } from '../statistics.ts';
import type { ModelIdentity } from './reading.ts';
import type { WellValue } from './well-values.ts';

export const identityOf = ({ name, version, sha256, variant }: ModelIdentity): string =>
  `${name} ${version} ${sha256} ${variant}`;

/** Why a value is refused. */
export interface Refusal {
  reason: string;
  /** Because several models read what it is made from: it will settle where they are being read again. */
  mixedModels?: true;
}

export const remedy = 'Have one model read them all again: nvir retry --other-model, with the name of the study.';

const mixedModels = true;

/** The level of each plate with a well that day; unusable where models are mixed. A pool over two models is none: each plate keeps its own. */
export function levelsOfOneModel(
  wellsOfDay: readonly WellValue[],
  options: LevelOptions = {},
): Map<string, VehicleLevel> {
  const models = new Map(
    [...groupBy(wellsOfDay, ({ plate }) => plate)].map(([plate, wells]) => [plate, modelsOf(wells)]),
  );
  const isMixed = (plate: string): boolean => (models.get(plate)?.size ?? 0) > 1;
  const ofOne = wellsOfDay.filter(({ plate }) => !isMixed(plate));
  const own = vehicleLevels(ofOne, { ...options, pooled: false });
  const pool = modelsOf(ofOne.filter(({ plate, role }) => role === 'vehicle' && isUsable(own.get(plate))));
  const isSplit = options.pooled === true && pool.size > 1;
  const levels = options.pooled && !isSplit ? vehicleLevels(ofOne, options) : own;
  for (const [plate, ofPlate] of models) {
    const level = levels.get(plate);
    if (isMixed(plate))
      levels.set(plate, { median: 0, n: 0, pooled: false, unusable: mixedReason(ofPlate), remedy, mixedModels });
    else if (!isUsable(level)) continue;
    else if (level.pooled && new Set([...ofPlate.keys(), ...pool.keys()]).size > 1)
      levels.set(plate, {
        ...level,
        unusable: 'it has no vehicle wells of its own, and those of the day were not all read by its model',
        remedy,
        mixedModels,
      });
    else if (isSplit) levels.set(plate, { ...level, instead: `${SPLIT} ${remedy}` });
  }
  return levels;
}

const SPLIT =
  'the vehicle wells of the day were read by several models, so it is normalised to its own and not as vehicle-day asks.';

/** Images by the model that read them. */
export function modelsOf(wells: readonly Pick<WellValue, 'readings'>[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reading } of wells.flatMap(({ readings }) => readings)) {
    if (!reading.model) continue;
    const identity = identityOf(reading.model);
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  return counts;
}

const mixedReason = (models: ReadonlyMap<string, number>): string =>
  `its images were read by ${models.size} models (${[...models]
    .sort(([a], [b]) => compareText(a, b))
    .map(([identity, count]) => `${count} by ${identity}`)
    .join(', ')}), whose viabilities do not compare`;
