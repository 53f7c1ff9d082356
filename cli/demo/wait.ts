/**
 * Waits until every uploaded image has a reading. The intake queue says when it is worth counting, for it is asked in no time; a recount
 * of all readings, which the cloud on the same machine pays for, has the last word.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from '../books.ts';

const LOOK_EVERY_MS = 500;
/** The end is timed: with so few images left, the last one may be read before the next look. */
const FEW = 64;
const LOOK_NEAR_THE_END_EVERY_MS = 50;
/** The queue may be empty for a moment before the last image's event has reached it. */
const COUNT_AGAIN_MS = 500;

export interface ReadingsProgress {
  /** Images uploaded so far. */
  sent: () => number;
  /** Messages that wait in the intake queue or are worked on. */
  queued: () => Promise<number>;
  /** Recounts bucket and readings. */
  count: () => Promise<Books>;
  expected: number;
  /** Gives up when nothing moved for so long. */
  patienceMs: number;
  onProgress: (done: number) => void;
}

/**
 * @returns the books, and when the look began that found the queue empty and the books complete (ms since 1970).
 * @throws when nothing moved for `patienceMs`.
 */
export async function waitForReadings(progress: ReadingsProgress): Promise<{ books: Books; readAt_ms: number }> {
  const { sent, queued, count, expected, patienceMs, onProgress } = progress;
  let best = 0;
  let movedAt = Date.now();
  for (;;) {
    const [uploaded, waiting, at] = [sent(), await queued(), Date.now()];
    const done = Math.max(0, uploaded - waiting);
    if (done > best) {
      [best, movedAt] = [done, at];
      onProgress(done);
    }
    const emptied = uploaded >= expected && waiting === 0;
    if (emptied) {
      const books = await count();
      if (books.images >= expected && books.missing === 0) return { books, readAt_ms: at };
    }
    if (Date.now() - movedAt > patienceMs) {
      const { readings, rejected } = await count();
      const read = readings + rejected;
      throw new Error(`only ${read} of ${expected} images were read, and nothing moved for ${patienceMs / 1000} s`);
    }
    if (emptied) await sleep(COUNT_AGAIN_MS);
    else await sleep(expected - done > FEW ? LOOK_EVERY_MS : LOOK_NEAR_THE_END_EVERY_MS);
  }
}
