/** Reads images: looks at each, asks the model once for all of them, writes, and looks whether an object moved on meanwhile. */
import pLimit from 'p-limit';
import { type Answer, MAX_IMAGES_PER_CALL, type ModelEndpoint } from '../aws/model-endpoint.ts';
import { type ReadingsTable, RevisionConflict } from '../aws/readings-table.ts';
import { UnreadableReading } from '../aws/unreadable-reading.ts';
import { type ImagePlace, imageKey } from '../domain/keys.ts';
import { flagDomain } from '../domain/reads/quality.ts';
import type { Reader } from '../domain/reads/read-again.ts';
import type { Reading } from '../domain/reads/reading.ts';
import type { DeclaredBitDepths } from './declared-bit-depths.ts';
import { type Due, isFormerKept, type LookDeps, look, movedOn } from './look.ts';

export interface ReadImagesDeps extends LookDeps {
  readings: Pick<ReadingsTable, 'current' | 'keep'>;
  endpoint: Pick<ModelEndpoint, 'read'>;
  /** Images that are fetched and decoded at once. */
  concurrency: number;
}

/** Rounds after which an object that keeps moving is left to the next message. */
const MAX_ROUNDS = 5;

/**
 * @param readers who are to have read an image, by its key
 * @returns the keys whose reading could not be brought up to date, with the error; asking again later is safe.
 */
export async function readImages(
  places: readonly ImagePlace[],
  readers: ReadonlyMap<string, readonly Reader[]>,
  bitDepths: DeclaredBitDepths,
  deps: ReadImagesDeps,
): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  let open = [...places];
  for (let round = 0; open.length > 0; round += 1) {
    if (round === MAX_ROUNDS) {
      for (const place of open) failed.set(keyOf(place), new Error(`the object kept changing for ${MAX_ROUNDS} looks`));
      break;
    }
    open = await readOnce(open, readers, bitDepths, deps, failed);
    if (open.length > 0) bitDepths.forget();
  }
  return failed;
}

/** One round. @returns the images that must be looked at again. */
async function readOnce(
  places: readonly ImagePlace[],
  readers: ReadonlyMap<string, readonly Reader[]>,
  bitDepths: DeclaredBitDepths,
  deps: ReadImagesDeps,
  failed: Map<string, unknown>,
): Promise<ImagePlace[]> {
  const limit = pLimit(deps.concurrency);
  const attempt = async <T>(place: ImagePlace, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failed.set(keyOf(place), error);
      return undefined;
    }
  };
  // One question for all of them. Whoever writes one meanwhile is found out by its revision when this one is written.
  const formers = deps.readings.current(places);
  const looked = await Promise.all(
    places.map((place) =>
      limit(() =>
        attempt(place, async () => {
          const [known, declaredBitDepth] = await Promise.all([formers, bitDepths.of(place.study)]);
          const former = known.get(keyOf(place));
          if (former instanceof UnreadableReading) throw former;
          const wanted = { declaredBitDepth, readers: readers.get(keyOf(place)) ?? [] };
          const due = await look(place, former, wanted, deps);
          return { place, declaredBitDepth, due };
        }),
      ),
    ),
  );
  const due = looked.flatMap((item) => (item?.due ? [{ ...item, due: item.due }] : []));
  await askModel(
    due.map((item) => item.due),
    deps,
    failed,
  );
  const again = await Promise.all(
    due
      .filter((item) => !failed.has(item.due.next.key) && !isFormerKept(item.due, deps))
      .map((item) =>
        limit(() =>
          attempt(item.place, async () => {
            const kept = await keep(item.due, deps);
            const changed = !kept || (await movedOn(item.due, deps));
            return changed ? item.place : undefined;
          }),
        ),
      ),
  );
  const moved = new Set(again.flatMap((place) => place ?? []));
  // A study.json that changed while its images were read may declare another bit depth.
  for (const study of new Set(due.map((item) => item.place.study))) {
    const places = due.map((item) => item.place).filter((place) => place.study === study);
    try {
      if (await bitDepths.changed(study)) for (const place of places) moved.add(place);
    } catch (error) {
      for (const place of places) failed.set(keyOf(place), error);
    }
  }
  return [...moved].filter((place) => !failed.has(keyOf(place)));
}

/** Fills in viability, its interval, the domain's distance and the model, in one call to the endpoint for up to 90 images. */
async function askModel(
  due: readonly Due[],
  { endpoint }: ReadImagesDeps,
  failed: Map<string, unknown>,
): Promise<void> {
  const images = due.flatMap(({ next, input }) => (input ? [{ next, input }] : []));
  for (let from = 0; from < images.length; from += MAX_IMAGES_PER_CALL) {
    const part = images.slice(from, from + MAX_IMAGES_PER_CALL);
    try {
      const answer = await endpoint.read(part.map(({ input }) => input));
      for (const [index, { next }] of part.entries()) Object.assign(next, saidOf(next, index, answer));
    } catch (error) {
      for (const { next } of part) failed.set(next.key, error);
    }
  }
}

/** What the model says of one image of a call. */
function saidOf(
  { quality }: Reading,
  index: number,
  { viabilities, halfWidths90, domainDistances, sharedHalfWidths90, model }: Answer,
): Partial<Reading> {
  const viability = viabilities[index];
  if (viability === undefined) return {};
  const halfWidth90 = halfWidths90?.[index];
  const domainDistance = domainDistances?.[index];
  const sharedHalfWidth90 = sharedHalfWidths90?.[index];
  return {
    viability,
    ...(halfWidth90 === undefined ? {} : { halfWidth90 }),
    ...(domainDistance === undefined ? {} : { domainDistance }),
    ...(sharedHalfWidth90 === undefined ? {} : { sharedHalfWidth90 }),
    ...(quality && { quality: flagDomain(quality, domainDistance) }),
    model,
  };
}

/** @returns false when somebody else wrote meanwhile. */
async function keep({ former, next }: Due, { readings, log }: ReadImagesDeps): Promise<boolean> {
  try {
    await readings.keep(next, former);
    return true;
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
    log.info('somebody else wrote this reading meanwhile', { key: next.key });
    return false;
  }
}

const keyOf = ({ study, plate, path }: ImagePlace): string => imageKey(study, plate, path);
