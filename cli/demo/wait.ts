/** Waits until every uploaded image has a reading, told by the table itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from '../books.ts';

const POLL_MS = 700;

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
  let movedAt = Date.now();
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
    await sleep(POLL_MS);
  }
}
