/** Which images of a plate lie in the bucket, read or not: a plate read is complete by its images. */
import type { ListedObject } from '../aws/export-bucket.ts';
import { parseKey } from '../domain/keys.ts';
import { namerOf } from '../domain/naming/naming.ts';
import type { Study } from '../domain/notes/study.ts';
import { READING_SCHEMA, type Reading } from '../domain/reads/reading.ts';

export interface ImagesThere {
  /** The readings of images that are there, and for each unread one whose path says its day a stand-in. */
  readings: Reading[];
  /** Days of the plate reads that the unread images may belong to; `any` when a path does not say. */
  unreadDays: ReadonlySet<number | 'any'>;
}

/** An unread image whose path says no day belongs to no plate read yet. */
export function imagesThere(
  images: readonly ListedObject[],
  unread: readonly string[],
  readings: readonly Reading[],
  notes: Study | undefined,
): ImagesThere {
  const dayOf = dayByKey(images, notes);
  const readingOf = new Map(readings.filter(({ status }) => status !== 'deleted').map((one) => [one.key, one]));
  return {
    readings: images.flatMap((image) => {
      const reading = readingOf.get(image.key);
      if (reading) return [reading];
      return dayOf(image.key) === undefined ? [] : standIn(image);
    }),
    unreadDays: new Set(unread.map((key) => dayOf(key) ?? 'any')),
  };
}

/** Names the images of the plate together, as scoring does: the naming pattern is compiled once. */
function dayByKey(images: readonly ListedObject[], notes: Study | undefined): (key: string) => number | undefined {
  const paths = new Map(
    images.flatMap(({ key }): [string, string][] => {
      const parsed = parseKey(key);
      return parsed.kind === 'image' ? [[key, parsed.path]] : [];
    }),
  );
  const nameOf = namerOf(paths.values(), notes?.namingPattern);
  return (key) => {
    const path = paths.get(key);
    return path === undefined ? undefined : nameOf(path).day;
  };
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
