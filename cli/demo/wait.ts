/** Waits until every uploaded image has a reading, told by the table itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from '../books.ts';

/** Often near the end, seldom before: a recount reads every reading, which the cloud on the same machine pays for. */
const PAUSE_MS = { shortest: 300, longest: 2_000 } as const;

/** A quarter of the time that is left at the pace so far. */
export function pauseMs(done: number, expected: number, elapsedMs: number): number {
  const leftMs = done > 0 ? ((expected - done) * elapsedMs) / done : Number.POSITIVE_INFINITY;
  return Math.min(PAUSE_MS.longest, Math.max(PAUSE_MS.shortest, leftMs / 4));
}

export interface ReadingsProgress {
  /** Counts what is read so far; called now and then, so it must be cheap. */
  count: () => Promise<Books>;
  expected: number;
  /** Gives up when nothing moved for so long. */
  patienceMs: number;
  onProgress: (done: number) => void;
}

/** @throws when no new reading came for `patienceMs`. */
export async function waitForReadings({ count, expected, patienceMs, onProgress }: ReadingsProgress): Promise<Books> {
  let best = -1;
  const started = Date.now();
  let movedAt = started;
  for (;;) {
    const books = await count();
    const done = books.readings + books.rejected;
    if (done > best) {
      best = done;
      movedAt = Date.now();
      onProgress(done);
    }
    if (done >= expected && books.missing === 0) return books;
    if (Date.now() - movedAt > patienceMs)
      throw new Error(`only ${done} of ${expected} images were read, and nothing moved for ${patienceMs / 1000} s`);
    await sleep(pauseMs(done, expected, Date.now() - started));
  }
}
