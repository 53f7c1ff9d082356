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
