/**
 * Scores a study from one consistent view of its notes and readings. Pure: equal inputs give equal scores, whatever the
 * order in which readings came.
 */
import { type PlateSummary, summarisePlate } from './completeness.ts';
import { type VehicleLevel, vehicleLevel } from './normalise.ts';
import { type PlacedReading, placeReadings } from './plate-reads.ts';
import { type PlateMap, type PlateMapEntry, roleOf } from './platemap.ts';
import { provenanceOf } from './provenance.ts';
import { aucOf, byRisk } from './ranking.ts';
import type { Reading } from './reading.ts';
import { compoundKey, type Reference } from './reference.ts';
import { type CompoundInput, scoreCompound } from './score-compound.ts';
import type { CompoundScore, DayScore, StudyScores } from './scores.ts';
import { compareText, groupBy } from './statistics.ts';
import type { Study } from './study.ts';
import { type WellValue, wellValues } from './well-values.ts';

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
  /** What went wrong with notes before scoring. */
  problems?: readonly string[];
}

/** A plate with everything that was derived from it. */
export interface PlateState extends PlateInput {
  placed: PlacedReading[];
  values: WellValue[];
  summary: PlateSummary;
}

export function scoreStudy(input: ScoreStudyInput): StudyScores {
  const { study, notes } = input;
  const plates = [...input.plates]
    .sort((a, b) => compareText(a.plate, b.plate))
    .map((plate): PlateState => {
      const placed = placeReadings(plate.readings, notes);
      return {
        ...plate,
        placed,
        values: plate.map ? wellValues(plate.plate, placed, plate.map, notes) : [],
        summary: summarisePlate(plate.plate, placed, plate.map, notes),
      };
    });
  const days = [...new Set(plates.flatMap(({ summary }) => summary.reads.map((read) => read.day)))].sort(
    (a, b) => a - b,
  );
  return {
    study,
    simulated: notes?.simulated ?? false,
    days: days.map((day) => scoreDay(day, plates, input)),
    plates: plates.map(({ summary }) => summary),
    problems: [...new Set([...(input.problems ?? []), ...problemsOf(plates, input)])].sort(compareText),
  };
}

function problemsOf(plates: readonly PlateState[], { notes, study, problems }: ScoreStudyInput): string[] {
  const missing =
    notes || problems?.some((problem) => problem.includes('study.json'))
      ? []
      : [`exports/${study}/study.json is missing: roles by control names and days by time cannot be derived.`];
  const unmapped = plates
    .filter(({ map, plate }) => !map && !problems?.some((problem) => problem.includes(`/${plate}/platemap.csv`)))
    .map(({ plate }) => `exports/${study}/${plate}/platemap.csv is missing: the plate’s wells have no compounds.`);
  return [...missing, ...unmapped];
}

function scoreDay(day: number, plates: readonly PlateState[], input: ScoreStudyInput): DayScore {
  const provisional = isProvisional(day, plates, input.notes);
  const wells = plates.flatMap((plate) => plate.values.filter((value) => value.day === day));
  const levels = new Map(plates.map(({ plate }) => [plate, vehicleLevel(plate, wells)]));
  const compounds = treatedCompounds(day, plates, input.notes).map(([name, entries]) =>
    scoreCompound(compoundInput({ name, entries, day, plates, wells, levels, provisional, input })),
  );
  const ranked = compounds.sort(byRisk);
  return { day, provisional, compounds: ranked, auc: aucOf(ranked) };
}

/** A scheduled day waits for every mapped plate; another day only for the plates that were imaged on it. */
function isProvisional(day: number, plates: readonly PlateState[], notes: Study | undefined): boolean {
  const scheduled = notes?.imagingDays.includes(day) ?? false;
  return plates.some(({ map, summary }) => {
    const read = summary.reads.find((candidate) => candidate.day === day);
    return read ? !read.complete : scheduled && map !== undefined;
  });
}

/** Compounds of treated wells on plates that were imaged that day; spellings that differ in case or hyphens are one. */
function treatedCompounds(
  day: number,
  plates: readonly PlateState[],
  notes: Study | undefined,
): [string, PlateMapEntry[]][] {
  const imaged = plates.filter(({ summary }) => summary.reads.some((read) => read.day === day));
  const entries = imaged
    .flatMap(({ map }) => [...(map?.wells.values() ?? [])])
    .filter((entry) => roleOf(entry, notes) === 'treated');
  return [...groupBy(entries, (entry) => compoundKey(entry.compound))]
    .map(([, group]): [string, PlateMapEntry[]] => [
      group.map((entry) => entry.compound).sort(compareText)[0] ?? '',
      group,
    ])
    .sort(([a], [b]) => compareText(a, b));
}

interface CompoundContext {
  name: string;
  entries: PlateMapEntry[];
  day: number;
  plates: readonly PlateState[];
  wells: readonly WellValue[];
  levels: ReadonlyMap<string, VehicleLevel | undefined>;
  provisional: boolean;
  input: ScoreStudyInput;
}

function compoundInput({ name, day, plates, wells, levels, provisional, input }: CompoundContext): CompoundInput {
  const key = compoundKey(name);
  const own = wells.filter((well) => well.role === 'treated' && compoundKey(well.entry.compound) === key);
  const normalised = own.flatMap((well) => {
    const level = levels.get(well.plate);
    return level ? [{ concentration_uM: well.entry.concentration_uM, viability: well.viability / level.median }] : [];
  });
  const obstacle =
    own.length > 0 && normalised.length === 0
      ? 'no vehicle well with an accepted image, on no plate of this day: nothing to normalise to'
      : undefined;
  return {
    compound: name,
    day,
    wells: normalised,
    notes: input.notes,
    reference: input.reference,
    provisional,
    provenance: provenanceOf({ key, day, plates, own, levels, notesVersion: input.notesVersion }),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

export type { CompoundScore };
