/** A study as it now stands: its notes from the bucket, its readings from the table, both read consistently. */
import pLimit from 'p-limit';
import { exclusionsKey, lockKey, plateMapKey, studyNotesKey } from '../domain/keys.ts';
import { type Exclusion, readExclusions } from '../domain/notes/exclusions.ts';
import { parseLock } from '../domain/notes/lock.ts';
import { NotesError } from '../domain/notes/notes-error.ts';
import { type PlateMap, parsePlateMap } from '../domain/notes/platemap.ts';
import { parseStudy, type Study } from '../domain/notes/study.ts';
import type { PlateInput } from '../domain/scoring/score-study.ts';
import type { ExportBucket } from './export-bucket.ts';
import type { ReadingsTable } from './readings-table.ts';

/** Plates that are read at once. */
const CONCURRENCY = 8;

export interface StudyNotes {
  /** Undefined when there is no study.json, or it cannot be used. */
  notes: Study | undefined;
  /** ETag. */
  notesVersion?: string;
  problems: string[];
}

export interface PlateView {
  input: PlateInput;
  problems: string[];
}

export interface Sources {
  bucket: Pick<ExportBucket, 'getText' | 'plates'>;
  readings: Pick<ReadingsTable, 'ofPlate'>;
}

/** study.json. What cannot be used is a problem for a person to mend, never an error. */
export async function loadNotes(study: string, { bucket }: Pick<Sources, 'bucket'>): Promise<StudyNotes> {
  const key = studyNotesKey(study);
  const found = await bucket.getText(key);
  if (!found) return { notes: undefined, problems: [] };
  const { value, problems } = usable(() => parseStudy(found.text, key));
  return { notes: value, notesVersion: found.etag, problems };
}

/** Why the scores of a study stay as they stand. */
export interface Hold {
  /** Who locked it; null where a file that cannot be read holds them. */
  name: string | null;
  reason: string;
  /** ISO 8601. */
  at: string | null;
}

export interface ExclusionsView {
  exclusions: Exclusion[];
  /** ETag of exclusions.csv; undefined where nothing of it could be used. */
  exclusionsVersion?: string;
  hold: Hold | undefined;
  problems: string[];
}

/** What people decided of a study. */
export async function loadDecisions(study: string, { bucket }: Pick<Sources, 'bucket'>): Promise<ExclusionsView> {
  const [exclusions, lock] = await Promise.all([loadExclusions(study, { bucket }), loadLock(study, { bucket })]);
  return {
    ...exclusions,
    hold: lock.hold ?? exclusions.hold,
    problems: [...exclusions.problems, ...lock.problems],
  };
}

/**
 * exclusions.csv. Rows that cannot be read are problems, the others stand. A file of which none can be read holds the scores: without it every well
 * that was excluded would come back.
 */
export async function loadExclusions(
  study: string,
  { bucket }: { bucket: Pick<ExportBucket, 'getText'> },
): Promise<ExclusionsView> {
  const key = exclusionsKey(study);
  const found = await bucket.getText(key);
  if (!found) return { exclusions: [], hold: undefined, problems: [] };
  const { value, problems } = usable(() => readExclusions(found.text, key));
  if (!value) return { exclusions: [], ...held(problems) };
  return {
    exclusions: value.exclusions,
    exclusionsVersion: found.etag,
    hold: undefined,
    problems: value.errors.map(({ message }) => `${message} Until then this row does nothing; the others do.`),
  };
}

/** lock.json. One that cannot be read locks: whoever wrote it meant to keep the scores. */
export async function loadLock(
  study: string,
  { bucket }: { bucket: Pick<ExportBucket, 'getText'> },
): Promise<Pick<ExclusionsView, 'hold' | 'problems'>> {
  const key = lockKey(study);
  const found = await bucket.getText(key);
  if (!found) return { hold: undefined, problems: [] };
  const { value, problems } = usable(() => parseLock(found.text, key));
  if (!value) return held(problems);
  const { locked, name, reason, at } = value;
  return { hold: locked ? { name, reason, at } : undefined, problems: [] };
}

function held(problems: readonly string[]): Pick<ExclusionsView, 'hold' | 'problems'> {
  const reason = `${problems.join(' ')} Until then the scores stay as they stand.`;
  return { hold: { name: null, reason, at: null }, problems: [reason] };
}

/** Whether images are simulated; null where neither their files nor the notes say. */
export const orUnknown = (isSimulated: boolean | null, notes: Study | undefined): boolean | null =>
  isSimulated || (notes ? false : null);

/** A plate's map and current readings. */
export async function loadPlate(study: string, plate: string, { bucket, readings }: Sources): Promise<PlateView> {
  const [map, current] = await Promise.all([loadMap(study, plate, bucket), readings.ofPlate(study, plate)]);
  const { problems, ...facts } = map;
  return { input: { plate, readings: current, ...facts }, problems };
}

/**
 * Every plate that still has objects, and of the plates known from before those that still have readings: the removal of
 * their images is on its way.
 */
export async function loadPlates(
  study: string,
  knownPlates: readonly string[],
  sources: Sources,
): Promise<PlateView[]> {
  const there: string[] = [];
  for await (const plate of sources.bucket.plates(study)) there.push(plate);
  const isThere = new Set(there);
  const limit = pLimit(CONCURRENCY);
  const load = (plate: string) => limit(() => loadPlate(study, plate, sources));
  const left = await Promise.all(knownPlates.filter((plate) => !isThere.has(plate)).map(load));
  return [...(await Promise.all(there.map(load))), ...left.filter(({ input }) => hasReadings(input))];
}

const hasReadings = ({ readings }: PlateInput): boolean => readings.some(({ status }) => status !== 'deleted');

interface MapView {
  map: PlateMap | undefined;
  mapVersion?: string;
  problems: string[];
}

export async function loadMap(study: string, plate: string, bucket: Sources['bucket']): Promise<MapView> {
  const key = plateMapKey(study, plate);
  const found = await bucket.getText(key);
  if (!found) return { map: undefined, problems: [] };
  const { value, problems } = usable(() => parsePlateMap(found.text, key));
  return { map: value, mapVersion: found.etag, problems };
}

function usable<T>(parse: () => T): { value: T | undefined; problems: string[] } {
  try {
    return { value: parse(), problems: [] };
  } catch (error) {
    if (!(error instanceof NotesError)) throw error;
    return { value: undefined, problems: [error.message] };
  }
}
