/** Which images are read again so that one model and one preprocessing read the whole of their plate read. */
import { groupBy } from '../statistics.ts';
import { identityOf } from './mixed-models.ts';
import type { ModelIdentity } from './reading.ts';

/** What is out of date, by whom images are read today. */
export interface OutOfDate {
  /** Plate reads of which another version of preprocessing read an image. */
  olderPreprocessing: boolean;
  /** Plate reads of which a model other than {@link model} read an image. */
  otherModel: boolean;
  /** The model that answers today. */
  model: ModelIdentity;
  /** Days whose plate reads are read again whatever is true of them, because of others (linked-reads.ts). */
  days?: number[] | undefined;
}

/** A current reading, as far as it matters here. */
export interface ImageRead {
  key: string;
  /** Of its plate read; an image without one is judged by itself. */
  day: number | null | undefined;
  preprocessingVersion: string;
  /** A rejected image has none. */
  model?: ModelIdentity | undefined;
}

/**
 * Images of one plate that are read again, sorted: of each plate read that holds one that is out of date, all that today's model and
 * preprocessing did not read. The others would come out the same.
 *
 * @param preprocessingVersion of those who read today
 */
export function imagesToReadAgain(
  images: readonly ImageRead[],
  what: OutOfDate,
  preprocessingVersion: string,
): string[] {
  const today = { model: what.model, preprocessingVersion };
  const drawnIn = new Set(what.days);
  const reads = groupBy(images, ({ day, key }) => (typeof day === 'number' ? `day ${day}` : `image ${key}`));
  return [...reads.values()]
    .filter((read) =>
      read.some(
        (image) =>
          (typeof image.day === 'number' && drawnIn.has(image.day)) || isOutOfDate(image, what, preprocessingVersion),
      ),
    )
    .flatMap((read) => read.filter((image) => !isReadBy(today, image)))
    .map(({ key }) => key)
    .sort();
}

/** Whether an image is a reason to read its plate read again. */
export const isOutOfDate = (
  image: ImageRead,
  { olderPreprocessing, otherModel, model }: OutOfDate,
  preprocessingVersion: string,
): boolean =>
  (olderPreprocessing && !isReadBy({ preprocessingVersion }, image)) || (otherModel && !isReadBy({ model }, image));

/** Whom somebody asks to read an image; whoever answers, where it names nobody. */
export interface Reader {
  model?: ModelIdentity | undefined;
  preprocessingVersion?: string | undefined;
}

/** What no model read, no model needs to read again. */
export const isReadBy = (reader: Reader, by: Pick<ImageRead, 'model' | 'preprocessingVersion'>): boolean =>
  (reader.preprocessingVersion === undefined || reader.preprocessingVersion === by.preprocessingVersion) &&
  (reader.model === undefined || by.model === undefined || identityOf(by.model) === identityOf(reader.model));
