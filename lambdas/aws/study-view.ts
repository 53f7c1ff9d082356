/** A study as it now stands: its notes from the bucket, its readings from the table, both read consistently. */
import pLimit from 'p-limit';
import { plateMapKey, studyNotesKey } from '../domain/keys.ts';
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
