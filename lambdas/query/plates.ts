import type { z } from 'zod';
import { loadNotes, loadPlate, orUnknown, type PlateView, type StudyNotes } from '../aws/study-view.ts';
import { type PlateMap, roleOf } from '../domain/notes/platemap.ts';
import type { Study } from '../domain/notes/study.ts';
import { summarisePlate } from '../domain/reads/completeness.ts';
import { type PlacedReading, placeReadings } from '../domain/reads/plate-reads.ts';
import { isSimulated } from '../domain/scoring/simulated.ts';
import { compareText, groupBy, median } from '../domain/statistics.ts';
import { parseWell, wellName } from '../domain/well.ts';
import type { plateAnswer, readingsAnswer, wellAnswer } from './answers.ts';
import type { Answer, QueryDeps } from './deps.ts';
import { Problem } from './problem.ts';
import { cursorAfter, type Question } from './request.ts';
import { storedPlateOf } from './stored.ts';

type ReadingAnswer = z.infer<typeof readingsAnswer>['readings'][number];

interface PlateNow extends StudyNotes {
  /** Null where neither the images' files nor study.json say. */
  simulated: boolean | null;
  view: PlateView;
  placed: PlacedReading[];
}

/** A plate as it now stands, not as it was last scored. @throws Problem 404 */
async function plateNow({ study, plate }: Question, deps: QueryDeps): Promise<PlateNow> {
  const [notes, view] = await Promise.all([loadNotes(study, deps), loadPlate(study, plate, deps)]);
  const { readings, mapVersion } = view.input;
  if (readings.length === 0 && mapVersion === undefined)
    throw new Problem(404, `study ${study} has no plate ${plate}: no image of it was read, and it has no platemap.csv`);
  const simulated = orUnknown(isSimulated(notes.notes, readings), notes.notes);
  return { ...notes, simulated, view, placed: placeReadings(readings, notes.notes, view.input.map) };
}

/** `GET /v1/studies/{study}/plates/{plate}` */
export async function answerPlate(question: Question, deps: QueryDeps): Promise<Answer<z.infer<typeof plateAnswer>>> {
  const { study, plate } = question;
  const { notes, simulated, problems, view, placed } = await plateNow(question, deps);
  const { map } = view.input;
  const scored = await storedPlateOf(study, plate, deps);
  const qualities = new Map(scored?.document.reads.map(({ day, quality }) => [day, quality]));
  const summary = summarisePlate(plate, placed, map, notes);
  const wells = [...(map?.wells.keys() ?? [])].map((well) => ({ well, ...contentOf(well, map, notes) }));
  return {
    body: {
      study,
      plate,
      simulated,
      hasMap: summary.hasMap,
      map: wells,
      reads: summary.reads.map((read) => {
        const quality = qualities.get(read.day);
        return quality ? { ...read, quality } : read;
      }),
      unplaced: summary.unplaced,
      problems: [...problems, ...view.problems],
    },
    rows: wells,
    columns: ['well', 'compound', 'concentration_uM', 'role'],
  };
}

/** `GET /v1/studies/{study}/plates/{plate}/readings` */
export async function answerReadings(
  question: Question,
  deps: QueryDeps,
): Promise<Answer<z.infer<typeof readingsAnswer>>> {
  const { study, plate, day, after, limit } = question;
  const { notes, simulated, view, placed } = await plateNow(question, deps);
  const wanted = placed
    .filter((item) => (day === undefined || item.day === day) && (after === undefined || item.reading.path > after))
    .sort((a, b) => compareText(a.reading.path, b.reading.path));
  const readings = wanted.slice(0, limit).map((item) => readingAnswer(item, view.input.map, notes));
  const last = readings.at(-1);
  const nextCursor = wanted.length > readings.length && last ? cursorAfter(last.path) : null;
  return {
    body: { study, plate, simulated, readings, nextCursor },
    rows: readings.map(readingRow),
    columns: READING_COLUMNS,
    nextCursor,
  };
}

/** `GET /v1/studies/{study}/plates/{plate}/wells/{well}` */
export async function answerWell(question: Question, deps: QueryDeps): Promise<Answer<z.infer<typeof wellAnswer>>> {
  const { study, plate } = question;
  const address = parseWell(question.well);
  if (!address) throw new Problem(400, `${question.well} is no well: write A01 to AF48`);
  const well = wellName(address);
  const { notes, simulated, view, placed } = await plateNow(question, deps);
  const days = groupBy(
    placed.filter((item) => item.name.well === well && item.day !== undefined),
    (item) => item.day ?? 0,
  );
  const series = [...days]
    .sort(([a], [b]) => a - b)
    .map(([day, items]) => {
      const values = items.flatMap(({ status, reading }) => (status === 'used' ? (reading.viability ?? []) : []));
      const readings = items.map((item) => readingAnswer(item, view.input.map, notes));
      return { day, viability: values.length > 0 ? median(values) : null, readings };
    });
  const content = contentOf(well, view.input.map, notes);
  return {
    body: { study, plate, well, simulated, ...content, series },
    rows: series.map(({ day, viability, readings }) => ({ well, ...content, day, viability, images: readings.length })),
    columns: ['well', 'compound', 'concentration_uM', 'role', 'day', 'viability'],
  };
}

function contentOf(well: string | undefined, map: PlateMap | undefined, notes: Study | undefined) {
  const entry = well === undefined ? undefined : map?.wells.get(well);
  if (!entry) return {};
  return { compound: entry.compound, concentration_uM: entry.concentration_uM, role: roleOf(entry, notes) };
}

function readingAnswer(item: PlacedReading, map: PlateMap | undefined, notes: Study | undefined): ReadingAnswer {
  const { reading, name, acquisition, day, status, reason } = item;
  const { well, field, z, channel } = name;
  return {
    key: reading.key,
    path: reading.path,
    versionId: reading.versionId,
    revision: reading.revision,
    status: reading.status === 'rejected' ? 'rejected' : 'read',
    placement: status,
    ...(reason === undefined ? {} : { reason }),
    ...(well === undefined ? {} : { well }),
    field,
    z,
    channel,
    day: day ?? null,
    takenAt: acquisition.at,
    takenAtSource: acquisition.source,
    ...contentOf(well, map, notes),
    ...(reading.viability === undefined ? {} : { viability: reading.viability }),
    ...(reading.halfWidth90 === undefined ? {} : { halfWidth90: reading.halfWidth90 }),
    ...(reading.domainDistance === undefined ? {} : { domainDistance: reading.domainDistance }),
    ...(reading.sharedHalfWidth90 === undefined ? {} : { sharedHalfWidth90: reading.sharedHalfWidth90 }),
    ...(reading.quality && { quality: reading.quality }),
    ...(reading.rejection && { rejection: reading.rejection }),
    ...(reading.image && { image: reading.image }),
    ...(reading.model && { model: reading.model }),
    preprocessingVersion: reading.preprocessingVersion,
    uploadedAt: reading.uploadedAt,
    readAt: reading.readAt,
  };
}

const READING_COLUMNS = [
  'path',
  'well',
  'field',
  'z',
  'channel',
  'day',
  'takenAt',
  'compound',
  'concentration_uM',
  'role',
  'viability',
  'halfWidth90',
  'domainDistance',
  'sharedHalfWidth90',
  'placement',
  'reason',
  'flags',
  'focus',
  'versionId',
  'model',
] as const;

const readingRow = ({ quality, model, ...reading }: ReadingAnswer) => ({
  path: reading.path,
  well: reading.well,
  field: reading.field,
  z: reading.z,
  channel: reading.channel,
  day: reading.day,
  takenAt: reading.takenAt,
  compound: reading.compound,
  concentration_uM: reading.concentration_uM,
  role: reading.role,
  viability: reading.viability,
  halfWidth90: reading.halfWidth90,
  domainDistance: reading.domainDistance,
  sharedHalfWidth90: reading.sharedHalfWidth90,
  placement: reading.placement,
  reason: reading.reason,
  flags: quality?.flags.join(' '),
  focus: quality?.focus,
  versionId: reading.versionId,
  model: model && `${model.name} ${model.version} ${model.variant}`,
});
