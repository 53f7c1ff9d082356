/**
 * Scores a study from one consistent view of its notes and readings. Pure: equal inputs give equal scores, whatever the
 * order in which readings came.
 */

import type { Exclusion } from '../notes/exclusions.ts';
import { isDosed, type PlateMap, type PlateMapEntry, roleOf } from '../notes/platemap.ts';
import type { Study } from '../notes/study.ts';
import { problemsOf } from '../notes/study-problems.ts';
import { panelProblem } from '../panel/reference-panel.ts';
import { aucOf, byRisk } from '../ranking/ranking.ts';
import { publishedSets, studySet } from '../ranking/reference-sets.ts';
import { type PlateSummary, summarisePlate } from '../reads/completeness.ts';
import { levelsOfOneModel, modelsOf, remedy } from '../reads/mixed-models.ts';
import { type PlacedReading, placeReadings } from '../reads/plate-reads.ts';
import type { Reading } from '../reads/reading.ts';
import { type WellValue, wellValues } from '../reads/well-values.ts';
import { compoundKey, type Reference } from '../reference.ts';
import { compareText, groupBy } from '../statistics.ts';
import { compoundCourse, courseProblem } from '../time/compound-course.ts';
import { thresholdsOf } from '../verdict/thresholds.ts';
import { curveWells } from './curve-wells.ts';
import { judgePlate, type LeftOutValue, leftOutOn, rejectionOf } from './judged-plates.ts';
import { mixedErrorProblems } from './mixed-errors.ts';
import { isUsable, normalisationOn, type VehicleLevel } from './normalise.ts';
import { obstacleOf } from './obstacle.ts';
import { provenanceOf } from './provenance.ts';
import { type CompoundInput, scoreCompound } from './score-compound.ts';
import type { CompoundScore, DayScore, StudyScores } from './scores.ts';
import { countModels, modelsOfPlates, severalModelsProblem } from './several-models.ts';
import { isSimulated } from './simulated.ts';

export interface PlateInput {
  plate: string;
  map: PlateMap | undefined;
  /** ETag of the plate map, for provenance. */
  mapVersion?: string;
  /** Current readings of the plate. */
  readings: readonly Reading[];
}

export interface ScoreStudyInput {
  study: string;
  /** Undefined when study.json is missing or cannot be read. */
  notes: Study | undefined;
  /** ETag of study.json, for provenance. */
  notesVersion?: string;
  plates: readonly PlateInput[];
  reference: Reference;
  /** What people took out of scoring, or put back, in order. */
  exclusions?: readonly Exclusion[];
  /** ETag of exclusions.csv, for provenance. */
  exclusionsVersion?: string;
  /** What went wrong with notes before scoring. */
  problems?: readonly string[];
}

/** A plate with everything that was derived from it. */
export interface PlateState extends PlateInput {
  placed: PlacedReading[];
  /** Wells that count. */
  values: WellValue[];
  /** Wells with a value that do not. */
  leftOut: LeftOutValue[];
  summary: PlateSummary;
}

export function scoreStudy(input: ScoreStudyInput): StudyScores {
  const { study, notes } = input;
  const plates = [...input.plates]
    .sort((a, b) => compareText(a.plate, b.plate))
    .map((plate): PlateState => {
      const placed = placeReadings(plate.readings, notes, plate.map);
      const summary = summarisePlate(plate.plate, placed, plate.map, notes);
      if (!plate.map) return { ...plate, placed, values: [], leftOut: [], summary };
      const values = wellValues(plate.plate, placed, plate.map, notes);
      const { quality, ...judged } = judgePlate(values, plate.map, notes, input.exclusions ?? []);
      const reads = summary.reads.map((read) => {
        const found = quality.get(read.day);
        return found ? { ...read, quality: found } : read;
      });
      return { ...plate, placed, ...judged, summary: { ...summary, reads } };
    });
  const days = [...new Set(plates.flatMap(({ summary }) => summary.reads.map((read) => read.day)))].sort(
    (a, b) => a - b,
  );
  const names = compoundNames(plates, notes);
  const levels = new Map(days.map((day) => [day, levelsOf(day, plates, notes)]));
  const scored = days.map((day) => scoreDay({ day, plates, levels: levels.get(day) ?? new Map(), names, input }));
  const ofCompounds = byCompound(scored);
  const problems = [
    ...(input.problems ?? []),
    ...problemsOf(plates, levels, names, input),
    ...days.flatMap((day) => {
      const wells = wellsOf(day, plates);
      const several = severalModelsProblem({ study, day, wells, levels: levels.get(day) ?? new Map(), names });
      return [...mixedErrorProblems(day, wells, names), ...(several === undefined ? [] : [several])];
    }),
    ...scored.flatMap(({ day, compounds }) =>
      compounds.flatMap(({ compound, panel }) => (panel && panelProblem(compound, day, panel)) ?? []),
    ),
    ...ofCompounds.flatMap(([compound, scores]) => courseProblem(compound, scores) ?? []),
  ];
  return {
    study,
    simulated: isSimulated(
      notes,
      plates.flatMap(({ readings }) => readings),
    ),
    days: scored,
    courses: ofCompounds.map(([compound, scores]) => compoundCourse(compound, scores)),
    plates: plates.map(({ summary }) => summary),
    problems: [...new Set(problems)].sort(compareText),
  };
}

/** Scores of each compound over the days, by name. */
const byCompound = (days: readonly DayScore[]): [string, CompoundScore[]][] =>
  [
    ...groupBy(
      days.flatMap(({ compounds }) => compounds),
      ({ compound }) => compound,
    ),
  ].sort(([a], [b]) => compareText(a, b));

function levelsOf(day: number, plates: readonly PlateState[], notes: Study | undefined): Map<string, VehicleLevel> {
  const rejected = new Map(
    plates.flatMap(({ plate, summary }) => {
      const reason = rejectionOf(summary.reads.find((read) => read.day === day)?.quality, notes);
      return reason === undefined ? [] : [[plate, reason] as const];
    }),
  );
  const options = { pooled: notes?.normalisation === 'vehicle-day', rejected };
  const levels = levelsOfOneModel(wellsOf(day, plates), options);
  // What is left of a plate read would pass for the whole.
  const otherOnDayZero = leftOutOn(day, plates).filter(
    ({ mixedModels, value }) => mixedModels && levels.has(value.plate),
  );
  for (const { value } of otherOnDayZero)
    levels.set(value.plate, { median: 0, n: 0, pooled: false, unusable: OTHER_ON_DAY_ZERO, remedy, mixedModels: true });
  return levels;
}

const OTHER_ON_DAY_ZERO =
  'wells of it were read by another model on day 0 than on this day, and viabilities of two models do not compare';

const wellsOf = (day: number, plates: readonly PlateState[]): WellValue[] =>
  plates.flatMap(({ values }) => values.filter((value) => value.day === day));

const treatedEntries = ({ map }: PlateState, notes: Study | undefined): PlateMapEntry[] =>
  [...(map?.wells.values() ?? [])].filter((entry) => isDosed(roleOf(entry, notes)));

/**
 * One spelling a compound, by its key, over all maps of the study: spellings that differ in case or hyphens are one compound,
 * on every day.
 */
function compoundNames(plates: readonly PlateState[], notes: Study | undefined): Map<string, string> {
  const spellings = plates.flatMap((plate) => treatedEntries(plate, notes)).map(({ compound }) => compound);
  return new Map(
    [...groupBy(spellings, compoundKey)].map(([key, group]) => [key, [...group].sort(compareText)[0] ?? '']),
  );
}

interface DayContext {
  day: number;
  plates: readonly PlateState[];
  levels: ReadonlyMap<string, VehicleLevel>;
  names: ReadonlyMap<string, string>;
  input: ScoreStudyInput;
}

function scoreDay(context: DayContext): DayScore {
  const { day, plates, names, input } = context;
  const provisional = isProvisional(day, plates, input.notes);
  const imaged = plates.filter(({ summary }) => summary.reads.some((read) => read.day === day));
  const keys = new Set(
    imaged.flatMap((plate) => treatedEntries(plate, input.notes)).map((entry) => compoundKey(entry.compound)),
  );
  const compounds = [...names]
    .filter(([key]) => keys.has(key))
    .map(([key, name]) => scoreCompound(compoundInput(key, name, provisional, context)));
  const ranked = compounds.sort(byRisk);
  const unsettled = ranked
    .filter(({ verdict, compound }) => verdict.label === 'unknown' && isOfSeveralModels(compoundKey(compound), context))
    .map(({ compound }) => compound);
  const thresholds = thresholdsOf(input.notes?.thresholds);
  const accuracy = [studySet(day, ranked, thresholds), ...publishedSets(input.reference, thresholds)];
  return { day, provisional, compounds: ranked, unsettled, auc: aucOf(ranked), accuracy };
}

/** Whether wells of the compound, or vehicle wells of their plates, are refused because several models read them. */
function isOfSeveralModels(key: string, { day, plates, levels }: DayContext): boolean {
  const isOwn = ({ role, entry }: WellValue): boolean => isDosed(role) && compoundKey(entry.compound) === key;
  const leftOut = leftOutOn(day, plates);
  const own = [...wellsOf(day, plates), ...leftOut.map(({ value }) => value)].filter(isOwn);
  const ownPlates = new Set(own.map(({ plate }) => plate));
  return (
    [...ownPlates].some((plate) => levels.get(plate)?.mixedModels) ||
    leftOut.some(
      ({ value, mixedModels }) =>
        mixedModels && (isOwn(value) || (value.role === 'vehicle' && ownPlates.has(value.plate))),
    )
  );
}

/** A scheduled day waits for every mapped plate; another day only for the plates that were imaged on it. */
function isProvisional(day: number, plates: readonly PlateState[], notes: Study | undefined): boolean {
  const scheduled = notes?.imagingDays.includes(day) ?? false;
  return plates.some(({ map, summary }) => {
    const read = summary.reads.find((candidate) => candidate.day === day);
    return read ? !read.complete : scheduled && map !== undefined;
  });
}

function compoundInput(key: string, name: string, provisional: boolean, context: DayContext): CompoundInput {
  const { day, plates, levels, input } = context;
  const ofDay = wellsOf(day, plates);
  const own = ofDay.filter((well) => isDosed(well.role) && compoundKey(well.entry.compound) === key);
  const vehicles = ofDay.filter(({ role }) => role === 'vehicle');
  const wells = curveWells(own.map(plainWell), vehicles.map(plainWell), levels);
  const usable = own.filter(({ plate }) => isUsable(levels.get(plate)));
  const leftOut = leftOutOn(day, plates);
  const ownLeftOut = leftOut.filter(({ value }) => compoundKey(value.entry.compound) === key);
  const obstacle = usable.length === 0 ? obstacleOf({ own, ownLeftOut, leftOut, levels }) : undefined;
  const provenance = {
    key,
    day,
    plates,
    own,
    levels,
    notes: input.notes,
    notesVersion: input.notesVersion,
    referenceSha256: input.reference.sha256,
    normalisation: normalisationOn(day, input.notes?.normalisation),
    exclusionsVersion: input.exclusionsVersion,
  };
  return {
    compound: name,
    day,
    wells,
    borrowing: [...new Set(usable.map(({ plate }) => plate))].filter(
      (plate) => !vehicles.some((vehicle) => vehicle.plate === plate),
    ),
    models: countModels(modelsOfPlates(usable)),
    wellsLeftOut: ownLeftOut.length + own.length - usable.length,
    notes: input.notes,
    reference: input.reference,
    provisional,
    isReference: own.some(({ role }) => role === 'reference'),
    provenance: provenanceOf(provenance),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

const plainWell = ({ plate, entry, viability, sharedHalfWidth90, readings }: WellValue) => ({
  plate,
  model: [...modelsOf([{ readings }]).keys()][0],
  concentration_uM: entry.concentration_uM,
  viability,
  sharedHalfWidth90,
});
