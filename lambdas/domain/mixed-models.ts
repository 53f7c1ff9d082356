/**
 * Viabilities of two models do not compare: a plate read whose images were read by more than one normalises nothing. So it is
 * with a plate that borrows the vehicle wells of others, where those were read by another model.
 */
import { type VehicleLevel, vehicleLevels } from './normalise.ts';
import type { ModelIdentity } from './reading.ts';
import { compareText, groupBy } from './statistics.ts';
import type { WellValue } from './well-values.ts';

export const identityOf = ({ name, version, sha256, variant }: ModelIdentity): string =>
  `${name} ${version} ${sha256} ${variant}`;

const remedy = 'Upload the images of this plate read again, so that one model reads them all.';

/**
 * The level of each plate with a well that day; unusable where models are mixed.
 *
 * @param levelsOf how the wells of plates of one model are levelled
 */
export function levelsOfOneModel(
  wellsOfDay: readonly WellValue[],
  levelsOf: (wells: readonly WellValue[]) => Map<string, VehicleLevel> = vehicleLevels,
): Map<string, VehicleLevel> {
  const models = new Map(
    [...groupBy(wellsOfDay, ({ plate }) => plate)].map(([plate, wells]) => [plate, modelsOf(wells)]),
  );
  const isMixed = (plate: string): boolean => (models.get(plate)?.size ?? 0) > 1;
  const levels = levelsOf(wellsOfDay.filter(({ plate }) => !isMixed(plate)));
  const pool = modelsOf(
    wellsOfDay.filter(
      ({ plate, role }) => role === 'vehicle' && levels.get(plate)?.unusable === undefined && !isMixed(plate),
    ),
  );
  for (const [plate, own] of models) {
    const level = levels.get(plate);
    if (isMixed(plate)) levels.set(plate, { median: 0, n: 0, pooled: false, unusable: mixedReason(own), remedy });
    else if (level?.pooled && level.unusable === undefined && new Set([...own.keys(), ...pool.keys()]).size > 1)
      levels.set(plate, {
        ...level,
        unusable: 'it has no vehicle wells of its own, and those of the day were not all read by its model',
        remedy,
      });
  }
  return levels;
}

/** Images by the model that read them. */
function modelsOf(wells: readonly WellValue[]): Map<string, number> {
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
