/** Looks through one plate: its books, its score's age, its plate reads. */
import type { Announcer } from '../aws/announcer.ts';
import type { ExportBucket, ListedObject } from '../aws/export-bucket.ts';
import type { Log } from '../aws/log.ts';
import type { ReadingsTable } from '../aws/readings-table.ts';
import { type ScoresTable, scoreKeys } from '../aws/scores-table.ts';
import { sha256 } from '../aws/stable-json.ts';
import { loadExclusions, loadNotes, loadPlate, type PlateView, type StudyNotes } from '../aws/study-view.ts';
import type { ScoringQueue, WorkQueue } from '../aws/work-queue.ts';
import { parseKey } from '../domain/keys.ts';
import type { RecheckMessage } from '../domain/messages.ts';
import { summarisePlate } from '../domain/reads/completeness.ts';
import { daysDrawnIn, linkedReads, readPlateOf } from '../domain/reads/linked-reads.ts';
import { placeReadings } from '../domain/reads/plate-reads.ts';
import { imagesToReadAgain, type OutOfDate } from '../domain/reads/read-again.ts';
import { inputsOf } from '../domain/scoring/inputs-digest.ts';
import { PREPROCESSING_VERSION } from '../imaging/version.ts';
import { closeReads } from './close-reads.ts';
import { gapsOf } from './gaps.ts';
import { imagesThere } from './images-there.ts';

export interface SweepPlateDeps {
  bucket: Pick<ExportBucket, 'getText' | 'plates' | 'objects'>;
  readings: Pick<ReadingsTable, 'ofPlate'>;
  scores: Pick<ScoresTable, 'get' | 'list' | 'mark'>;
  intake: Pick<WorkQueue<RecheckMessage>, 'send'>;
  scoring: Pick<ScoringQueue, 'request'>;
  announcer: Pick<Announcer, 'announce'>;
  /** Of the drug reference that scores are made with; undefined in a test without one. */
  referenceSha256: string | undefined;
  now: () => Date;
  log: Log;
}

export interface PlateToSweep {
  study: string;
  plate: string;
  notesOnly?: boolean | undefined;
  readAgain?: OutOfDate | undefined;
}

export async function sweepPlate(
  { study, plate, notesOnly, readAgain }: PlateToSweep,
  deps: SweepPlateDeps,
): Promise<void> {
  const notes = await loadNotes(study, deps);
  const objects = await objectsOf(study, plate, deps);
  const images = objects.filter(({ key }) => parseKey(key).kind === 'image');
  const view = await loadPlate(study, plate, deps);
  // Notes that cannot be used declare nothing; what was read under the former ones stays until they are mended.
  const isUsable = notes.problems.length === 0;
  const { readings } = view.input;
  const { unread, otherBitDepth } = gapsOf(images, readings, notes.notes?.bitDepth);
  const again = new Map<string, RecheckMessage>(
    [...(notesOnly ? [] : unread), ...(isUsable ? otherBitDepth : [])].map((key) => [key, { kind: 'recheck', key }]),
  );
  // One message an image: the one that asks for more.
  for (const message of readAgain ? outOfDate(view, notes, readAgain) : []) again.set(message.key, message);
  await deps.intake.send([...again.values()]);
  if (notesOnly) return;
  // What is gone should have no score.
  const stale = objects.length === 0 || (await isStale(study, view, notes, deps));
  if (stale) await deps.scoring.request(study);
  const closed = await close(study, view, notes, { images, unread }, deps);
  deps.log.info('looked through', { study, plate, images: images.length, again: again.size, stale, closed });
}

function outOfDate({ input }: PlateView, { notes }: StudyNotes, what: OutOfDate): RecheckMessage[] {
  const plate = readPlateOf(input, notes);
  const own = daysDrawnIn(linkedReads(plate, notes, what, PREPROCESSING_VERSION), notes?.normalisation);
  const days = [...(what.days ?? []), ...(own.get(plate.plate) ?? [])];
  const keys = imagesToReadAgain(plate.images, { ...what, days }, PREPROCESSING_VERSION);
  const reader = { model: what.model, preprocessingVersion: PREPROCESSING_VERSION };
  return keys.map((key) => ({ kind: 'recheck', key, ...reader }));
}

async function objectsOf(study: string, plate: string, { bucket }: SweepPlateDeps): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const object of bucket.objects(study, plate)) objects.push(object);
  return objects;
}

/** Whether the plate's scores were made from something else than what now stands. */
async function isStale(
  study: string,
  { input }: PlateView,
  { notesVersion }: StudyNotes,
  { bucket, scores, referenceSha256 }: SweepPlateDeps,
): Promise<boolean> {
  const item = await scores.get(study, scoreKeys.plate(input.plate));
  const { exclusionsVersion } = await loadExclusions(study, { bucket });
  return item?.inputsDigest !== sha256(inputsOf(input, { notesVersion, referenceSha256, exclusionsVersion }));
}

async function close(
  study: string,
  { input }: PlateView,
  { notes }: StudyNotes,
  { images, unread }: { images: readonly ListedObject[]; unread: readonly string[] },
  deps: SweepPlateDeps,
): Promise<number> {
  const { readings, unreadDays } = imagesThere(images, unread, input.readings, notes);
  const summary = summarisePlate(input.plate, placeReadings(readings, notes, input.map), input.map, notes);
  const lastUpload =
    images
      .map(({ uploadedAt }) => uploadedAt)
      .sort()
      .at(-1) ?? '';
  return closeReads(study, summary, { lastUpload, unreadDays }, deps);
}
