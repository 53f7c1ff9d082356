/** What the books of a plate lack: images whose reading is missing or of another version, readings whose object went. */
import type { ListedObject } from '../aws/export-bucket.ts';
import type { Reading } from '../domain/reads/reading.ts';

/**
 * @param declaredBitDepth what study.json declares now; images read under another must be read again.
 * @returns keys to look at again, sorted.
 */
export function gapsOf(
  images: readonly ListedObject[],
  readings: readonly Reading[],
  declaredBitDepth: number | undefined,
): { unread: string[]; otherBitDepth: string[] } {
  const readingOf = new Map(readings.filter(({ status }) => status !== 'deleted').map((one) => [one.key, one]));
  const unread: string[] = [];
  const otherBitDepth: string[] = [];
  for (const image of images) {
    const reading = readingOf.get(image.key);
    readingOf.delete(image.key);
    if (!reading || !isOf(reading, image)) unread.push(image.key);
    else if (reading.declaredBitDepth !== declaredBitDepth) otherBitDepth.push(image.key);
  }
  // What is left has no object any more.
  return { unread: [...unread, ...readingOf.keys()].sort(), otherBitDepth: otherBitDepth.sort() };
}

/** A listing tells no version; two uploads of the same bytes still differ in their time, to the second. */
const isOf = (reading: Reading, image: ListedObject): boolean =>
  reading.etag === image.etag && second(reading.uploadedAt) === second(image.uploadedAt);

const second = (iso: string): string => iso.slice(0, 'YYYY-MM-DDThh:mm:ss'.length);
