/** What a compound's score was made from, sorted, so that equal inputs leave equal records. */

import type { Study } from '../notes/study.ts';
import { identityOf } from '../reads/mixed-models.ts';
import type { PlacedReading } from '../reads/plate-reads.ts';
import type { Reading } from '../reads/reading.ts';
import type { WellValue } from '../reads/well-values.ts';
import { compoundKey } from '../reference.ts';
import { compareText } from '../statistics.ts';
import { thresholdsOf } from '../verdict/thresholds.ts';
import { SCORING_VERSION } from '../version.ts';
import { leftOutOn } from './judged-plates.ts';
import { isUsable, type Normalisation, type VehicleLevel } from './normalise.ts';
import { whyNotNormalised } from './obstacle.ts';
import { methodOf } from './score-compound.ts';
import type { PlateState } from './score-study.ts';
import type { Provenance, UsedReading } from './scores.ts';
import { countModels, modelsOfPlates } from './several-models.ts';

export interface ProvenanceInput {
  /** {@link compoundKey} of the compound. */
  key: string;
  day: number;
  plates: readonly PlateState[];
  /** The compound's own wells. */
  own: readonly WellValue[];
  levels: ReadonlyMap<string, VehicleLevel | undefined>;
  notes: Study | undefined;
  notesVersion: string | undefined;
  /** Of the drug reference. */
  referenceSha256: string | undefined;
  normalisation: Normalisation;
  /** ETag. */
  exclusionsVersion: string | undefined;
}

export function provenanceOf(input: ProvenanceInput): Provenance {
  const { key, day, plates, own, levels, notes, notesVersion, referenceSha256 } = input;
  const ownPlates = [...new Set(own.map((well) => well.plate))].sort(compareText);
  const isNormalised = ({ plate }: { plate: string }): boolean => isUsable(levels.get(plate));
  const vehicleLevels = ownPlates.flatMap((plate) => {
    const level = levels.get(plate);
    return isUsable(level) ? [{ plate, median: level.median, n: level.n, pooled: level.pooled }] : [];
  });
  const pooledFallback = vehicleLevels.some((level) => level.pooled);
  const controls = plates.filter((plate) => (pooledFallback || ownPlates.includes(plate.plate)) && isNormalised(plate));
  const vehicles = controls
    .flatMap(({ values }) => values)
    .filter((well) => well.day === day && well.role === 'vehicle');
  const normalised = own.filter(isNormalised);
  const wells = [...normalised, ...vehicles];
  const models = modelsOfPlates(normalised);
  const used = wells.flatMap(({ readings, divisors = [] }) => [...readings, ...divisors]).map((item) => item.reading);
  return {
    scoringVersion: SCORING_VERSION,
    method: methodOf(notes),
    thresholds: thresholdsOf(notes?.thresholds),
    readings: wells.flatMap(usedReadings).sort((a, b) => compareText(a.key, b.key)),
    leftOut: [
      ...leftOut(key, day, plates),
      ...imagesOfLeftOut(key, day, plates, controls),
      ...notNormalised(own, levels),
    ].sort((a, b) => compareText(a.key, b.key)),
    vehicleLevels,
    pooledFallback,
    modelIdentities: distinct(used, ({ model }) => (model ? identityOf(model) : undefined)),
    ...(countModels(models) > 1 ? { models } : {}),
    preprocessingVersions: distinct(used, ({ preprocessingVersion }) => preprocessingVersion),
    notes: {
      ...(notesVersion ? { study: notesVersion } : {}),
      ...(input.exclusionsVersion ? { exclusions: input.exclusionsVersion } : {}),
      maps: Object.fromEntries(
        plates.flatMap(({ plate, mapVersion }) =>
          mapVersion && ownPlates.includes(plate) ? [[plate, mapVersion]] : [],
        ),
      ),
    },
    normalisation: input.normalisation,
    ...(referenceSha256 === undefined ? {} : { reference: referenceSha256 }),
  };
}

const usedReadings = ({ entry, role, readings, divisors = [] }: WellValue): UsedReading[] => [
  ...readings.map((item): UsedReading => {
    const used = { ...usedReading(item), well: entry.name };
    if (role === 'vehicle') return { ...used, role };
    return { ...used, role: 'treated', concentration_uM: entry.concentration_uM };
  }),
  ...divisors.map((item): UsedReading => ({ ...usedReading(item), well: entry.name, role: 'day-0' })),
];

const usedReading = ({ reading: { key, versionId, sha256, viability = Number.NaN } }: PlacedReading) => ({
  key,
  versionId,
  ...(sha256 === undefined ? {} : { sha256 }),
  viability,
});

/** Images of wells whose plate has no usable vehicle level. */
const notNormalised = (
  own: readonly WellValue[],
  levels: ProvenanceInput['levels'],
): { key: string; reason: string }[] =>
  own.flatMap(({ plate, readings }) => {
    const reason = whyNotNormalised(levels.get(plate));
    return reason === undefined ? [] : readings.map(({ reading }) => ({ key: reading.key, reason }));
  });

/** Images of the compound's wells that did not count that day. */
function leftOut(key: string, day: number, plates: readonly PlateState[]): { key: string; reason: string }[] {
  const isOwn = (item: PlacedReading, plate: PlateState): boolean => {
    const entry = plate.map?.wells.get(item.name.well ?? '');
    return entry !== undefined && compoundKey(entry.compound) === key;
  };
  return plates
    .flatMap((plate) => plate.placed.filter((item) => item.status !== 'used' && item.day === day && isOwn(item, plate)))
    .map((item) => ({ key: item.reading.key, reason: item.reason ?? item.status }));
}

/** Images of the compound's wells, and of the vehicle wells of its plates, that plate quality or a person left out. */
function imagesOfLeftOut(
  key: string,
  day: number,
  plates: readonly PlateState[],
  controlPlates: readonly PlateState[],
): { key: string; reason: string }[] {
  const ofControls = new Set(controlPlates.map(({ plate }) => plate));
  return leftOutOn(day, plates)
    .filter(
      ({ value: { entry, role, plate } }) =>
        compoundKey(entry.compound) === key || (role === 'vehicle' && ofControls.has(plate)),
    )
    .flatMap(({ value, reason }) => value.readings.map(({ reading }) => ({ key: reading.key, reason })));
}

function distinct(readings: readonly Reading[], of: (reading: Reading) => string | undefined): string[] {
  return [...new Set(readings.flatMap((reading) => of(reading) ?? []))].sort(compareText);
}
