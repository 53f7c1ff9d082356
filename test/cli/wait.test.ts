import { expect, it } from 'vitest';
import type { Books } from '../../cli/books.ts';
import { waitForReadings } from '../../cli/demo/wait.ts';

const EXPECTED = 4;
const books = (missing: number): Books => ({
  images: EXPECTED,
  readings: EXPECTED - missing,
  rejected: 0,
  missing,
  missingKeys: [],
  strays: 0,
  strayKeys: [],
});

/** One look after the other; the last one stays. */
const inTurn = <T>(values: readonly T[]): (() => T) => {
  const left = [...values];
  return () => {
    const value = left.length > 1 ? left.shift() : left[0];
    if (value === undefined) throw new Error('nothing to answer');
    return value;
  };
};

const wait = (over: { sent: number[]; queued: number[]; missing: number[]; patienceMs?: number }) => {
  const [sent, queued, missing] = [inTurn(over.sent), inTurn(over.queued), inTurn(over.missing)];
  const seen = { counts: 0, done: [] as number[] };
  const result = waitForReadings({
    sent,
    queued: async () => queued(),
    count: async () => {
      seen.counts += 1;
      return books(missing());
    },
    expected: EXPECTED,
    patienceMs: over.patienceMs ?? 5_000,
    onProgress: (done) => seen.done.push(done),
  });
  return { result, seen };
};

it('counts only when all is uploaded and the queue is empty, and tells what is done meanwhile', async () => {
  const { result, seen } = wait({ sent: [1, 3, 4], queued: [1, 2, 2, 0], missing: [0] });
  await expect(result).resolves.toMatchObject({ books: { readings: EXPECTED, missing: 0 } });
  expect(seen).toEqual({ counts: 1, done: [1, 2, 4] });
});

it('does not take a queue for the last word: an event may not have reached it yet', async () => {
  const { result, seen } = wait({ sent: [4], queued: [0], missing: [1, 0] });
  const { books: last, readAt_ms } = await result;
  expect(last.missing).toBe(0);
  expect(seen.counts).toBe(2);
  expect(Date.now() - readAt_ms).toBeLessThan(400);
});

it('gives up with the number of images that were read', async () => {
  const { result } = wait({ sent: [4], queued: [3], missing: [3], patienceMs: 150 });
  await expect(result).rejects.toThrow('only 1 of 4 images were read, and nothing moved for 0.15 s');
});
