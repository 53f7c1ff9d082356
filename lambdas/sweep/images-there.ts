/** Which images of a plate lie in the bucket, read or not: a plate read is complete by its images. */
import type { ListedObject } from '../aws/export-bucket.ts';
import { parseKey } from '../domain/keys.ts';
import { parseImagePath } from '../domain/naming.ts';
import { READING_SCHEMA, type Reading } from '../domain/reading.ts';
import type { Study } from '../domain/study.ts';

/**
 * The readings of images that are there, and for each unread image whose path says its day a stand-in. An unread image
 * whose path says no day belongs to no plate read yet.
 */
export function readingsOfImagesThere(
  images: readonly ListedObject[],
  readings: readonly Reading[],
  notes: Study | undefined,
): Reading[] {
  const readingOf = new Map(readings.filter(({ status }) => status !== 'deleted').map((one) => [one.key, one]));
  return images.flatMap((image) => {
    const reading = readingOf.get(image.key);
    if (reading) return [reading];
    return dayOf(image.key, notes) === undefined ? [] : standIn(image);
  });
}

/** Days of the plate reads that these images may belong to; `any` when a path does not say. */
export function daysOf(keys: readonly string[], notes: Study | undefined): ReadonlySet<number | 'any'> {
  return new Set(keys.map((key) => dayOf(key, notes) ?? 'any'));
}

function dayOf(key: string, notes: Study | undefined): number | undefined {
  const parsed = parseKey(key);
  return parsed.kind === 'image' ? parseImagePath(parsed.path, notes?.namingPattern).day : undefined;
}

function standIn({ key, etag, uploadedAt }: ListedObject): Reading[] {
  const parsed = parseKey(key);
  if (parsed.kind !== 'image') return [];
  const { study, plate, path } = parsed;
  return [
    {
      schema: READING_SCHEMA,
      study,
      plate,
      path,
      key,
      etag,
      uploadedAt,
      versionId: '',
      revision: 0,
      status: 'rejected',
      rejection: { code: 'unread', reason: 'not read yet', remedy: 'Wait, or see the dead letters.' },
      preprocessingVersion: '',
      readAt: '',
    },
  ];
}
