/** A study as it now stands: its notes from the bucket, its readings from the table, both read consistently. */
import pLimit from 'p-limit';
import { type Exclusion, parseExclusions } from '../domain/exclusions.ts';
import { exclusionsKey, lockKey, plateMapKey, studyNotesKey } from '../domain/keys.ts';
import { type Lock, parseLock } from '../domain/lock.ts';
import { NotesError } from '../domain/notes-error.ts';
import { type PlateMap, parsePlateMap } from '../domain/platemap.ts';
import type { PlateInput } from '../domain/score-study.ts';
import { parseStudy, type Study } from '../domain/study.ts';
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

/** What people decided of a study. */
export interface StudyDecisions {
  exclusions: Exclusion[];
  /** ETag of exclusions.csv. */
  exclusionsVersion?: string;
  /** Undefined while nothing holds the scores. */
  lock: Lock | undefined;
  problems: string[];
}

export async function loadDecisions(study: string, { bucket }: Pick<Sources, 'bucket'>): Promise<StudyDecisions> {
  const [{ problems, ...exclusions }, lock] = await Promise.all([
    loadExclusions(study, { bucket }),
    loadLock(study, { bucket }),
  ]);
  return { ...exclusions, lock: lock.lock, problems: [...problems, ...lock.problems] };
}

/** exclusions.csv. One that cannot be used takes nothing out, and says so. */
export async function loadExclusions(
  study: string,
  { bucket }: Pick<Sources, 'bucket'>,
): Promise<Omit<StudyDecisions, 'lock'>> {
  const key = exclusionsKey(study);
  const found = await bucket.getText(key);
  if (!found) return { exclusions: [], problems: [] };
  const { value, problems } = usable(() => parseExclusions(found.text, key));
  return {
    exclusions: value ?? [],
    exclusionsVersion: found.etag,
    problems: problems.map((problem) => `${problem} Until then no well is left out by it.`),
  };
}

/** lock.json, where it locks. */
export async function loadLock(
  study: string,
  { bucket }: { bucket: Pick<ExportBucket, 'getText'> },
): Promise<Pick<StudyDecisions, 'lock' | 'problems'>> {
  const key = lockKey(study);
  const found = await bucket.getText(key);
  if (!found) return { lock: undefined, problems: [] };
  const { value, problems } = usable(() => parseLock(found.text, key));
  return { lock: value?.locked ? value : undefined, problems };
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
