/** One look at an image: what its reading says, what the bucket says, and what follows. */
import type { ExportBucket, ObjectVersion } from '../aws/export-bucket.ts';
import type { Log } from '../aws/log.ts';
import { type ImagePlace, imageKey } from '../domain/keys.ts';
import { isReadBy, type Reader } from '../domain/reads/read-again.ts';
import { READING_SCHEMA, type Reading, type Rejection } from '../domain/reads/reading.ts';
import type { DeclaredBitDepth } from './declared-bit-depths.ts';
import { withFrameMemory } from './frame-memory.ts';

/** The part of imaging that is used here. */
export interface Imaging {
  version: string;
  /** Larger objects are rejected unread. */
  maxBytes: number;
  /** Keeps nothing of the content once it has answered. */
  prepare(content: Uint8Array, options: { declaredBitDepth?: number }): Promise<Prepared | Rejected>;
}

export interface Prepared {
  input: Uint8Array;
  image: NonNullable<Reading['image']>;
  quality: NonNullable<Reading['quality']>;
  sha256: string;
}

export interface Rejected {
  rejection: Rejection;
  sha256?: string;
}

/** An image that must be written anew: with the model's number where `input` is there, as it stands otherwise. */
export interface Due {
  former: Reading | undefined;
  next: Reading;
  input: Uint8Array | undefined;
  /** The former reading stands unless one of these makes the next one; undefined where it does not stand. */
  onlyBy: readonly Reader[] | undefined;
}

/** How an image must have been read for its reading to stand. */
export interface Wanted {
  declaredBitDepth: DeclaredBitDepth;
  /** Whom the messages ask for. What was read stands, whoever read it, where they ask for nobody. */
  readers: readonly Reader[];
}

export interface LookDeps {
  log: Log;
  bucket: Pick<ExportBucket, 'head' | 'get'>;
  imaging: Imaging;
  now: () => Date;
}

/**
 * @param former the image's current reading.
 * @returns what is due, or undefined when the reading says what the bucket holds, and those who were asked for made it or cannot.
 */
export async function look(
  place: ImagePlace,
  former: Reading | undefined,
  wanted: Wanted,
  deps: LookDeps,
): Promise<Due | undefined> {
  const { bucket, imaging } = deps;
  const { readers } = wanted;
  // What was declared before study.json could no longer be read holds until it is mended.
  const declaredBitDepth =
    wanted.declaredBitDepth === 'unreadable' ? former?.declaredBitDepth : wanted.declaredBitDepth;
  const key = imageKey(place.study, place.plate, place.path);
  // A new image needs no look before it is fetched.
  const latest = former && (await bucket.head(key));
  const asked = former ? readers.filter((reader) => !isReadBy(reader, former)) : [];
  const possible = asked.filter((reader) => isPreparedBy(reader, imaging.version));
  if (former && latest && isOf(former, latest, declaredBitDepth) && possible.length === 0) {
    if (asked.length > 0) deps.log.warn(STANDS, { key, asked, preprocessing: imaging.version });
    return undefined;
  }
  const seen = await fetchAndPrepare(key, declaredBitDepth, deps);
  if (!seen) return former && former.status !== 'deleted' ? gone(former, deps.now()) : undefined;
  const { object, outcome } = seen;
  const next: Reading = {
    schema: READING_SCHEMA,
    ...place,
    key,
    versionId: object.versionId,
    etag: object.etag,
    bytes: object.bytes,
    uploadedAt: object.uploadedAt,
    revision: (former?.revision ?? 0) + 1,
    preprocessingVersion: imaging.version,
    readAt: deps.now().toISOString(),
    ...(declaredBitDepth === undefined ? {} : { declaredBitDepth }),
    ...('input' in outcome
      ? { status: 'read', sha256: outcome.sha256, image: outcome.image, quality: outcome.quality }
      : {
          status: 'rejected',
          rejection: outcome.rejection,
          ...(outcome.sha256 === undefined ? {} : { sha256: outcome.sha256 }),
        }),
  };
  // Once more, by what was fetched: the object may have moved since it was looked at.
  const onlyBy = former && isOf(former, object, declaredBitDepth) ? possible : undefined;
  return { former, next, input: 'input' in outcome ? outcome.input : undefined, onlyBy };
}

/** Whether the image is to stay as it was read: those who were asked for did not make the next reading, others answered. */
export function isFormerKept({ next, onlyBy }: Due, { log }: LookDeps): boolean {
  if (!onlyBy || onlyBy.some((reader) => isReadBy(reader, next))) return false;
  log.warn(STANDS, { key: next.key, asked: onlyBy, answering: next.model });
  return true;
}

/** Somebody asked for readers that are not deployed: a message from before a deployment, which may have come late. */
const STANDS = 'the former reading stands';

const isPreparedBy = ({ preprocessingVersion }: Reader, version: string): boolean =>
  preprocessingVersion === undefined || preprocessingVersion === version;

async function fetchAndPrepare(
  key: string,
  declaredBitDepth: number | undefined,
  { bucket, imaging }: LookDeps,
): Promise<{ object: ObjectVersion; outcome: Prepared | Rejected } | undefined> {
  return withFrameMemory(async (memory) => {
    const object = await bucket.get(key, { maxBytes: imaging.maxBytes, memory });
    if (!object) return undefined;
    const outcome =
      object.bytes > imaging.maxBytes
        ? tooLarge(object.bytes, imaging.maxBytes)
        : await imaging.prepare(object.content, declaredBitDepth === undefined ? {} : { declaredBitDepth });
    return { object, outcome };
  });
}

/** Whether the object has moved on since a reading was made of it. */
export async function movedOn({ next }: Due, { bucket }: LookDeps): Promise<boolean> {
  const latest = await bucket.head(next.key);
  return next.status === 'deleted' ? latest !== undefined : latest?.versionId !== next.versionId;
}

/** Whether a reading says what an object holds, whoever made it. */
const isOf = (reading: Reading, object: ObjectVersion, declaredBitDepth: number | undefined): boolean =>
  reading.status !== 'deleted' &&
  reading.versionId === object.versionId &&
  reading.declaredBitDepth === declaredBitDepth;

/** The reading of an object that went: what it was stays known, what it said of cells does not count any more. */
function gone(former: Reading, at: Date): Due {
  const {
    viability: _viability,
    halfWidth90: _halfWidth90,
    domainDistance: _domainDistance,
    sharedHalfWidth90: _sharedHalfWidth90,
    quality: _quality,
    model: _model,
    rejection: _rejection,
    ...facts
  } = former;
  const next: Reading = { ...facts, status: 'deleted', revision: former.revision + 1, readAt: at.toISOString() };
  return { former, next, input: undefined, onlyBy: undefined };
}

export const tooLarge = (bytes: number, limit: number): Rejected => ({
  rejection: {
    code: 'too-large',
    reason: `the file has ${(bytes / 1e6).toFixed(0)} MB, more than ${(limit / 1e6).toFixed(0)} MB`,
    remedy: 'Export one plane and channel a file, or crop before export.',
  },
});
