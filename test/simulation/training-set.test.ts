/** The labelled set that the shipped weights were trained on. */
import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import { describe, expect, it } from 'vitest';
import { trainingInput } from '../../simulation/training/input.ts';
import { planTrainingSet } from '../../simulation/training/plan.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

describe('the shipped weights’ set', () => {
  const rows = planTrainingSet(10_400);

  it('has the rows it had', () => {
    expect(rows).toHaveLength(11_336);
    expect(sha256(Buffer.from(stringify(rows, { header: true })))).toBe('f04ca1af0599f3d6');
  });

  it.each([
    [2500, '6175f30feffac1cb'],
    [7777, 'c7e30b1deb4fecfe'],
    [11_000, 'e80afca9e2f54a23'],
  ])('has the pixels in row %d that it had when they were trained: another renderer needs new weights', (row, hash) => {
    const planned = rows[row];
    expect(planned && sha256(trainingInput(planned))).toBe(hash);
  });
});

describe('a set of any size', () => {
  it.each([1, 120, 600, 2000, 9000, 10_400, 12_345, 30_000])('of %d images is one that a training takes', (images) => {
    const rows = planTrainingSet(images);
    expect(new Set(rows.map(({ split }) => split))).toEqual(new Set(['train', 'validation', 'test', 'unseen']));
    // As model-container/nvir/labels.py judges it: wells of one dosing do not train and judge.
    const splitsOfBatch = new Map<string, Set<string>>();
    for (const { batch, split } of rows)
      splitsOfBatch.set(batch, (splitsOfBatch.get(batch) ?? new Set<string>()).add(split));
    expect([...splitsOfBatch].filter(([, splits]) => splits.size > 1)).toEqual([]);
  });
});
