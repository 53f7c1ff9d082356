/** All images of the labelled plates through imaging, in worker threads; inputs wait in a file, not in memory. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { imageKey } from '../../lambdas/domain/keys.ts';
import { namerOf } from '../../lambdas/domain/naming/naming.ts';
import { READING_SCHEMA, type Reading } from '../../lambdas/domain/reads/reading.ts';
import { INPUT_SIDE, PREPROCESSING_VERSION } from '../../lambdas/imaging/index.ts';
import { workInThreads } from '../../simulation/work-in-threads.ts';
import { progress } from '../console.ts';
import type { PlateFolder, PlateNotes } from './exports.ts';
import type { ImageDone, ImageJob } from './image-worker.ts';

export const INPUT_BYTES = INPUT_SIDE * INPUT_SIDE;

export interface PlateToRead extends PlateNotes {
  folder: PlateFolder;
  /** Days with ATP; images of other days are needed for their time only, and day 0 for its spheroids. */
  days: ReadonlySet<number>;
}

export interface ReadPlate {
  plate: PlateToRead;
  readings: Reading[];
}

export interface ReadImages {
  plates: ReadPlate[];
  /** Place of an image's input in the file, by its key. */
  slots: ReadonlyMap<string, number>;
}

/** @param inputs file of 65,536 bytes a slot; written anew */
export async function readImages(plates: readonly PlateToRead[], inputs: string): Promise<ReadImages> {
  const wanted = plates.flatMap((plate) => wantedOf(plate).map((path) => ({ plate, path })));
  const jobs = wanted.map(
    ({ plate, path }, index): ImageJob => ({
      index,
      file: join(plate.folder.folder, path),
      declaredBitDepth: plate.notes.bitDepth,
    }),
  );
  const readings = new Map<string, Reading>();
  const slots = new Map<string, number>();
  const file = await open(inputs, 'w');
  const bar = progress('Reading images', jobs.length);
  try {
    let done = 0;
    await workInThreads(new URL('./image-worker.ts', import.meta.url), jobs, async (answer: ImageDone) => {
      const found = wanted[answer.index];
      if (!found) return;
      const reading = readingOf(found.plate, found.path, answer);
      readings.set(reading.key, reading);
      if ('input' in answer.outcome) {
        await file.write(answer.outcome.input, 0, INPUT_BYTES, answer.index * INPUT_BYTES);
        slots.set(reading.key, answer.index);
      }
      done += 1;
      bar.update(done);
    });
  } finally {
    bar.stop();
    await file.close();
  }
  const all = plates.map((plate) => ({
    plate,
    readings: plate.folder.images.map((path) => readings.get(keyOf(plate, path)) ?? unread(plate, path)),
  }));
  return { plates: all, slots };
}

/** Images of a day that has no ATP, by their path, need no look. */
function wantedOf({ folder, notes, days }: PlateToRead): string[] {
  const nameOf = namerOf(folder.images, notes.namingPattern);
  return folder.images.filter((path) => {
    const { day } = nameOf(path);
    return day === undefined || day === 0 || days.has(day);
  });
}

const keyOf = ({ folder: { study, plate } }: PlateToRead, path: string): string => imageKey(study, plate, path);

/** What the pipeline would keep of it. */
function readingOf(plate: PlateToRead, path: string, { bytes, changedAt, outcome }: ImageDone): Reading {
  const facts = { ...unread(plate, path), bytes, uploadedAt: changedAt, readAt: changedAt };
  if ('rejection' in outcome) return { ...facts, status: 'rejected', rejection: outcome.rejection };
  return { ...facts, sha256: outcome.sha256, image: outcome.image, quality: outcome.quality };
}

function unread(plate: PlateToRead, path: string): Reading {
  const { study, plate: name } = plate.folder;
  return {
    schema: READING_SCHEMA,
    study,
    plate: name,
    path,
    key: keyOf(plate, path),
    versionId: 'local',
    etag: '',
    status: 'read',
    revision: 1,
    uploadedAt: new Date(0).toISOString(),
    preprocessingVersion: PREPROCESSING_VERSION,
    readAt: new Date(0).toISOString(),
  };
}
