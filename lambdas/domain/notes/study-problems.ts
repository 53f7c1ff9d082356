/** What a person should mend in a study: notes that are missing or name nothing, plates that cannot be trusted as they are. */

import { nearNames } from '../near-names.ts';
import type { PlacedReading } from '../reads/plate-reads.ts';
import { compoundKey } from '../reference.ts';
import type { VehicleLevel } from '../scoring/normalise.ts';
import type { PlateState, ScoreStudyInput } from '../scoring/score-study.ts';
import { compareText, groupBy } from '../statistics.ts';

/** Vehicle levels by day and plate. */
export type LevelsByDay = ReadonlyMap<number, ReadonlyMap<string, VehicleLevel>>;

export function problemsOf(
  plates: readonly PlateState[],
  levels: LevelsByDay,
  names: ReadonlyMap<string, string>,
  input: ScoreStudyInput,
): string[] {
  return [
    ...missingNotes(plates, input),
    ...ownValueProblems(plates, names, input),
    ...exclusionProblems(plates, input),
    ...plates.flatMap(mixedBitDepths),
    ...plates.flatMap(mixedPreprocessing),
    ...plates.flatMap(mixedDayZero),
    ...[...levels].flatMap(([day, ofDay]) => levelProblems(day, ofDay)),
  ];
}

function missingNotes(plates: readonly PlateState[], { notes, study, problems }: ScoreStudyInput): string[] {
  const missing =
    notes || problems?.some((problem) => problem.includes('study.json'))
      ? []
      : [`exports/${study}/study.json is missing: roles by control names and days by time cannot be derived.`];
  const unmapped = plates
    .filter(({ map, plate }) => !map && !problems?.some((problem) => problem.includes(`/${plate}/platemap.csv`)))
    .map(({ plate }) => `exports/${study}/${plate}/platemap.csv is missing: the plate’s wells have no compounds.`);
  return [...missing, ...unmapped];
}

/** What study.json gives by compound name. */
const BY_COMPOUND = ['cmax_uM', 'fractionUnbound', 'referencePanel'] as const;

/** A misspelt name would let the reference’s value stand where the lab gave its own. Judged once every plate has its map. */
function ownValueProblems(
  plates: readonly PlateState[],
  names: ReadonlyMap<string, string>,
  { notes, study }: ScoreStudyInput,
): string[] {
  const file = `exports/${study}/study.json`;
  const candidates = [...names].map(([key, name]) => ({ key, name }));
  return BY_COMPOUND.flatMap((field) => {
    const own = Object.keys(notes?.[field] ?? {});
    const twice = [...groupBy(own, compoundKey).values()]
      .filter(({ length }) => length > 1)
      .map((same) => `${file}: ${field} gives one compound twice (${same.join(', ')}); the first counts. Keep one.`);
    if (plates.length === 0 || plates.some(({ map }) => !map)) return twice;
    const unmatched = own
      .filter((name) => !names.has(compoundKey(name)))
      .map((name) => {
        const near = nearNames(compoundKey(name), candidates);
        const meant = near.length > 0 ? `; near names: ${near.join(', ')}` : '';
        return `${file}: ${field} names ${name}, and no plate map does${meant}. Write it as the plate maps do.`;
      });
    return [...twice, ...unmatched];
  });
}

/** A row about what is not there takes nothing out: its author believes that it does. A scheduled day may still come. */
function exclusionProblems(
  plates: readonly PlateState[],
  { exclusions = [], study, notes }: ScoreStudyInput,
): string[] {
  const file = `exports/${study}/exclusions.csv`;
  return exclusions.flatMap(({ plate, well, day }) => {
    const found = plates.find((candidate) => candidate.plate === plate);
    const where = `${file} names plate ${plate}, well ${well}`;
    if (!found || (found.map && !found.map.wells.has(well)))
      return [`${where}, which the study does not have. Write plate and well as they are.`];
    const days = found.summary.reads.map((read) => read.day);
    if (day === undefined || days.includes(day) || notes?.imagingDays.includes(day)) return [];
    return [
      `${where}, day ${day}, and the plate has no read of that day (${days.join(', ') || 'none yet'}): the row does nothing. Write one of these days, or none for every day.`,
    ];
  });
}

/** Depths that were assumed an image at a time scale the wells of one plate differently. */
function mixedBitDepths({ plate, placed }: PlateState): string[] {
  const used = placed.filter(({ status }) => status === 'used');
  return [...groupBy(used, ({ day }) => day)].flatMap(([day, images]) => {
    const depths = groupBy(images, ({ reading }) => reading.image?.bitDepth);
    if (depths.size < 2 || !images.some(isAssumed)) return [];
    const counts = [...depths]
      .sort(([a = 0], [b = 0]) => a - b)
      .map(([bits, group]) => `${group.length} as ${bits}-bit${group.every(isAssumed) ? ' (assumed)' : ''}`);
    return [
      `plate ${plate}, day ${day}: images of one plate read were scaled differently, ${counts.join(', ')}. Give the camera’s true bitDepth in study.json.`,
    ];
  });
}

const isAssumed = ({ reading }: PlacedReading): boolean => reading.image?.bitDepthSource === 'assumed';

/** Preprocessing of another version gives the model other pixels: within a plate read it looks like an effect of the wells. */
function mixedPreprocessing({ plate, values }: PlateState): string[] {
  return [...groupBy(values, ({ day }) => day)].flatMap(([day, wells]) => {
    const images = wells.flatMap(({ readings, divisors = [] }) => [...readings, ...divisors]);
    const versions = groupBy(images, ({ reading }) => reading.preprocessingVersion);
    if (versions.size < 2) return [];
    const counts = [...versions]
      .sort(([a], [b]) => compareText(a, b))
      .map(([version, { length }]) => `${length} by ${version}`);
    return [
      `plate ${plate}, day ${day}: its images were prepared by ${versions.size} versions of preprocessing (${counts.join(', ')}), whose viabilities may differ. Read them again: nvir retry --older-preprocessing, with the name of the study.`,
    ];
  });
}

/** Wells that are not divided by day 0, because another model read it. */
function mixedDayZero({ plate, leftOut }: PlateState): string[] {
  const mixed = leftOut.filter(({ mixedModels }) => mixedModels);
  return [...groupBy(mixed, ({ value }) => value.day)].flatMap(([day, ofDay]) =>
    [...groupBy(ofDay, ({ reason }) => reason)].map(
      ([reason, { length }]) => `plate ${plate}, day ${day}: ${length} wells are left out, ${reason}`,
    ),
  );
}

const levelProblems = (day: number, levels: ReadonlyMap<string, VehicleLevel>): string[] =>
  [...levels].flatMap(([plate, { unusable, pooled, instead, remedy = 'Look at the images of its controls.' }]) =>
    unusable === undefined
      ? [instead].flatMap((text) => (text === undefined ? [] : `plate ${plate}, day ${day}: ${text}`))
      : [
          `plate ${plate}, day ${day}: ${unusable}${pooled ? ' (pooled over the plates of the day)' : ''}; its compounds are not scored. ${remedy}`,
        ],
  );
